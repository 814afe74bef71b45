"""Typed reasons that let a stop stand: kept, shown to the approver, and good for one text only."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from postroom.content.checks import Problem, Rank
from postroom.errors import NotPermitted
from postroom.reasons import stated
from postroom.tables import Event, StopAnswer


def answers(session: Session, campaign: str) -> dict[tuple[str, bytes], StopAnswer]:
    """Return every reason given for a stop of *campaign*, by check and digest of its text."""
    rows = session.exec(select(StopAnswer).where(StopAnswer.campaign == campaign))
    return {(row.check, row.text_digest): row for row in rows}


def unanswered(session: Session, campaign: str, found: Sequence[Problem]) -> list[Problem]:
    """Return the stops among *found* that nobody has given a reason for, in their order."""
    known = answers(session, campaign)
    stops = (problem for problem in found if problem.rank is Rank.STOP)
    return [problem for problem in stops if key(problem) not in known]


def answer(
    session: Session,
    campaign: str,
    check: str,
    found: Sequence[Problem],
    *,
    reason: str,
    who: str,
    now: datetime,
) -> int:
    """Record *reason* for every open stop of *check* among *found*; return how many.

    Raises `NotPermitted` when there is none, or no reason. Does not commit.
    """
    reason = stated(reason, "--because")
    open_now = [p for p in unanswered(session, campaign, found) if p.check == check]
    if not open_now:
        names = sorted({p.check for p in unanswered(session, campaign, found)})
        raise NotPermitted(
            f"{campaign} has no open stop called {check}. Open stops: {', '.join(names) or 'none'}."
        )
    for problem in open_now:
        name, digest = key(problem)
        session.add(
            StopAnswer(
                campaign=campaign, check=name, text_digest=digest, reason=reason, who=who, at=now
            )
        )
    details = {"check": check, "stops": len(open_now)}
    session.add(
        Event(at=now, who=who, act="answered a stop", target=campaign, why=reason, details=details)
    )
    return len(open_now)


def key(problem: Problem) -> tuple[str, bytes]:
    """Return what an answer to *problem* is kept under: another text needs another answer."""
    return problem.check, hashlib.sha256(problem.text.encode()).digest()
