"""What an import of answers would do: compared with the database, and not written yet."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.audience import suppression
from postroom.audience.addresses import normalise
from postroom.content.campaign_file import Campaign
from postroom.content.form_mapping import FormMapping, Tool
from postroom.keys import Keys
from postroom.research.form_answers import BadRow, NoPermission, Reading, Response
from postroom.research.matching_schools import Place, Register
from postroom.research.volunteers import Purpose
from postroom.tables import ImportedAnswer, Permission, SignUp, Volunteer
from postroom.tables.statements import batches

TAKEN_BACK = "no permission"
"""What is kept of the answers of somebody who no longer says yes."""


class Outcome(StrEnum):
    """What becomes of a response."""

    NEW = "new"
    CHANGED = "changed"  # it came before, and says something else now
    UNCHANGED = "unchanged"
    MERGED = "merged"  # its person had signed up by another way, or with another row
    ASKED_NOT = "asked not to be emailed"
    NO_LONGER = "no longer says yes"  # it came before, with a permission


@dataclass(frozen=True)
class Source:
    """Where answers come from."""

    mapping: FormMapping
    campaign: Campaign
    mode: str
    sha256: str

    def evidence(self, response_id: str) -> str:
        """Return what is kept as evidence of a permission: where its proof is."""
        tool = self.mapping.tool
        made_with = "" if tool is Tool.OTHER else f" ({tool.in_words})"
        return f"Form {self.mapping.form}{made_with}, response {response_id}"


@dataclass(frozen=True)
class Step:
    """One response, and what becomes of it."""

    outcome: Outcome
    where: str
    response_id: str
    response: Response | None = None
    """None for one that no longer says yes."""
    place: Place = field(default_factory=Place)
    address_key: bytes = b""
    answers_key: bytes = b""
    school_key: bytes = b""
    purposes: tuple[Purpose, ...] = ()
    """What they said yes to and have not taken back since."""


@dataclass(frozen=True)
class Plan:
    """Every response, the oldest first, and what cannot be planned."""

    steps: tuple[Step, ...]
    bad: tuple[BadRow, ...]
    """Rows that contradict each other, or an earlier import."""

    @property
    def counts(self) -> Counter[Outcome]:
        return Counter(step.outcome for step in self.steps)

    @property
    def to_do(self) -> list[Step]:
        """The steps that change anything."""
        nothing = (Outcome.UNCHANGED, Outcome.ASKED_NOT)
        return [step for step in self.steps if step.outcome not in nothing]

    def rows(self, outcome: Outcome) -> list[str]:
        """Return where the rows of one outcome stand."""
        return [step.where for step in self.steps if step.outcome is outcome]


def make_plan(
    session: Session,
    keys: Keys,
    source: Source,
    reading: Reading,
    register: Register,
    *,
    today: date,
) -> Plan:
    """Return what importing *reading* would do as things are. Read-only.

    Who asked not to be emailed is told as of *today* in London.
    """
    return _Planner(session, keys, source, register, today).plan(reading)


class _Planner:
    def __init__(
        self, session: Session, keys: Keys, source: Source, register: Register, today: date
    ):
        self._session, self._keys, self._source, self._register = session, keys, source, register
        self._today = today
        self._known = dict(_imported(session, source))

    def plan(self, reading: Reading) -> Plan:
        steps = self._with_ids([self._step(response) for response in reading.responses])
        no_longer = list(self._no_longer(reading.without_permission))
        bad = [*_contradicting(steps), *self._of_another(steps)]
        out = {row.where for row in bad}
        steps = sorted(
            (step for step in steps if step.where not in out),
            key=lambda step: step.response.submitted,  # type: ignore[union-attr]
        )
        return Plan((*self._decided(steps), *no_longer), tuple(bad))

    def _step(self, response: Response) -> Step:
        said = _as_text(self._source, response)
        answers_key = self._keys.answers_key(said)
        return Step(
            outcome=Outcome.NEW,
            where=response.where,
            response_id=response.response_id,
            response=response,
            place=self._register.place(response.school),
            address_key=self._key(response.address),
            answers_key=answers_key,
            school_key=self._keys.answers_key(response.school.typed),
        )

    def _with_ids(self, steps: Sequence[Step]) -> list[Step]:
        """Give each response that has no id of its tool's one of ours: a keyed hash of who answered
        and when, so that it stays when a mapping file is mended; of everything it says, where
        somebody answered twice at one time."""
        said: dict[str, set[bytes]] = {}
        for step in steps:
            said.setdefault(self._moment(step), set()).add(step.answers_key)
        named = []
        for step in steps:
            moment = self._moment(step)
            ours = moment if len(said[moment]) == 1 else f"row-{step.answers_key.hex()}"
            named.append(replace(step, response_id=step.response_id or ours))
        return named

    def _moment(self, step: Step) -> str:
        assert step.response is not None  # noqa: S101  # these steps have one
        at = step.response.submitted.isoformat()
        said = f"{self._source.mapping.form}\n{at}\n{step.address_key.hex()}"
        return f"row-{self._keys.answers_key(said).hex()}"

    def _of_another(self, steps: Iterable[Step]) -> Iterator[BadRow]:
        """Yield rows whose response id was somebody else's, who answered at another time."""
        for step in steps:
            known = self._known.get(step.response_id)
            if known is None or step.response is None:
                continue
            row, address_key = known
            if address_key != step.address_key and row.submitted_at != step.response.submitted:
                yield BadRow(
                    step.where,
                    "response_id",
                    step.response_id,
                    "It came before as the answer of somebody else, at another time.",
                    "If this is another form, import it with a --form name of its own.",
                )

    def _decided(self, steps: Sequence[Step]) -> Iterator[Step]:
        keys = {step.address_key for step in steps}
        held = suppression.suppressed(self._session, keys, "research", today=self._today)
        asked = suppression.last_asked(self._session, keys, "research")
        withdrawn = _withdrawn(self._session, keys)
        signed_up = _signed_up(self._session, self._source)
        seen: set[str] = set()
        for step in steps:
            known = self._known.get(step.response_id)
            purposes = tuple(_standing(step, withdrawn, asked))
            if step.response_id in seen or (known and known[0].answers_key == step.answers_key):
                outcome = Outcome.UNCHANGED
            elif step.address_key in held or not purposes:
                outcome = Outcome.ASKED_NOT
            elif known:
                outcome = Outcome.CHANGED
            else:
                outcome = Outcome.MERGED if step.address_key in signed_up else Outcome.NEW
            seen.add(step.response_id)
            if outcome is not Outcome.ASKED_NOT:
                signed_up.add(step.address_key)
            yield replace(step, outcome=outcome, purposes=purposes)

    def _no_longer(self, rows: Iterable[NoPermission]) -> Iterator[Step]:
        """Yield the responses that came with a permission, and have none now. One of the same id
        that is neither of that person nor of that time is a response to another form."""
        taken_back = self._keys.answers_key(TAKEN_BACK)
        for row in rows:
            known = self._known.get(row.response_id)
            if known is None or known[0].answers_key == taken_back:
                continue
            imported, address_key = known
            is_theirs = row.address and address_key == self._key(row.address)
            if is_theirs or row.submitted == imported.submitted_at:
                yield Step(Outcome.NO_LONGER, row.where, row.response_id, answers_key=taken_back)

    def _key(self, address: str) -> bytes:
        return self._keys.address_key(normalise(address))


