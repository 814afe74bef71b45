"""What a list's headings mean, and what templates call each column."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from postroom.audience.mailboxes import kind_said
from postroom.audience.urns import read_urn
from postroom.content.identity import is_a_persons
from postroom.content.known_headings import ADDRESS, FIRST_NAME, LAST_NAME, NAME, SCHOOL, URN
from postroom.errors import AudienceError, WhichColumn
from postroom.tables import ContactKind

KIND = frozenset(
    {"kindofcontact", "contactkind", "typeofcontact", "contacttype", "kindofrecipient"}
    | {"recipientkind", "recipienttype", "typeofrecipient", "mailboxtype", "personormailbox"}
)

MEANINGS = {
    "address": ADDRESS,
    "urn": URN,
    "school": SCHOOL,
    "name": NAME,
    "first_name": FIRST_NAME,
    "last_name": LAST_NAME,
    "kind": KIND,
}
OF_OURS = (
    "Row in the file",
    "What is wrong",
    "What to do",
    "Not working since",
    "Kind of contact",
)
"""Headings that our own exports add, for the person who mends them; never taken for the list's."""

NOT = "not "
"""Before a meaning in what somebody said: that column is not it, and need not be asked about."""
NOTHING_SAID: Mapping[str, str] = {}

_left_out_of_matching = re.compile(
    "[\\s_*:.,;/()\\[\\]'’\u00ad\u200b-\u200d\u2060\ufeff\u2010-\u2015-]+"
)
_no_part_of_it = re.compile(r"\((?:optional|required|mandatory|s)\)|[*]", re.IGNORECASE)
_not_in_a_name = re.compile(r"[^a-z0-9]+")


def matched(heading: str) -> str:
    """Return *heading* as headings are compared: in lower case, without spaces and marks.

    Every kind of space and hyphen counts as one, and whether it is optional is not part of it.
    """
    plain = unicodedata.normalize("NFKC", heading)
    return _left_out_of_matching.sub("", _no_part_of_it.sub("", plain)).casefold()


def is_address(heading: str) -> bool:
    """Say whether *heading* stands over email addresses."""
    return matched(heading) in ADDRESS


def meaning_of(heading: str) -> str:
    """Return what *heading* usually means: address, urn, school …; nothing when it is not known."""
    known = matched(heading)
    return next((meaning for meaning, usual in MEANINGS.items() if known in usual), "")


def sought(said: Mapping[str, str] = NOTHING_SAID) -> Callable[[str], bool]:
    """Return what tells a heading over email addresses, also the one that somebody *said* is."""
    theirs = matched(said.get("address", ""))
    return lambda heading: is_address(heading) or bool(theirs and matched(heading) == theirs)


class Contact(NamedTuple):
    """What one row says, apart from its number."""

    address: str
    school_urn: str
    school_name: str
    fields: dict[str, str]
    """Every named column but the address, in the order of its name; and `school`, `urn` and
    `name` where the row says them under any heading."""
    no_urn: str = ""
    """What stands where the URN should, and is none."""
    kind: ContactKind | None = None
    """Whether it is a person or a role's mailbox, where the row says so."""


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
    kind: int | None  # which says whether it is a person or a role's mailbox
    meanings: tuple[str, ...]  # which of `urn`, `school` and `name` the rows say
    repeated: tuple[str, ...]  # headings that stand over more than one column
    denied: Mapping[str, str]  # meanings, and the heading that somebody said is not it
    nameless: tuple[int, ...]  # columns with no heading: what stands there is not kept

    @property
    def names(self) -> tuple[str, ...]:
        """The names that templates can use, in order."""
        return tuple(sorted({name for name, _ in self.named} | set(self.meanings)))

    def contact(self, cells: Sequence[str]) -> Contact:
        """Return what a row of *cells* says. Cells it does not reach are blank."""
        if len(cells) < len(self.headings):
            cells = [*cells, *[""] * (len(self.headings) - len(cells))]
        written = "" if self.urn is None else cells[self.urn]
        urn = read_urn(written) if written else ""
        if urn and urn != written:
            cells = [urn if at == self.urn else cell for at, cell in enumerate(cells)]
        fields = dict(zip(self._names, self._cells_named(cells), strict=True))
        school = "" if self.school is None else cells[self.school]
        for meaning in self._unnamed:
            known = {"urn": urn or written, "school": school, "name": self._name(cells)}
            fields[meaning] = known[meaning]
        kind = None if self.kind is None else kind_said(cells[self.kind])
        return Contact(cells[self.address], urn, school, fields, "" if urn else written, kind)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.named)

    @cached_property
    def _cells_named(self) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """What takes the cells of the named columns from a row, in the order of their names."""
        places = [at for _, at in self.named]
        if len(places) > 1:
            return itemgetter(*places)
        return lambda cells: tuple(cells[at] for at in places)

    @cached_property
    def _unnamed(self) -> tuple[str, ...]:
        return tuple(meaning for meaning in self.meanings if meaning not in self._names)

    def _name(self, cells: Sequence[str]) -> str:
        whole = "" if self.name is None else cells[self.name]
        return whole or " ".join(cells[at] for at in self.first_and_last if cells[at])

    def beyond(self, cells: Sequence[str]) -> bool:
        """Say whether a row holds more than there are columns for."""
        return any(cells[len(self.headings) :])


