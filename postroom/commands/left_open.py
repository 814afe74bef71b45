"""What a spreadsheet leaves open, such as which of its sheets is meant: asked of a person."""

import sys
from dataclasses import dataclass, field

from postroom.commands.printing import choose
from postroom.errors import WhichColumn, WhichEncoding, WhichSheet

LEFT_OPEN = (WhichSheet, WhichColumn, WhichEncoding)


@dataclass
class How:
    """How a file is to be read, as somebody said on the command line or was asked."""

    sheet: str = ""
    encoding: str = ""
    said: dict[str, str] = field(default_factory=dict)
    """What a column is → the heading over it."""


def can_ask(*, yes: bool) -> bool:
    """Return whether somebody is there to be asked, and did not answer everything with *yes*."""
    return sys.stdin.isatty() and not yes


def ask_about(
    question: WhichSheet | WhichColumn | WhichEncoding,
    how: How,
    *,
    of_sheets: str = "Which sheet is the list?",
) -> None:
    """Ask what *question* leaves open, of several sheets *of_sheets*. *how* gets the answer."""
    match question:
        case WhichSheet():
            how.sheet = choose(of_sheets, question.sheets)
        case WhichColumn():
            whose = "Which column holds the email addresses?"
            how.said["address"] = choose(whose, question.headings, question.likely)
        case WhichEncoding():
            how.encoding = _reading(question)


def _reading(question: WhichEncoding) -> str:
    """Ask how a word of the file reads, by its number; return the encoding that reads it so."""
    options = [f"{word}  ({encoding})" for encoding, word in question.readings]
    chosen = choose("How does this word of the file read?", options, options[0])
    return question.readings[options.index(chosen)][0]
