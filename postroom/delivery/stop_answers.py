"""Typed reasons that let a stop stand: kept, shown to the approver, good for that finding only."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, select

from postroom.content.checks import Problem, Rank
from postroom.errors import NotPermitted
from postroom.reasons import stated
from postroom.tables import Event, StopAnswer

Answers = Mapping[tuple[str, bytes], StopAnswer]
"""Every reason given for a stop of a campaign, by check and digest of what it is for."""


def answers(session: Session, campaign: str) -> Answers:
    """Return every reason given for a stop of *campaign*."""
    rows = session.exec(select(StopAnswer).where(StopAnswer.campaign == campaign))
    return {(row.check, row.text_digest): row for row in rows}


def unanswered(session: Session, campaign: str, found: Sequence[Problem]) -> list[Problem]:
    """Return the stops among *found* that nobody has given a reason for, in their order."""
    known = answers(session, campaign)
    stops = (problem for problem in found if problem.rank is Rank.STOP)
    return [problem for problem in stops if answer_to(known, problem) is None]


def answer_to(known: Answers, problem: Problem) -> StopAnswer | None:
    """Return the reason that lets *problem* stand, or None; it must cover everything found."""
    given = [known.get(key) for key in keys(problem)]
    return None if None in given else given[0]


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
    known = answers(session, campaign)
    for key in dict.fromkeys(key for problem in open_now for key in keys(problem)):
        if key not in known:  # there is one already for what was found before
            name, digest = key
            session.add(
                StopAnswer(
                    campaign=campaign,
                    check=name,
                    text_digest=digest,
                    reason=reason,
                    who=who,
                    at=now,
                )
            )
    details = {"check": check, "stops": len(open_now)}
    session.add(
        Event(at=now, who=who, act="answered a stop", target=campaign, why=reason, details=details)
    )
    return len(open_now)


def keys(problem: Problem) -> list[tuple[str, bytes]]:
    """Return what answers to *problem* are kept under: one for each thing that was found.

    Two things that read alike without the recipients' words need an answer each.
    """
    return [
        (problem.check, hashlib.sha256(problem.text.encode() + finding).digest())
        for finding in problem.findings or (b"",)
    ]
