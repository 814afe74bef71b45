"""What an email's last word means for the list it went to: the address works, or does not."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, select

from postroom.audience import working
from postroom.tables import Mailing, Status


def tell_the_lists(
    session: Session, became: Mapping[tuple[int, Status], Sequence[bytes]], *, now: datetime
) -> None:
    """Let the audience know which addresses an email reached, and which none ever will.

    *became* gives, by mailing and new status, the keys of the addresses. Does not commit.
    """
    for (mailing_id, status), address_keys in became.items():
        if status not in (Status.DELIVERED, Status.PERMANENT_FAILURE):
            continue
        mode = session.exec(select(Mailing.mode).where(Mailing.id == mailing_id)).one()
        if status is Status.DELIVERED:
            working.note_arrivals(session, address_keys, mode)
        else:
            working.note_failures(session, address_keys, mode, now=now)