def _as_text(source: Source, response: Response) -> str:
    """Return all that a response says, as one text: the same for the same answers, whatever file
    they come in."""
    school = response.school
    return json.dumps(
        [
            source.mapping.form,
            source.campaign.name,
            response.submitted.isoformat(),
            normalise(response.address),
            response.name,
            response.role,
            response.phone,
            response.support,
            school.text,
            school.urn,
            school.postcode,
            school.town,
            sorted(response.answers.items()),
            sorted(response.statements.items()),
        ]
    )


def _contradicting(steps: Sequence[Step]) -> Iterator[BadRow]:
    """Yield the rows that have one response id and say different things."""
    by_id: dict[str, list[Step]] = {}
    for step in steps:
        by_id.setdefault(step.response_id, []).append(step)
    for response_id, rows in by_id.items():
        if len({step.answers_key for step in rows}) > 1:
            for step in rows:
                others = " and ".join(one.where for one in rows if one is not step)
                yield BadRow(
                    step.where,
                    "response_id",
                    response_id,
                    f"Row {others} has the same response id, and says something else.",
                    "Keep the row that is right and delete the other.",
                )


def _standing(
    step: Step,
    withdrawn: Mapping[tuple[bytes, str], datetime],
    asked: Mapping[bytes, datetime],
) -> Iterator[Purpose]:
    """Yield what a response says yes to, without what its person took back afterwards, or all of it
    where they asked us to stop afterwards: a later yes does not bring an earlier one back."""
    assert step.response is not None  # noqa: S101  # these steps have one
    for purpose in step.response.statements:
        wishes = (withdrawn.get((step.address_key, purpose.value)), asked.get(step.address_key))
        if all(wish is None or wish < step.response.submitted for wish in wishes):
            yield purpose


def _imported(
    session: Session, source: Source
) -> Iterator[tuple[str, tuple[ImportedAnswer, bytes]]]:
    """Yield what was imported of the form before: response id, the row, whose address."""
    rows = session.execute(
        sa.select(ImportedAnswer, col(Volunteer.address_key))
        .join_from(ImportedAnswer, Volunteer, col(Volunteer.id) == col(ImportedAnswer.volunteer_id))
        .where(
            col(ImportedAnswer.form) == source.mapping.form,
            col(ImportedAnswer.mode) == source.mode,
        )
    )
    for row, address_key in rows:
        yield row.response_id, (row, bytes(address_key))


def _signed_up(session: Session, source: Source) -> set[bytes]:
    rows = session.execute(
        sa.select(col(Volunteer.address_key))
        .join_from(Volunteer, SignUp, col(SignUp.volunteer_id) == col(Volunteer.id))
        .where(
            col(SignUp.campaign) == source.campaign.name,
            col(SignUp.mode) == source.mode,
        )
    )
    return {bytes(row[0]) for row in rows}


def _withdrawn(
    session: Session, address_keys: Iterable[bytes]
) -> dict[tuple[bytes, str], datetime]:
    """Return when each of the people last took a permission back: (address key, purpose) → then."""
    last: dict[tuple[bytes, str], datetime] = {}
    for some in batches(address_keys):
        rows = session.execute(
            sa.select(
                col(Volunteer.address_key),
                col(Permission.purpose),
                col(Permission.withdrawn_at),
            )
            .join_from(Permission, Volunteer, col(Permission.volunteer_id) == col(Volunteer.id))
            .where(col(Volunteer.address_key).in_(some), col(Permission.withdrawn_at).is_not(None))
        )
        for address_key, purpose, at in rows:
            key = (bytes(address_key), purpose)
            last[key] = max(last.get(key, at), at)
    return last
