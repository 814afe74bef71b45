"""Writes the steps of an import, table by table: a web form must not wait for it."""

import hashlib
from collections.abc import Container, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.research import signups, volunteers
from postroom.research.import_plan import Source, Step
from postroom.research.volunteers import Method, Person, Through, Wording
from postroom.tables import ImportedAnswer, Permission, SignUp, SupportNeed, Volunteer
from postroom.tables.statements import batches


class Writer:
    """Writes steps, the oldest answers first. Does not commit.

    Everything known of these people is loaded at once, and what is new is written at once: one by
    one, a large import would hold the lock for longer than others wait for it.
    """

    def __init__(self, session: Session, source: Source, *, who: str, now: datetime):
        self._session, self._source, self._who, self._now = session, source, who, now
        facts = {name: fact.value for name, fact in source.campaign.facts.items()}
        self._controller = facts.get("organisation", "")
        self._privacy_notice = facts.get("privacy_notice", "")
        self._volunteers: dict[bytes, Volunteer] = {}
        self._sign_ups: dict[int, SignUp] = {}  # by volunteer, of the campaign
        self._needs: dict[int, SupportNeed] = {}  # by volunteer
        self._newest: dict[bytes, datetime] = {}  # when they last said yes to anything
        self._imported: dict[str, ImportedAnswer] = {}  # by response id
        self._standing: dict[tuple[int, str], list[Permission]] = {}  # by volunteer and evidence
        self._overtaken: set[str] = set()  # response ids of those who have answered again since

    def write(self, steps: Sequence[Step]) -> list[str]:
        """Write *steps*; return the references of sign-ups whose school is to be matched."""
        with_answers = [step for step in steps if step.response is not None]
        with self._session.no_autoflush:
            self._load(steps)
            for step in with_answers:
                self._record_volunteer(step)
            self._session.flush()
            for step in with_answers:
                self._record_sign_up(step)
            self._session.flush()
            for step in steps:
                self._record_permissions(step)
        return [
            sign_up.reference for sign_up in self._of_these(with_answers) if sign_up.school_to_match
        ]

    def _load(self, steps: Sequence[Step]) -> None:
        for keys in batches({step.address_key for step in steps}):
            people = select(Volunteer).where(col(Volunteer.address_key).in_(keys))
            self._volunteers |= {v.address_key: v for v in self._session.exec(people)}
        keys_by_id = {self._id(v): key for key, v in self._volunteers.items()}
        for ids in batches(keys_by_id):
            needs = select(SupportNeed).where(col(SupportNeed.volunteer_id).in_(ids))
            self._needs |= {need.volunteer_id: need for need in self._session.exec(needs)}
            last = (
                sa.select(col(Permission.volunteer_id), sa.func.max(col(Permission.given_at)))
                .where(col(Permission.volunteer_id).in_(ids))
                .group_by(col(Permission.volunteer_id))
            )
            for volunteer_id, given_at in self._session.execute(last):
                self._newest[keys_by_id[volunteer_id]] = given_at
        sign_ups = select(SignUp).where(
            SignUp.campaign == self._source.campaign.name, SignUp.mode == self._source.mode
        )
        self._sign_ups = {one.volunteer_id: one for one in self._session.exec(sign_ups)}
        imported = select(ImportedAnswer).where(
            ImportedAnswer.mode == self._source.mode,
            ImportedAnswer.form == self._source.mapping.form,
        )
        self._imported = {row.response_id: row for row in self._session.exec(imported)}
        before = [self._imported[s.response_id] for s in steps if s.response_id in self._imported]
        for ids in batches({row.volunteer_id for row in before}):
            given = select(Permission).where(
                col(Permission.volunteer_id).in_(ids), col(Permission.withdrawn_at).is_(None)
            )
            for permission in self._session.exec(given):
                where = (permission.volunteer_id, permission.evidence)
                self._standing.setdefault(where, []).append(permission)
        self._references = set(self._session.exec(select(SignUp.reference)))

    def _record_volunteer(self, step: Step) -> None:
        """Bring the volunteer up to date, unless something newer is known of them."""
        response = step.response
        assert response is not None  # noqa: S101  # of those steps only
        known = self._volunteers.get(step.address_key)
        if known and self._newest.get(step.address_key, response.submitted) > response.submitted:
            self._overtaken.add(step.response_id)
            return
        self._newest[step.address_key] = response.submitted
        person = Person(
            response.address,
            response.name,
            response.role,
            *self._place(step, known),
            phone=response.phone,
        )
        person = signups.with_school(self._session, step.address_key, person)
        volunteer = known or Volunteer(
            address=person.address,
            address_key=step.address_key,
            name=person.name,
            first_signed_up_at=response.submitted,
        )
        volunteers.update(volunteer, person)
        self._volunteers[step.address_key] = volunteer
        self._session.add(volunteer)

    def _place(self, step: Step, volunteer: Volunteer | None) -> tuple[str, str]:
        """Return URN and name of where they work: as matched by now, if they said the same."""
        if volunteer and not step.place.name:
            return volunteer.school_urn, volunteer.school_name
        before = self._sign_ups.get(self._id(volunteer)) if volunteer and volunteer.id else None
        if before and self._said_the_same(step):
            return before.school_urn, before.school_name
        return step.place.urn, step.place.name

    def _said_the_same(self, step: Step) -> bool:
        """Whether they say nothing new of where they work."""
        known = self._imported.get(step.response_id)
        return not step.place.name or (known is not None and known.school_key == step.school_key)

    def _record_sign_up(self, step: Step) -> None:
        """Bring the sign-up up to date: newer answers count, older ones fill gaps."""
        response, volunteer = step.response, self._volunteers[step.address_key]
        assert response is not None  # noqa: S101  # of those steps only
        sign_up = self._sign_ups.get(self._id(volunteer))
        is_new = sign_up is None
        if sign_up is None:
            sign_up = signups.new_sign_up(
                self._id(volunteer),
                self._through(step),
                self._unused_reference(),
                response.submitted,
            )
            self._sign_ups[self._id(volunteer)] = sign_up
        said = {name: list(chosen) for name, chosen in response.answers.items()}
        if step.response_id in self._overtaken:
            sign_up.answers = said | sign_up.answers
            if is_new:
                signups.work_at(sign_up, volunteer)
        else:
            sign_up.answers = sign_up.answers | said
            waited = sign_up.school_to_match
            signups.work_at(sign_up, volunteer)
            same = not is_new and self._said_the_same(step)
            sign_up.school_to_match = waited if same else step.place.to_match
            self._record_support(volunteer, response.support, response.submitted)
        self._session.add(sign_up)

    def _record_support(self, volunteer: Volunteer, text: str | None, at: datetime) -> None:
        need = self._needs.get(self._id(volunteer))
        if text:
            need = need or SupportNeed(volunteer_id=self._id(volunteer), text="", given_at=at)
            need.text, need.given_at = text, at
            self._needs[self._id(volunteer)] = need
            self._session.add(need)
        elif need and text is not None:
            del self._needs[self._id(volunteer)]
            if need in self._session.new:
                self._session.expunge(need)
            else:
                self._session.delete(need)

    def _record_permissions(self, step: Step) -> None:
        """Record what they say yes to, end what they no longer do, and keep that it came in."""
        known = self._imported.get(step.response_id)
        evidence = self._source.evidence(step.response_id)
        standing = self._standing.get((known.volunteer_id, evidence), []) if known else []
        if step.response is None:
            self._take_back(standing, keeping=())
        else:
            volunteer = self._volunteers[step.address_key]
            is_same = known is not None and known.volunteer_id == volunteer.id
            self._take_back(standing, keeping=step.purposes if is_same else ())
            self._permit(step, volunteer, standing if is_same else [])
        self._keep(step, known)

    def _take_back(self, standing: Sequence[Permission], *, keeping: Container[str]) -> None:
        for permission in standing:
            if permission.purpose not in keeping:
                permission.withdrawn_at = self._now
                self._session.add(permission)

    def _permit(self, step: Step, volunteer: Volunteer, standing: Sequence[Permission]) -> None:
        response = step.response
        assert response is not None  # noqa: S101  # of those steps only
        there = {(one.purpose, one.given_at, one.statement_sha256) for one in standing}
        for purpose in step.purposes:
            words = response.statements[purpose]
            digest = hashlib.sha256(words.encode()).hexdigest()
            if (purpose.value, response.submitted, digest) not in there:
                volunteers.permit(
                    self._session,
                    volunteer,
                    purpose,
                    self._wording(words),
                    through=self._through(step),
                    recorded_by=self._who,
                    now=response.submitted,
                )

    def _keep(self, step: Step, known: ImportedAnswer | None) -> None:
        """Keep which response this was, and what it said, so that it comes in only once."""
        response = step.response
        row = known
        if response is not None:
            row = row or ImportedAnswer(
                mode=self._source.mode,
                form=self._source.mapping.form,
                response_id=step.response_id,
                volunteer_id=0,
                answers_key=b"",
                school_key=b"",
                submitted_at=response.submitted,
                imported_at=self._now,
            )
            row.volunteer_id = self._id(self._volunteers[step.address_key])
            row.school_key, row.submitted_at = step.school_key, response.submitted
        if row is not None:
            row.answers_key, row.imported_at = step.answers_key, self._now
            self._session.add(row)

    def _through(self, step: Step) -> Through:
        campaign = self._source.campaign
        return Through(
            campaign.name,
            self._source.mode,
            campaign.route,
            Method.IMPORT,
            evidence=self._source.evidence(step.response_id),
        )

    def _wording(self, statement: str) -> Wording:
        return Wording(
            statement,
            controller=self._controller,
            privacy_notice_url=self._privacy_notice,
            version=self._source.mapping.version,
        )

    def _unused_reference(self) -> str:
        while (reference := signups.new_reference()) in self._references:
            pass
        self._references.add(reference)
        return reference

    def _of_these(self, steps: Sequence[Step]) -> list[SignUp]:
        keys = dict.fromkeys(step.address_key for step in steps)
        ids = (self._id(self._volunteers[key]) for key in keys)
        return [self._sign_ups[volunteer_id] for volunteer_id in ids]

    @staticmethod
    def _id(volunteer: Volunteer) -> int:
        if volunteer.id is None:
            raise ValueError("the volunteer was not written yet")
        return volunteer.id
