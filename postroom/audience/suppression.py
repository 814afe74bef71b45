"""Who may not be emailed, since when and why: the only asker and the only writer of that.

An address is held by its keyed hash, so that a hold outlives the person's details. A row is never
changed but to lift it, and a lifted row stays as the record that it once held.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom import journal
from postroom.journal import Act
from postroom.london import london_day
from postroom.tables import Event, Scope, Suppression
from postroom.tables.statements import batches

HOLDS: Mapping[str, tuple[Scope, ...]] = {
    "announcement": (Scope.ANNOUNCEMENTS_AND_RESEARCH, Scope.EVERYTHING, Scope.ERASED),
    "research": (
        Scope.ANNOUNCEMENTS_AND_RESEARCH,
        Scope.RESEARCH,
        Scope.EVERYTHING,
        Scope.ERASED,
    ),
    "service": (Scope.EVERYTHING, Scope.ERASED),
    "confirmation": (Scope.EVERYTHING,),
}
"""The scopes that hold back mail of each kind. Service mail can cost a school its money when it
does not arrive, so only an explicit "everything" stops it. A confirmation answers what somebody did
at that address a moment ago: it is how the erased learn that they are."""

WHY: Mapping[Scope, str] = {
    Scope.ANNOUNCEMENTS_AND_RESEARCH: "must get no announcements and no research",
    Scope.RESEARCH: "must get no research",
    Scope.EVERYTHING: "must get no emails at all",
    Scope.ERASED: "their details were deleted",
}
"""Each scope as a reason, for those who may not see the reason that a colleague typed."""


def held(kind: str, *, today: date) -> sa.Select[bytes, str]:
    """Return the query (address_key, reason) of all that must not get mail of *kind*.

    *today* is London's day. For joining and NOT IN, in the very statement that plans or claims.
    Read-only.
    """
    return sa.select(col(Suppression.address_key), col(Suppression.reason)).where(
        _in_force(today), col(Suppression.scope).in_(HOLDS[kind])
    )


def suppressed(
    session: Session, address_keys: Iterable[bytes], kind: str, *, today: date
) -> dict[bytes, str]:
    """Return, of *address_keys*, those that must not get mail of *kind* on *today*, each with why.

    Read-only; one indexed query a thousand keys, to be asked in the transaction that claims.
    """
    return {key: reason for key, (reason, _) in _held(session, address_keys, kind, today).items()}


def scopes(
    session: Session, address_keys: Iterable[bytes], kind: str, *, today: date
) -> dict[bytes, Scope]:
    """Return the same with the scope that holds each, which names nobody. Read-only."""
    return {key: scope for key, (_, scope) in _held(session, address_keys, kind, today).items()}


def _held(
    session: Session, address_keys: Iterable[bytes], kind: str, today: date
) -> dict[bytes, tuple[str, Scope]]:
    found: dict[bytes, tuple[str, Scope]] = {}
    for some in batches(address_keys):
        asked = (
            held(kind, today=today)
            .add_columns(col(Suppression.scope))
            .where(col(Suppression.address_key).in_(some))
        )
        for address_key, reason, scope in session.execute(asked):
            found.setdefault(address_key, (reason, scope))
    return found


def last_asked(session: Session, address_keys: Iterable[bytes], kind: str) -> dict[bytes, datetime]:
    """Return, of *address_keys*, those that ever asked not to get mail of *kind*, and when last.

    Also where that was lifted since: what was agreed before it counts no longer. A pause is no such
    wish. Read-only.
    """
    found: dict[bytes, datetime] = {}
    for some in batches(address_keys):
        asked = (
            sa.select(col(Suppression.address_key), sa.func.max(col(Suppression.since)))
            .where(
                col(Suppression.address_key).in_(some),
                col(Suppression.scope).in_(HOLDS[kind]),
                col(Suppression.until).is_(None),
            )
            .group_by(col(Suppression.address_key))
        )
        found.update((bytes(key), since) for key, since in session.execute(asked))
    return found


def add(
    session: Session,
    address_key: bytes,
    *,
    scope: Scope,
    reason: str,
    who: str,
    now: datetime,
    until: date | None = None,
    asked_at: datetime | None = None,
) -> bool:
    """Hold *address_key* back from *scope* on; return False when it already was, changing nothing.

    It ends by itself on the day *until*, if one is given. *asked_at* is when the wish was uttered,
    if that was before *now*. Does not commit. Records an event.
    *reason* is shown to colleagues: no address in it.
    """
    standing = _holding(session, address_key, (scope,), london_day(now))
    if any(row.until is None or (until is not None and row.until >= until) for row in standing):
        return False
    for row in standing:  # it held for a shorter time
        row.lifted_at = now
    session.add(
        Suppression(
            address_key=address_key,
            scope=scope,
            reason=reason,
            who=who,
            since=min(asked_at or now, now),
            until=until,
        )
    )
    session.add(_event("suppressed", address_key, [scope], who=who, why=reason, now=now))
    journal.note(session, Act.SUPPRESS, address_key, [scope], now=now, until=until)
    return True


def lift(
    session: Session,
    address_key: bytes,
    *,
    scopes: Sequence[Scope] = tuple(Scope),
    reason: str,
    who: str,
    now: datetime,
) -> list[Scope]:
    """Let *address_key* be emailed again within *scopes*; return the scopes that were lifted.

    Does not commit. Records an event when anything was lifted.
    """
    rows = _holding(session, address_key, scopes, london_day(now))
    for row in rows:
        row.lifted_at = now
        session.add(row)
    lifted = [row.scope for row in rows]
    if lifted:
        session.add(_event("lifted", address_key, lifted, who=who, why=reason, now=now))
        journal.note(session, Act.LIFT, address_key, lifted, now=now)
    return lifted


def lift_older(
    session: Session,
    address_key: bytes,
    *,
    scopes: Collection[Scope],
    than: datetime,
    reason: str,
    who: str,
    now: datetime,
) -> list[Scope]:
    """Lift what was held by the moment *than*, and not what somebody asked for later; return it.

    Does not commit.
    """
    earlier = {
        hold.scope
        for hold in of_address(session, address_key, today=london_day(now))
        if hold.since <= than and hold.scope in scopes
    }
    if not earlier:
        return []
    return lift(session, address_key, scopes=sorted(earlier), reason=reason, who=who, now=now)


def erased(*, today: date) -> sa.Select[bytes]:
    """Return the query of the address keys of those whose details were deleted. Read-only.

    Nothing of them may be stored again, until they themselves ask for it.
    """
    return sa.select(col(Suppression.address_key)).where(
        _in_force(today), col(Suppression.scope) == Scope.ERASED
    )


def ended_since(session: Session, day: date, *, today: date) -> bool:
    """Return whether a hold has ended by itself after *day*, up to *today*. Read-only."""
    ended = select(Suppression.id).where(
        col(Suppression.until) > day,
        col(Suppression.until) <= today,
        col(Suppression.lifted_at).is_(None),
    )
    return session.exec(ended.limit(1)).first() is not None


def listing(session: Session, *, today: date) -> list[Suppression]:
    """Return every hold in force, newest first. Read-only; no address is stored to be shown."""
    in_force = select(Suppression).where(_in_force(today))
    newest_first = col(Suppression.since).desc(), col(Suppression.id).desc()
    return list(session.exec(in_force.order_by(*newest_first)))


def of_address(session: Session, address_key: bytes, *, today: date) -> list[Suppression]:
    """Return the holds in force on one address, oldest first. Read-only."""
    return _holding(session, address_key, tuple(Scope), today)


def _in_force(today: date) -> sa.ColumnElement[bool]:
    ends_later = sa.or_(col(Suppression.until).is_(None), col(Suppression.until) > today)
    return sa.and_(col(Suppression.lifted_at).is_(None), ends_later)


def _holding(
    session: Session, address_key: bytes, scopes: Sequence[Scope], today: date
) -> list[Suppression]:
    rows = select(Suppression).where(
        Suppression.address_key == address_key,
        _in_force(today),
        col(Suppression.scope).in_(scopes),
    )
    return list(session.exec(rows.order_by(col(Suppression.id))))


def _event(
    act: str,
    address_key: bytes,
    scopes: Sequence[Scope],
    *,
    who: str,
    why: str,
    now: datetime,
) -> Event:
    details = {"address_key": address_key.hex(), "scopes": [scope.value for scope in scopes]}
    return Event(at=now, who=who, act=act, target="an address", why=why, details=details)
