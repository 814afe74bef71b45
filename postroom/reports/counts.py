"""What became of a campaign in one mode: by message and by school. Reads only."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.audience.partners import SentByPartner, sends_of
from postroom.audience.urns import school_key
from postroom.delivery import messages
from postroom.tables import Mailing, Message, SignUp, Status
from postroom.tables.outbox import ACCEPTED, MOVING

MEANINGS = {
    Status.PLANNED: "waiting to be sent",
    Status.CLAIMED: "being sent now",
    Status.IN_DOUBT: "asked for, but Notify's answer is not known yet",
    Status.REFUSED: "refused by Notify: it was not sent",
    Status.SKIPPED: "left out",
    Status.CREATED: "accepted by Notify",
    Status.SENDING: "on its way",
    Status.DELIVERED: "delivered",
    Status.PERMANENT_FAILURE: "not delivered: the address does not work",
    Status.TEMPORARY_FAILURE: "not delivered: full, out of reach, or taken for spam",
    Status.TECHNICAL_FAILURE: "not delivered: Notify had a fault",
}


@dataclass(frozen=True)
class SchoolOutcome:
    """What became of the emails to one school. Its URN is empty where none is known."""

    urn: str
    name: str
    statuses: Counter[Status]
    signups: int

    @property
    def outcome(self) -> str:
        """Reached when one email was delivered, whatever became of others."""
        if self.statuses[Status.DELIVERED]:
            return "reached"
        if any(self.statuses[status] for status in (*MOVING, Status.CLAIMED, Status.IN_DOUBT)):
            return "on its way"
        return "not yet sent" if self.statuses[Status.PLANNED] else "not reached"


@dataclass(frozen=True)
class Standing:
    """How one campaign stands in one mode."""

    campaign: str
    mode: str
    counts: dict[Status, int]
    left_out: dict[str, int]  # reason → messages
    not_sent: dict[str, int]  # Notify's reason → messages it refused
    tried: dict[str, int]  # what came of asking → messages that wait to be asked for again
    schools: list[SchoolOutcome]
    doubt_until: datetime | None  # when the last doubt can be settled
    lost_track: int
    lost_track_at: datetime | None  # when the first of those was noted
    stopped_why: str | None  # None: not stopped
    synced_at: datetime | None
    oldest_moving_at: datetime | None  # when Notify accepted the first of those without last word
    signups: int
    partners: list[SentByPartner] = field(default_factory=list)
    """What partners told us they sent."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def finished(self) -> bool:
        """Nothing planned, claimed or in doubt."""
        return messages.is_finished(self.counts)

    @property
    def settled(self) -> bool:
        """Finished, and every status final, or forgotten by Notify and noted as such."""
        moving = sum(self.counts.get(status, 0) for status in MOVING)
        return self.finished and moving <= self.lost_track

    @property
    def accepted(self) -> int:
        return sum(self.counts.get(status, 0) for status in ACCEPTED)

    def schools_that_are(self, outcome: str) -> list[SchoolOutcome]:
        """Return the schools with this outcome, by name."""
        return [school for school in self.schools if school.outcome == outcome]

    def notify_forgets_at(self, retention: timedelta) -> datetime | None:
        """Return when Notify forgets the first message still moving (UTC), or None."""
        return self.oldest_moving_at and self.oldest_moving_at + retention

    def as_json(self) -> dict[str, object]:
        """Return what `--json` prints. Times UTC, ISO 8601."""
        return {
            "campaign": self.campaign,
            "mode": self.mode,
            "finished": self.finished,
            "settled": self.settled,
            "stopped": self.stopped_why is not None,
            "counts": {status.value: number for status, number in self.counts.items()},
            "total": self.total,
            "left_out": self.left_out,
            "refused": self.not_sent,
            "tried": self.tried,
            "in_doubt_until": self.doubt_until,
            "lost_track": self.lost_track,
            "lost_track_at": self.lost_track_at,
            "schools": dict(Counter(school.outcome for school in self.schools)),
            "signups": self.signups,
            "partners": [asdict(sent) for sent in self.partners],
            "synced_at": self.synced_at,
        }


