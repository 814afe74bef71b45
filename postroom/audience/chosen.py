"""The people on a campaign's lists, each once, with where they stand and what is said of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.audience import lists
from postroom.audience.places import places
from postroom.content.places import FileRow, Place, row_of
from postroom.errors import AudienceError
from postroom.tables import ContactKind, Membership, Recipient

KIND = "kind"
"""What segments and templates call a recipient's kind, unless the list has such a column."""


@dataclass(frozen=True)
class Chosen:
    """A recipient a campaign is for, and what the list says of them."""

    row: Place
    """Theirs alone among those of the campaign."""
    address: str
    address_key: bytes
    school_urn: str
    school_name: str
    fields: Mapping[str, str]
    """What the list says, and what the register of schools adds."""
    register: Mapping[str, str] = field(default_factory=dict)
    """What the register says of their school."""
    kind: ContactKind = ContactKind.PERSON

    @property
    def told(self) -> dict[str, str]:
        """What templates can use: `recipient.kind` is "person" or "role mailbox"."""
        return {KIND: self.kind.value, **self.fields}

    def says(self, name: str) -> str:
        """Return what templates and segments find under *name*; nothing when nothing is known."""
        return self.fields.get(name, self.kind.value if name == KIND else "")

    @property
    def listed(self) -> dict[str, str]:
        """What the list itself says: what its maker can mend."""
        added = {n for n, value in self.register.items() if self.fields.get(n) == value}
        return {name: value for name, value in self.fields.items() if name not in added}


def on_lists(session: Session, names: Sequence[str]) -> list[Chosen]:
    """Return everybody on the lists *names*, each person once, as the first list has them.

    In the order of the lists, of the spreadsheets they came from, and of the rows. Raises
    `AudienceError` for an unknown list.
    """
    listed = [(name, *one) for name in names for one in _on_list(session, name)]
    stand = places([(name, file, row) for name, file, row, _ in listed])
    people: dict[bytes, Chosen] = {}
    for place, (*_, one) in zip(stand, listed, strict=True):
        if one.address_key not in people:
            people[one.address_key] = replace(one, row=place)
    return list(people.values())


def among_several(everybody: Sequence[Chosen], file: str) -> list[Chosen]:
    """Return *everybody* beside whom others will stand who are in no row of that spreadsheet.

    *file* is what it is called where there is only one.
    """
    return [
        replace(one, row=FileRow(0, one.row, file)) if isinstance(one.row, int) else one
        for one in everybody
    ]


def in_row(everybody: Sequence[Chosen], row: int) -> Chosen:
    """Return who is in *row* of the spreadsheet. Raises `AudienceError` for none or several."""
    found = [one for one in everybody if row_of(one.row) == row]
    if len(found) == 1:
        return found[0]
    if found:
        where = " and in row ".join(str(one.row) for one in found)
        raise AudienceError(
            f"More than one person is in row {row}: there is somebody in row {where}. "
            "Say whom you mean with --address ADDRESS."
        )
    rows = sorted({row_of(one.row) for one in everybody})
    there = f"from {rows[0]} to {rows[-1]}" if rows else "none"
    raise AudienceError(f"No chosen recipient is in row {row}. The rows are: {there}.")


def at_address(everybody: Sequence[Chosen], address_key: bytes) -> Chosen:
    """Return who has the address of that key. Raises `AudienceError` when nobody has."""
    for one in everybody:
        if one.address_key == address_key:
            return one
    raise AudienceError("That address is not among the recipients of this campaign.")


def on_list(session: Session, name: str) -> list[Chosen]:
    """Return everybody on the list *name*, in its order. Raises `AudienceError` if unknown."""
    return on_lists(session, [name])


def _on_list(session: Session, name: str) -> list[tuple[str, int, Chosen]]:
    """Return everybody on the list, each with the file they came from, and their row in it."""
    list_id = lists.list_named(session, name).id
    rows = session.execute(
        sa.select(
            col(Membership.file),
            col(Membership.row),
            col(Recipient.address),
            col(Recipient.address_key),
            col(Membership.school_urn),
            col(Membership.school_name),
            col(Membership.fields),
            col(Recipient.kind),
        )
        .join_from(Membership, Recipient, col(Membership.recipient_id) == col(Recipient.id))
        .where(col(Membership.list_id) == list_id)
        .order_by(col(Membership.file), col(Membership.row), col(Recipient.id))
    )
    return [
        (file, row, Chosen(row, address, address_key, urn, school, fields, kind=kind))
        for file, row, address, address_key, urn, school, fields, kind in rows
    ]
