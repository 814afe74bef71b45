"""When a researcher is told who is still missing: once a week, on Monday morning in London.

At most once: that it is sent is written down before it leaves, and taken back only when Notify
certainly did not take it.
"""

from datetime import datetime, time, timedelta

from sqlmodel import Session, col, select

from postroom.content.campaign_file import Campaign
from postroom.content.signup_form import LINKS_LAST
from postroom.london import LONDON, london_day
from postroom.tables import Event

SENT, NOT_SENT = "sent weekly summary", "weekly summary not sent"
AT = time(9)


def week_due(session: Session, campaign: Campaign, mode: str, *, now: datetime) -> str | None:
    """Return the week (2026-W03) whose summary of *campaign* is still to be sent, or None.

    From Monday at 9 on, in the weeks after it was to be sent until its links end. Read-only.
    """
    today = london_day(now)
    monday = today - timedelta(days=today.weekday())
    begins = datetime.combine(monday, AT, tzinfo=LONDON)
    is_on = campaign.send_on < monday <= campaign.send_on + LINKS_LAST
    week = f"{monday:%G-W%V}"
    if not is_on or now < begins or _was_sent(session, campaign.name, mode, week):
        return None
    return week


def claim(session: Session, campaign: Campaign, mode: str, week: str, *, now: datetime) -> bool:
    """Note that the summary of *week* leaves now; False when another worker was first.

    Expects the write lock; does not commit.
    """
    if _was_sent(session, campaign.name, mode, week):
        return False
    session.add(_event(SENT, campaign.name, mode, week, now))
    return True


def give_back(session: Session, campaign: Campaign, mode: str, week: str, *, now: datetime) -> None:
    """Note that Notify did not take it: it is due again. Does not commit."""
    session.add(_event(NOT_SENT, campaign.name, mode, week, now))


def _was_sent(session: Session, campaign: str, mode: str, week: str) -> bool:
    told = {"mode": mode, "week": week}
    rows = session.exec(
        select(Event.act, Event.details).where(
            Event.target == campaign, col(Event.act).in_([SENT, NOT_SENT])
        )
    )
    acts = [act for act, details in rows if details == told]
    return acts.count(SENT) > acts.count(NOT_SENT)


def _event(act: str, campaign: str, mode: str, week: str, now: datetime) -> Event:
    details = {"mode": mode, "week": week}
    return Event(at=now, who="worker", act=act, target=campaign, details=details)