def standing(session: Session, campaign: str, mode: str) -> Standing:
    """Return how *campaign* stands in *mode*; all zeroes when nothing was ever planned."""
    mailing = messages.find_mailing(session, campaign, mode)
    signups = _signups(session, campaign, mode)
    if mailing is None or mailing.id is None:
        nothing = _nothing_planned(campaign, mode, signups)
        return replace(nothing, partners=sends_of(session, campaign, mode))
    moving = sa.and_(col(Message.status).in_(MOVING), col(Message.lost_track_at).is_(None))
    oldest, doubt, lost, lost_at = session.execute(
        sa.select(
            sa.func.min(sa.case((moving, col(Message.accepted_at)))),
            sa.func.max(
                sa.case((col(Message.status) == Status.IN_DOUBT, col(Message.doubt_until)))
            ),
            sa.func.count(col(Message.lost_track_at)),
            sa.func.min(col(Message.lost_track_at)),
        ).where(col(Message.mailing_id) == mailing.id)
    ).one()
    return Standing(
        campaign=campaign,
        mode=mode,
        counts=messages.counts(session, mailing.id),
        left_out=_reasons(session, mailing.id, Status.SKIPPED),
        not_sent=_reasons(session, mailing.id, Status.REFUSED),
        tried=_reasons(session, mailing.id, Status.PLANNED),
        schools=_schools(session, mailing.id, signups),
        doubt_until=doubt,
        lost_track=lost,
        lost_track_at=lost_at,
        stopped_why=mailing.stopped_why if mailing.stopped_at else None,
        synced_at=mailing.synced_at,
        oldest_moving_at=oldest,
        signups=sum(signups.values()),
        partners=sends_of(session, campaign, mode),
    )


def mailings(session: Session) -> list[Mailing]:
    """Return every campaign that was planned in any mode, by name and mode."""
    own = select(Mailing).where(Mailing.part == "")
    return list(session.exec(own.order_by(Mailing.campaign, Mailing.mode)))


def _nothing_planned(campaign: str, mode: str, signups: Counter[str]) -> Standing:
    return Standing(
        campaign=campaign,
        mode=mode,
        counts={},
        left_out={},
        not_sent={},
        tried={},
        schools=[],
        doubt_until=None,
        lost_track=0,
        lost_track_at=None,
        stopped_why=None,
        synced_at=None,
        oldest_moving_at=None,
        signups=sum(signups.values()),
    )


def _reasons(session: Session, mailing_id: int, status: Status) -> dict[str, int]:
    rows = session.execute(
        sa.select(col(Message.reason), sa.func.count())
        .where(col(Message.mailing_id) == mailing_id, col(Message.status) == status)
        .group_by(col(Message.reason))
        .order_by(sa.func.count().desc())
    )
    return {str(reason): int(number) for reason, number in rows if reason}


def _schools(session: Session, mailing_id: int, signups: Counter[str]) -> list[SchoolOutcome]:
    rows = session.execute(
        sa.select(
            col(Message.school_urn),
            col(Message.school_name),
            col(Message.status),
            sa.func.count(),
        )
        .where(col(Message.mailing_id) == mailing_id)
        .group_by(col(Message.school_urn), col(Message.school_name), col(Message.status))
    )
    named: dict[str, tuple[str, str]] = {}
    statuses: dict[str, Counter[Status]] = defaultdict(Counter)
    for urn, name, status, number in rows:
        if key := school_key(urn, name):
            named[key] = max((urn, name), named.get(key, ("", "")))
            statuses[key][Status(status)] += number
    outcomes = (SchoolOutcome(*named[key], found, signups[key]) for key, found in statuses.items())
    return sorted(outcomes, key=lambda school: (school.name, school.urn))


def _signups(session: Session, campaign: str, mode: str) -> Counter[str]:
    """Return how many sign-ups there are, by what tells their schools apart."""
    places = session.exec(
        select(SignUp.school_urn, SignUp.school_name).where(
            SignUp.campaign == campaign, SignUp.mode == mode
        )
    )
    return Counter(school_key(urn, name) for urn, name in places)
