"""Reasons: kept for the record, and so never with anybody's address."""

import pytest

from postroom.errors import NotPermitted
from postroom.reasons import stated

WITH_ADDRESS = "ann@example.com wrote"


def test_a_reason_is_what_was_typed():
    assert stated(" Email of 3 May ", "--because") == "Email of 3 May"
    assert stated("Rated @ 5 by 3 schools", "--because")


@pytest.mark.parametrize("typed", ["", "  ", WITH_ADDRESS, "Ann <ANN@oak.example.com>"])
def test_nothing_and_an_address_are_no_reason(typed):
    with pytest.raises(NotPermitted, match="--because") as refusal:
        stated(typed, "--because")

    assert "example.com" not in str(refusal.value)
