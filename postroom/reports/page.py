"""The report of a campaign as one self-contained page: schools and numbers, never an address."""

from dataclasses import dataclass
from datetime import datetime

from postroom.reports.counts import MEANINGS, SchoolOutcome, Standing
from postroom.reports.html import london, page_from
from postroom.tables import Status

TONES = {
    Status.DELIVERED: "good",
    Status.PERMANENT_FAILURE: "bad",
    Status.TEMPORARY_FAILURE: "bad",
    Status.TECHNICAL_FAILURE: "bad",
    Status.REFUSED: "bad",
    Status.IN_DOUBT: "unsure",
}


@dataclass(frozen=True)
class Share:
    """One status's part of the whole, for the bar and the table."""

    status: Status
    number: int
    percent: float
    tone: str

    @property
    def meaning(self) -> str:
        return MEANINGS[self.status]


def report_page(found: Standing, *, title: str, now: datetime) -> str:
    """Return the HTML of the report: it needs no other file and runs no script."""
    schools = found.schools
    return page_from(
        "report.html",
        found=found,
        title=title,
        made_at=london(now),
        synced_at=london(found.synced_at) if found.synced_at else "never",
        shares=_shares(found),
        schools=schools,
        reached=sum(1 for school in schools if school.outcome == "reached"),
        not_reached=_with_outcome(schools, "not reached"),
        not_yet=_with_outcome(schools, "not yet sent"),
        with_signups=sum(1 for school in schools if school.signups),
    )


def _shares(found: Standing) -> list[Share]:
    return [
        Share(status, number, 100 * number / found.total, TONES.get(status, "moving"))
        for status, number in found.counts.items()
    ]


def _with_outcome(schools: list[SchoolOutcome], outcome: str) -> list[SchoolOutcome]:
    return [school for school in schools if school.outcome == outcome]
