"""Bring answers from another form in: all of them in one transaction, or none."""

from dataclasses import dataclass
from datetime import datetime

from postroom.database import Database
from postroom.keys import Keys
from postroom.london import london_day
from postroom.research.form_answers import Reading
from postroom.research.import_plan import Plan, Source, make_plan
from postroom.research.import_writer import Writer
from postroom.research.matching_schools import Register
from postroom.tables import Event


@dataclass(frozen=True)
class BroughtIn:
    """What an import did."""

    plan: Plan
    to_match: tuple[str, ...]
    """References of sign-ups from it whose school a person must say."""


def apply(
    database: Database,
    keys: Keys,
    source: Source,
    reading: Reading,
    register: Register,
    *,
    left_out: int,
    who: str,
    now: datetime,
) -> BroughtIn:
    """Write what *reading* says, in one transaction; return what that did. Records an event.

    What is to be done is decided anew, in that transaction: people may have asked us to stop
    meanwhile. Rows that contradict each other or an earlier import are passed over, as is
    everything that is known already: when nothing is new, nothing is written. *left_out* is how
    many bad rows were left out.
    """
    with database.write() as session:
        plan = make_plan(session, keys, source, reading, register, today=london_day(now))
        if not plan.to_do:
            return BroughtIn(plan, ())
        waiting = Writer(session, source, who=who, now=now).write(plan.to_do)
        details = {
            "form": source.mapping.form,
            "mapping": source.mapping.version,
            "mode": source.mode,
            "sha256": source.sha256,
            "left_out": left_out,
            "counts": {outcome.value: number for outcome, number in plan.counts.items()},
        }
        session.add(
            Event(
                at=now,
                who=who,
                act="imported sign-ups",
                target=source.campaign.name,
                details=details,
            )
        )
    return BroughtIn(plan, tuple(waiting))
