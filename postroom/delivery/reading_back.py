"""Reading Notify's list back before anything is sent: what a restore took away is known again.

A database restored from a backup holds messages as planned that were sent after the backup was
made. All of those are younger at Notify than whatever the database knew to be accepted when the
backup was made. So a mark names one notification, in the database itself (`ReadBack`), and the
list is read from its newest end back to the mark. Two things move it, and both only in a database
that lacks nothing: a reading that came to its end, and a sender that began with such a reading,
in the very transaction that records what Notify took. What a look-up, a receipt or `sync` adopts
moves nothing: it says of one message that it is known, and nothing of those before it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from postroom.database import Database
from postroom.delivery import adopting
from postroom.delivery.gateway import Notification, Notify, is_loopback
from postroom.errors import NotifyError
from postroom.keys import Keys
from postroom.london import london
from postroom.tables import ReadBack, Status
from postroom.tables.statements import insert_into

NOTIFYS_CLOCKS = timedelta(seconds=5)
"""Notify runs on several machines, whose clocks may differ by this much at the most."""
CLOCKS = timedelta(minutes=5)
"""Our clock and Notify's may differ: a time compared across them gets this much room."""

SHORT_READS = 3
"""So often a list that is empty or ends too early is read, until it is believed or refused."""
SHOWN_WITHIN = timedelta(minutes=1)
"""Notify's list may lack for so long what Notify has taken."""
FORGETS_BY_DAYS = timedelta(days=1)
"""Notify forgets once a night: what is nearly as old as its retention may be gone already."""

_ROW = ReadBack.__table__.c  # type: ignore[attr-defined]
_MOVE_ON = (
    sa.update(ReadBack.__table__)  # type: ignore[attr-defined]
    .where(_ROW.service == sa.bindparam("of"), _ROW.key_type == sa.bindparam("under"))
    .values(notify_id=sa.bindparam("to"), at=sa.bindparam("asked_at"))
)


@dataclass
class Learnt:
    """What a reading of Notify's list brought."""

    messages: int = 0
    """Messages here that the list spoke of."""
    lost_at: datetime | None = None
    """When Notify took the newest message that was ever found to be sent and not known here to be
    (UTC): proof of a restore. None when there was none."""

    def note_lost(self, record: Notification) -> None:
        self.lost_at = max(self.lost_at or record.created_at, record.created_at)


@dataclass
class _Reach:
    """How far back to read."""

    mark: ReadBack | None
    also: datetime | None
    limit: datetime | None = field(init=False)
    came_to_mark: bool = field(init=False, default=False)
    """Whether the list showed what the mark names, or something older."""

    def __post_init__(self) -> None:
        self.limit = self.mark.at - CLOCKS if self.mark else None

    def is_reached(self, page: list[Notification]) -> bool:
        """Return whether nothing older than *page*, the last one read, needs to be read."""
        found = False
        for record in page:
            if self.mark and record.notify_id == self.mark.notify_id:
                self.limit = record.created_at - NOTIFYS_CLOCKS  # from here on Notify's own clock
                found = True
        oldest = page[-1].created_at
        beyond = self.limit is not None and oldest < self.limit
        self.came_to_mark = self.came_to_mark or found or beyond
        return beyond and (self.also is None or oldest < self.also)


def read_back(
    database: Database,
    notify: Notify,
    keys: Keys,
    *,
    retention: timedelta,
    now: datetime,
    also_to: datetime | None = None,
) -> Learnt:
    """Read Notify's list back to where everything is known here; adopt what is ours.

    With *also_to* at least as far back as that moment. Commits page by page. A reading that breaks
    off, by a `NotifyError`, leaves the mark where it was: the next one has to come as far. So does
    a list that ends before the mark, though Notify keeps emails for its *retention*. That a list
    is empty is believed only when it is so again and again.
    """
    with database.read() as session:
        mark = session.get(ReadBack, (notify.service, notify.key_type))
    learnt = Learnt(lost_at=mark.lost_at if mark else None)
    for _ in range(SHORT_READS):
        reach, newest = _Reach(mark, also_to), None
        for page in notify.pages():
            newest = newest or page[0]
            with database.write() as session:
                _take_in(session, page, keys, learnt, now)
                _keep_lost(session, notify, learnt)
            if reach.is_reached(page):
                break
        # A list that is empty, or ended too early, is read once more: Notify may have stumbled.
        if reach.came_to_mark or (newest and not _is_kept(mark, retention, now)):
            break
    else:
        if _is_kept(mark, retention, now):
            _refuse_short_list(notify, mark, now)
    with database.write() as session:
        # Of an empty list nothing is known but that it was empty now, by a clock that Notify took.
        _set_mark(session, notify, newest or Notification("", "", "", now, None), learnt)
    return learnt


def _is_kept(mark: ReadBack | None, retention: timedelta, now: datetime) -> bool:
    """Return whether Notify still keeps what *mark* names, so that its list has to show it."""
    if mark is None or not mark.notify_id:
        return False
    return mark.at > now - retention + FORGETS_BY_DAYS


def _refuse_short_list(notify: Notify, mark: ReadBack | None, now: datetime) -> None:
    """Raise `NotifyError` where the list lacks what Notify has taken and must still keep.

    A Notify on this machine may have been emptied, or be another one than before.
    """
    if mark is not None and mark.at < now - SHOWN_WITHIN and not is_loopback(notify.base_url):
        raise NotifyError(
            f"Notify's list ends before an email that it took on {london(mark.at)}, so nobody can "
            "tell who was sent to since. Nothing was sent. Run this again in a few minutes. If "
            "this service keeps emails for fewer days than notify_retention_days in "
            "outreach.toml, correct that."
        )


def move_on(
    session: Session, *, service: str, key_type: str, notify_id: str, asked_at: datetime
) -> None:
    """Let readings end at what Notify took just now; for senders that began with a reading.

    Belongs into the transaction that records it; *asked_at* (UTC) is when the request left. Where
    nothing was ever read back, nothing is moved: then the whole list is still to be read.
    """
    session.connection().execute(
        _MOVE_ON, {"of": service, "under": key_type, "to": notify_id, "asked_at": asked_at}
    )


def _take_in(
    session: Session, page: list[Notification], keys: Keys, learnt: Learnt, now: datetime
) -> None:
    adopted = adopting.adopt(session, page, now=now)
    learnt.messages += len(adopted)
    for before, record in adopted:
        if before in (Status.PLANNED, Status.SKIPPED):
            learnt.note_lost(record)
    known = {record.reference for _, record in adopted}
    strange = (record for record in page if record.reference not in known)
    for record in adopting.keep_strays(session, strange, keys):
        learnt.note_lost(record)


def _keep_lost(session: Session, notify: Notify, learnt: Learnt) -> None:
    """Keep the proof of a restore beside the mark: the next page or reader finds no other."""
    mark = session.get(ReadBack, (notify.service, notify.key_type))
    if mark is not None:
        mark.lost_at = learnt.lost_at


def _set_mark(session: Session, notify: Notify, newest: Notification, learnt: Learnt) -> None:
    mark = {
        "notify_id": newest.notify_id,
        "at": newest.created_at,
        "lost_at": learnt.lost_at,
    }
    table = ReadBack.__table__  # type: ignore[attr-defined]
    row = insert_into(table, session.get_bind().dialect).values(
        service=notify.service, key_type=notify.key_type, **mark
    )
    session.execute(row.on_conflict_do_update(index_elements=["service", "key_type"], set_=mark))
