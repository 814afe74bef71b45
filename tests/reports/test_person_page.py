"""What is held about a person, in words."""

from datetime import UTC, datetime

import pytest

from postroom.content.confirmations import WHEN, Confirmation, Occasion
from postroom.reports.person_page import in_words

AT = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("what", list(Confirmation))
def test_an_email_that_was_sent_by_itself_says_after_what(what):
    [(name, said)] = in_words({"occasion": str(Occasion(what, AT))})

    assert name == "sent"
    assert said == f"{WHEN[what]}, 1 July 2026 at 10:30am"  # London is an hour ahead of UTC