def understand(
    file: str, headings: Sequence[str], said: Mapping[str, str] = NOTHING_SAID
) -> Columns:
    """Return what *headings* mean: as somebody *said* (meaning or name: heading), else as usual.

    Raises `WhichColumn` when two could hold the address, and `AudienceError` with every heading
    that was said and is not there.
    """
    theirs = _positions_of(file, headings, said)
    address = theirs["address"] if "address" in theirs else _only_address(file, headings)
    of = {
        meaning: theirs.get(meaning, _position(headings, usual))
        for meaning, usual in MEANINGS.items()
    }
    names = list(_named(headings, address, theirs))
    first_and_last = tuple(
        at for part in ("first_name", "last_name") if (at := of[part]) is not None
    )
    is_said = {meaning: of[meaning] is not None for meaning in ("urn", "school", "name")}
    is_said["name"] = is_said["name"] or bool(first_and_last)
    return Columns(
        headings=tuple(headings),
        address=address,
        named=tuple(sorted((name, at) for name, at, _ in names)),
        urn=of["urn"],
        school=of["school"],
        name=of["name"],
        first_and_last=first_and_last,
        kind=of["kind"],
        meanings=tuple(meaning for meaning in is_said if is_said[meaning]),
        repeated=tuple(dict.fromkeys(headings[at] for _, at, again in names if again)),
        denied={
            meaning.removeprefix(NOT): heading
            for meaning, heading in said.items()
            if meaning.startswith(NOT)
        },
        nameless=tuple(at for at, heading in enumerate(headings) if not heading.strip()),
    )


def there(said: Mapping[str, str], headings: Sequence[str]) -> dict[str, str]:
    """Return that part of *said* whose headings are among *headings*."""
    known = {matched(heading) for heading in headings}
    return {meaning: heading for meaning, heading in said.items() if matched(heading) in known}


def name_in_templates(heading: str) -> str:
    """Return what templates call the column headed *heading*: `Pupil numbers` is `pupil_numbers`.

    Empty when the heading has no letter or digit to make a name of.
    """
    plain = unicodedata.normalize("NFKD", heading).casefold()
    unaccented = "".join(letter for letter in plain if not unicodedata.combining(letter))
    name = _not_in_a_name.sub("_", unaccented).strip("_")
    return f"column_{name}" if name[:1].isdigit() else name


def said_to_be_personal(said: Mapping[str, str]) -> Iterator[str]:
    """Yield what templates call each column that somebody *said* holds names or addresses."""
    for meaning, heading in said.items():
        if meaning in ("address", "name", "first_name", "last_name"):
            yield name_in_templates(heading)
        elif meaning not in MEANINGS and is_a_persons(name_in_templates(heading)):
            yield meaning  # a column that templates call by another name than its heading


def _positions_of(file: str, headings: Sequence[str], said: Mapping[str, str]) -> dict[str, int]:
    positions = {
        meaning: _position(headings, frozenset({matched(heading)}))
        for meaning, heading in said.items()
        if not meaning.startswith(NOT)
    }
    if missing := [said[meaning] for meaning, at in positions.items() if at is None]:
        there_are = ", ".join(f"“{heading}”" for heading in headings if heading)
        raise AudienceError(
            *(f"{file}: there is no column “{heading}”." for heading in missing),
            f"Its columns are: {there_are}.",
        )
    return {meaning: at for meaning, at in positions.items() if at is not None}


def _only_address(file: str, headings: Sequence[str]) -> int:
    addresses = [at for at, heading in enumerate(headings) if is_address(heading)]
    if len(addresses) == 1:
        return addresses[0]
    if not addresses:
        named = [heading for heading in headings if heading]
        raise WhichColumn(
            f"{file}: no column is headed “email address” alone. Its columns are: "
            f"{', '.join(f'“{heading}”' for heading in named)}. Say which one it is with "
            '--column address="…".',
            headings=named,
        )
    both = " and ".join(f"“{headings[at]}” (column {at + 1})" for at in addresses)
    raise WhichColumn(
        f"{file}: {both} could each hold the address. Say which one with --column "
        f'address="{headings[addresses[0]]}"; where their headings are the same, give one of '
        "them another.",
        headings=[headings[at] for at in addresses],
    )


def _named(
    headings: Sequence[str], address: int, theirs: Mapping[str, int]
) -> Iterator[tuple[str, int, bool]]:
    """Yield (name, position, repeated) of each column; a repeated name gets `_2`, `_3` …"""
    called = {at: name for name, at in theirs.items() if name not in MEANINGS}
    ours = {matched(heading) for heading in OF_OURS}
    taken: set[str] = set(called.values())
    for at, heading in enumerate(headings):
        name = called.get(at) or name_in_templates(heading) or f"column_{at + 1}"
        if at == address or not heading.strip() or matched(heading) in ours:
            continue
        unique, copy = name, 1
        while unique in taken and at not in called:
            copy += 1
            unique = f"{name}_{copy}"
        taken.add(unique)
        yield unique, at, copy > 1


def _position(headings: Sequence[str], meaning: frozenset[str]) -> int | None:
    return next((at for at, heading in enumerate(headings) if matched(heading) in meaning), None)
