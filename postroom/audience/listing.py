"""A list written out again, as the spreadsheet that would bring it in."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from postroom.audience import chosen, working
from postroom.audience.chosen import Chosen
from postroom.audience.columns import OF_OURS
from postroom.tables import Event


def as_spreadsheet(session: Session, name: str, mode: str) -> tuple[list[str], Iterator[list[str]]]:
    """Return headings and rows of the list *name*, in its order; read-only.

    Beside what the list says there is the day since when a contact does not work, in *mode*.
    Raises `AudienceError` for an unknown list.
    """
    people = chosen.on_list(session, name)
    fields = sorted({field for one in people for field in one.fields})
    since = working.not_working(session, [one.address_key for one in people], mode)
    return ["email address", *fields, *OF_OURS[3:]], _rows(people, fields, since)


def note_export(session: Session, name: str, people: int, *, who: str, now: datetime) -> None:
    """Record that *people* of the list *name* were written to a file. Does not commit."""
    details = {"people": people}
    session.add(Event(at=now, who=who, act="exported", target=name, details=details))


def _rows(
    people: list[Chosen], fields: list[str], since: dict[bytes, datetime]
) -> Iterator[list[str]]:
    for one in people:
        flagged = since.get(one.address_key)
        said = [one.fields.get(field, "") for field in fields]
        yield [one.address, *said, f"{flagged:%d/%m/%Y}" if flagged else "", one.kind.value]
