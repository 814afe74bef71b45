"""Places: in which row of which spreadsheet somebody stands, as the spreadsheets count."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True, slots=True)
class FileRow:
    """A row of one of several spreadsheets, in each of which there is a row 2."""

    spreadsheet: int  # which of them, from 0: they come in the order of the campaign's lists
    row: int
    file: str  # what the spreadsheet is called

    def __str__(self) -> str:
        return f"{self.row} of {self.file}"


Place = int | FileRow
"""Where all come from one spreadsheet, the number of the row says it. Never both in one campaign.

A text that goes to nobody we hold has the place 0.
"""


def row_of(place: Place) -> int:
    """Return the number of the row, in whichever spreadsheet."""
    return place if isinstance(place, int) else place.row


def file_of(place: Place) -> str:
    """Return the name of the spreadsheet; nothing where there is only one."""
    return "" if isinstance(place, int) else place.file


def spreadsheet_of(place: Place) -> int:
    """Return which of the spreadsheets it is, from 0."""
    return 0 if isinstance(place, int) else place.spreadsheet
