"""Checks: a recipient's values look as if the spreadsheet had spoilt them."""

import re
from collections.abc import Iterator

from postroom.content.campaign_file import Route
from postroom.content.checks.kinds import Brief, Check, Person, Rank
from postroom.content.checks.placeholders import notes_in

_BROKEN = {
    *("nan", "NaN", "NaT", "NULL", "null", "None", "undefined", "-nan", "<NA>"),
    *("n/a", "N/A", "n.a.", "N/a"),
    *("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "####", "#####"),
}
_NUMBERS = re.compile(r"urn|id$|number|code|ref|count|phone|ukprn|laestab|post", re.IGNORECASE)
_NAMES = re.compile(r"name|school|contact|organisation|trust", re.IGNORECASE)
_DAY_NUMBER = re.compile(r"\d{5}(?:\.\d+)?")
_FIRST_DAY, _LAST_DAY = 36_526, 58_849  # 1 January 2000 and 12 February 2061, as Excel counts days
_PERSONAL = re.compile(
    r"@(?:(?:gmail|googlemail|icloud|me|mac|aol|protonmail|btinternet|sky|ntlworld|virginmedia|"
    r"blueyonder|mail|gmx)\.(?:com|co\.uk|net)|(?:proton|pm)\.me|talktalk\.net|"
    r"(?:hotmail|outlook|live|msn|yahoo|ymail|rocketmail)\.(?:com|co\.uk|[a-z]{2,3}))$",
    re.IGNORECASE,
)


def _broken_cell(person: Person, _: Brief) -> Iterator[str]:
    for column, value in person.fields.items():
        if value.strip() in _BROKEN:
            yield (
                f"The column {column} holds “{value.strip()}”, which a spreadsheet or program "
                "writes for an empty or broken cell. Mend the cell and import the list again."
            )


def _note_in_cell(person: Person, _: Brief) -> Iterator[str]:
    for column, value in person.fields.items():
        if any(notes_in(value)):
            yield (
                f"The column {column} holds a note such as [Name] or TBC in place of a value. Fill "
                "the cell and import the list again."
            )


def _day_number(person: Person, _: Brief) -> Iterator[str]:
    for column, value in person.fields.items():
        if not _NUMBERS.search(column) and _counts_days(value.strip()):
            yield (
                f"The column {column} holds a five-figure number where a date may be meant: a "
                "spreadsheet counts days so. Format the column as text, as you want it read."
            )


def _counts_days(value: str) -> bool:
    return bool(_DAY_NUMBER.fullmatch(value)) and _FIRST_DAY <= float(value) <= _LAST_DAY


def _name_in_capitals(person: Person, _: Brief) -> Iterator[str]:
    for column, value in person.fields.items():
        letters = re.sub(r"[\W\d_]", "", value)
        words = len(value.split())
        if _NAMES.search(column) and letters.isupper() and (words > 1 or len(letters) > 5):
            yield f"The column {column} holds a name in CAPITALS. Write it as people write it."


def _name_in_small_letters(person: Person, _: Brief) -> Iterator[str]:
    for column, value in person.fields.items():
        letters = re.sub(r"[\W\d_]", "", value)
        if _NAMES.search(column) and letters.islower() and "@" not in value:
            yield f"The column {column} holds a name in small letters. Begin it with a capital."


def _personal_address(person: Person, brief: Brief) -> Iterator[str]:
    if brief.campaign.route is Route.DIRECT and _PERSONAL.search(person.address):
        yield (
            "The address is with a provider of personal mailboxes, not an institution's. Make sure "
            "that the person gave it to you for this."
        )


PERSON_CHECKS = (
    Check[Person](
        "broken-cell",
        Rank.WARN,
        "A column holds what a spreadsheet or program writes for an empty or broken cell, such as "
        "nan or #N/A. Where it reaches the text, odd-value stops the campaign.",
        "Mend the cell and import the list again.",
        _broken_cell,
    ),
    Check[Person](
        "note-in-cell",
        Rank.WARN,
        "A column holds a note to its maker, such as [Name] or TBC. Where it reaches the text, "
        "placeholder-left stops the campaign.",
        "Fill the cell and import the list again.",
        _note_in_cell,
    ),
    Check[Person](
        "day-number",
        Rank.WARN,
        "A column holds a number such as 45313 where a date may be meant: that is how spreadsheets "
        "count days.",
        "Format the column as text, and type the date as readers should see it.",
        _day_number,
    ),
    Check[Person](
        "name-in-capitals",
        Rank.WARN,
        "A name or school is in capitals.",
        "Write it as people write it.",
        _name_in_capitals,
    ),
    Check[Person](
        "name-in-small-letters",
        Rank.WARN,
        "A name or school is in small letters.",
        "Begin it with a capital.",
        _name_in_small_letters,
    ),
    Check[Person](
        "personal-address",
        Rank.WARN,
        "An address of a direct campaign is with a provider of personal mailboxes.",
        "Make sure that the person gave it to you for this.",
        _personal_address,
    ),
)
