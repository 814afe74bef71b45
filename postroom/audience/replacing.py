"""One address on a list replaced by another: somebody left, or it never worked.

What was sent to the old address stays as it is. The new one is somebody new to every campaign of
that list, so it is sent to only under a new approval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from postroom.audience import lists, partners, suppression
from postroom.audience.addresses import normalise, tidied
from postroom.audience.mailboxes import kind_of
from postroom.errors import AudienceError, NotPermitted
from postroom.keys import Keys
from postroom.london import london_day
from postroom.reasons import stated
from postroom.tables import Event, Membership, Recipient, Scope


@dataclass(frozen=True)
class Replacement:
    """What is to be replaced on a list, and by what."""

    list_name: str
    old: str
    new: str
    fields: Mapping[str, str]  # columns that say something else of the new one
    reason: str


def place_of(session: Session, keys: Keys, wanted: Replacement, *, today: date) -> Membership:
    """Return the old address' place on the list. Read-only.

    Raises `AudienceError` when it is not there, when the new one is, and for unknown columns;
    `InvalidAddress` for what is no address; `NotPermitted` when the details of the new one were
    deleted at their wish, of which *today* is asked, and when the list is a partner's who has
    signed no agreement and nothing says how the new one agreed. No error holds an address.
    """
    stated(wanted.reason, "--reason")
    on = lists.list_named(session, wanted.list_name)
    old, new = keys.address_key(normalise(wanted.old)), keys.address_key(normalise(wanted.new))
    place, taken = (_on_list(session, on.id, address_key) for address_key in (old, new))
    if place is None:
        raise AudienceError(f"The old address is not on the list {wanted.list_name}.")
    if taken is not None:
        raise AudienceError(
            f"The new address is on the list {wanted.list_name} already, in row {taken.row}."
        )
    if unknown := sorted(set(wanted.fields) - set(place.fields)):
        raise AudienceError(
            f"The list has no column {', '.join(unknown)}. "
            f"It has: {', '.join(sorted(place.fields)) or 'none'}."
        )
    if Scope.ERASED in {row.scope for row in suppression.of_address(session, new, today=today)}:
        raise NotPermitted(
            "The details of whoever has the new address were deleted at their wish. They are not "
            "stored again, unless they themselves ask for it."
        )
    partners.check_addition(session, on, wanted.fields.get(partners.EVIDENCE, ""))
    return place


def said_of_the_new(place: Membership, wanted: Replacement) -> dict[str, str]:
    """Return what the list will say of the new one: all as before but what belongs to a person.

    How somebody agreed is theirs alone.
    """
    theirs_alone = {name: "" for name in place.fields if name == partners.EVIDENCE}
    return {**place.fields, **theirs_alone, **wanted.fields}


def replace_recipient(
    session: Session, keys: Keys, wanted: Replacement, *, who: str, now: datetime
) -> Membership:
    """Put the new address in the old one's place; return that place. Does not commit.

    Records an event, which names the addresses by their keyed hashes. Raises as `place_of`.
    """
    place = place_of(session, keys, wanted, today=london_day(now))
    recipient = _recipient(session, keys, wanted.new)
    assert recipient.id is not None  # noqa: S101  # flushed
    taken_over = Membership(
        list_id=place.list_id,
        recipient_id=recipient.id,
        row=place.row,
        file=place.file,
        school_urn=place.school_urn,
        school_name=place.school_name,
        fields=said_of_the_new(place, wanted),
    )
    session.delete(place)
    session.add(taken_over)
    session.add(
        Event(
            at=now,
            who=who,
            act="replaced an address",
            target=wanted.list_name,
            why=wanted.reason,
            details={
                "row": place.row,
                "old": keys.address_key(normalise(wanted.old)).hex(),
                "new": recipient.address_key.hex(),
            },
        )
    )
    session.flush()
    return taken_over


def _on_list(session: Session, list_id: int | None, address_key: bytes) -> Membership | None:
    return session.exec(
        select(Membership)
        .join(Recipient, col(Recipient.id) == col(Membership.recipient_id))
        .where(Membership.list_id == list_id, Recipient.address_key == address_key)
    ).first()


def _recipient(session: Session, keys: Keys, address: str) -> Recipient:
    normalised = normalise(address)
    address_key = keys.address_key(normalised)
    known = session.exec(select(Recipient).where(Recipient.address_key == address_key)).first()
    if known is None:
        known = Recipient(
            address=tidied(address), address_key=address_key, kind=kind_of(normalised)
        )
        session.add(known)
        session.flush()
    return known
