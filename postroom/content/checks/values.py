"""Checks: a recipient's values look as if the spreadsheet had spoilt them."""

import re
from collections.abc import Iterator

from postroom.content.campaign_file import Route
from postroom.content.checks.kinds import Brief, Check, Person, Rank
from postroom.content.checks.placeholders import notes_in
from postroom.content.checks.size import is_damaged

_BROKEN = {
    "nan",
    "NaN",
    "NaT",
    "NULL",
    "null",
    "None",
    "undefined",
    "-nan",
    "<NA>",
    "n/a",
    "N/A",
    "n.a.",
    "N/a",
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#NAME?",
    "#DIV/0!",
    "#NUM!",
    "#NULL!",
    "####",
    "#####",
    "-",
    "--",
    "–",
    "?",
    "??",
    "unknown",
    "Unknown",
    "UNKNOWN",
    "not known",
    "Not known",
}
_NUMBERS = re.compile(r"urn|id$|number|code|ref|count|phone|ukprn|laestab|post", re.IGNORECASE)
_NAMES = re.compile(r"name|school|contact|organisation|trust", re.IGNORECASE)
_OF_PEOPLE = re.compile(r"^(?!.*(?:school|organisation|trust)).*(?:name|contact)", re.IGNORECASE)
_TURNED_ROUND = re.compile(r"[^\W\d_][\w'’-]*(?: [\w'’-]+)?, [^\W\d_][\w'’. -]*")
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
                f"The column {column} holds “{value.strip()}”, which is written for an empty or "
                "broken cell. Mend the cell and import the list again."
            )


def _blank_value(person: Person, brief: Brief) -> Iterator[str]:
    for column in sorted(brief.fields_shown):
        if not person.told.get(column, "not known here").strip():
            yield (
                f"recipient.{column} is blank, and the text shows it: what stands round it closes "
                "up. Fill the cell and import the list again, or say what to write without it: "
                f"{{{{ recipient.{column}|default('…') }}}}."
            )


def _damaged_value(person: Person, brief: Brief) -> Iterator[str]:
    for column in sorted(brief.fields_shown):
        if is_damaged(person.told.get(column, "")):
            yield (
                f"recipient.{column} holds letters that were read in the wrong encoding, such as "
                "â€™ for ’. Mend the file, or say with --encoding which one it is, and import it "
                "again."
            )


def _name_turned_round(person: Person, _: Brief) -> Iterator[str]:
    for column, value in person.fields.items():
        if _OF_PEOPLE.search(column) and _TURNED_ROUND.fullmatch(value.strip()):
            yield (
                f"The column {column} holds a name with the surname first and a comma. Write it as "
                "people are greeted."
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
        "blank-value",
        Rank.STOP,
        "A column that the text shows is blank, and the template says nothing of what to write "
        "then.",
        "Fill the cell, or use {{ recipient.COLUMN|default('…') }} or {% if recipient.COLUMN %}.",
        _blank_value,
    ),
    Check[Person](
        "damaged-value",
        Rank.STOP,
        "A column that the text shows holds letters that were read in the wrong encoding, such as "
        "â€™ for ’.",
        "Mend the file or say its encoding, and import the list again.",
        _damaged_value,
    ),
    Check[Person](
        "name-turned-round",
        Rank.WARN,
        "A name of a person is written surname first, with a comma.",
        "Write it as people are greeted.",
        _name_turned_round,
    ),
    Check[Person](
        "broken-cell",
        Rank.WARN,
        "A column holds what is written for an empty or broken cell, such as nan, #N/A, Unknown or "
        "a dash. Where nan or #N/A reach the text, odd-value stops the campaign.",
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
