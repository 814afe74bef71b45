"""What a list's headings mean, and what templates call each column."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postroom.errors import AudienceError

ADDRESS = frozenset(
    {"emailaddress", "email", "emailaddresses", "emails", "mail", "contactemail"}
    | {"contactemailaddress", "workemail", "workemailaddress", "schoolemail", "schoolemailaddress"}
)
SCHOOL = frozenset(
    {"school", "schoolname", "nameofschool", "establishment", "establishmentname"}
    | {"organisation", "organisationname"}
)
URN = frozenset({"urn", "schoolurn", "establishmenturn", "uniquereferencenumber"})
NAME = frozenset({"name", "fullname", "contactname", "contact", "recipientname"})
FIRST_NAME = frozenset({"firstname", "forename", "givenname"})
LAST_NAME = frozenset({"lastname", "surname", "familyname"})

_left_out_of_matching = re.compile(r"[ _-]")
_not_in_a_name = re.compile(r"[^a-z0-9]+")


def matched(heading: str) -> str:
    """Return *heading* as headings are compared: in lower case, without spaces, `_` and `-`."""
    return _left_out_of_matching.sub("", heading).lower()


def is_address(heading: str) -> bool:
    """Say whether *heading* stands over email addresses."""
    return matched(heading) in ADDRESS


@dataclass(frozen=True)
class Contact:
    """What one row says, apart from its number."""

    address: str
    school_urn: str
    school_name: str
    fields: dict[str, str]
    """Every named column but the address, in the order of its name; and `school`, `urn` and
    `name` where the row says them under any heading."""


@dataclass(frozen=True)
class Columns:
    """A list's columns, understood. Positions count from 0."""

    headings: tuple[str, ...]
    address: int
    named: tuple[tuple[str, int], ...]  # (name in templates, position), by name
    urn: int | None
    school: int | None
    name: int | None
    first_and_last: tuple[int, ...]
    meanings: tuple[str, ...]  # which of `urn`, `school` and `name` the rows say
    repeated: tuple[str, ...]  # headings that stand over more than one column

    @property
    def names(self) -> tuple[str, ...]:
        """The names that templates can use, in order."""
        return tuple(sorted({name for name, _ in self.named} | set(self.meanings)))

    def contact(self, cells: Sequence[str]) -> Contact:
        """Return what a row of *cells* says. Cells it does not reach are blank."""
        width = len(cells)
        fields = {name: cells[at] if at < width else "" for name, at in self.named}
        urn = _at(cells, self.urn).replace(" ", "")
        school = _at(cells, self.school)
        name = _at(cells, self.name) or " ".join(
            part for at in self.first_and_last if (part := _at(cells, at))
        )
        known = {"urn": urn, "school": school, "name": name}
        for meaning in self.meanings:
            fields.setdefault(meaning, known[meaning])
        return Contact(_at(cells, self.address), urn, school, fields)

    def beyond(self, cells: Sequence[str]) -> bool:
        """Say whether a row holds more than there are columns for."""
        return any(cells[len(self.headings) :])


def understand(file: str, headings: Sequence[str]) -> Columns:
    """Return what *headings* mean. Raises `AudienceError` when two could hold the address."""
    addresses = [at for at, heading in enumerate(headings) if is_address(heading)]
    if len(addresses) != 1:
        both = " and ".join(f"“{headings[at]}” (column {at + 1})" for at in addresses)
        raise AudienceError(
            f"{file}: {both} could each hold the address. Keep “email address” for the one to "
            "write to, and give the others another heading, like “other contact”."
        )
    names = list(_named(headings, leaving_out=addresses[0]))
    urn, school, name = (_position(headings, meaning) for meaning in (URN, SCHOOL, NAME))
    parts = (_position(headings, part) for part in (FIRST_NAME, LAST_NAME))
    first_and_last = tuple(at for at in parts if at is not None)
    said = {"urn": urn is not None, "school": school is not None}
    said["name"] = name is not None or bool(first_and_last)
    return Columns(
        headings=tuple(headings),
        address=addresses[0],
        named=tuple(sorted((name, at) for name, at, _ in names)),
        urn=urn,
        school=school,
        name=name,
        first_and_last=first_and_last,
        meanings=tuple(meaning for meaning, is_said in said.items() if is_said),
        repeated=tuple(dict.fromkeys(headings[at] for _, at, again in names if again)),
    )


def name_in_templates(heading: str) -> str:
    """Return what templates call the column headed *heading*: `Pupil numbers` is `pupil_numbers`.

    Empty when the heading has no letter or digit to make a name of.
    """
    name = _not_in_a_name.sub("_", heading.lower()).strip("_")
    return f"column_{name}" if name[:1].isdigit() else name


def _named(headings: Sequence[str], leaving_out: int) -> Iterator[tuple[str, int, bool]]:
    """Yield (name, position, repeated) of each column; a repeated name gets `_2`, `_3` …"""
    taken: set[str] = set()
    for at, heading in enumerate(headings):
        name = name_in_templates(heading)
        if at == leaving_out or not name:
            continue
        unique, copy = name, 1
        while unique in taken:
            copy += 1
            unique = f"{name}_{copy}"
        taken.add(unique)
        yield unique, at, copy > 1


def _position(headings: Sequence[str], meaning: frozenset[str]) -> int | None:
    return next((at for at, heading in enumerate(headings) if matched(heading) in meaning), None)


def _at(cells: Sequence[str], position: int | None) -> str:
    return cells[position] if position is not None and position < len(cells) else ""
