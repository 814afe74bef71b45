import csv

import pytest

from postroom.audience.exports import as_it_was
from postroom.reports.by_message import COLUMNS, as_csv


@pytest.mark.parametrize("name", ["\u00a0=1+1", "'=1+1", " ＝1+1", "@SUM(A1)"])
def test_a_school_called_like_a_formula_is_text_and_comes_back_as_it_was(name):
    row = ("a@example.com", name, *[""] * (len(COLUMNS) - 1))

    [_, [address, school, *_]] = csv.reader("".join(as_csv(iter([row]), first=0)).splitlines())

    assert address == "a@example.com"
    assert school == f"'{name}"
    assert as_it_was(school) == name
