"""From what is held about a volunteer back to the form's answers, so that each can be changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from postroom.content.signup_form import ROLE, Question
from postroom.research import workplaces
from postroom.research.own_details import Own
from postroom.tables import SignUp
from postroom.web import forms
from postroom.web.campaigns_told import Told
from postroom.web.steps import LISTED, OTHER, PREFIX, Walk

FIXED = ("suitable", "email")
"""Steps of the form that nobody changes: who writes from another address signs up anew."""


@dataclass(frozen=True)
class OwnWalk(Walk):
    """A walk through answers that were given before: all but the fixed ones can be changed."""

    def steps(self) -> list[str]:
        return [step for step in super().steps() if step not in FIXED]


def answers(told: Told, sign_up: SignUp, own: Own, session: Session) -> dict[str, list[str]]:
    """Return what the form would hold if *sign_up* had just been filled in. Read-only."""
    first, _, last = own.volunteer.name.rpartition(" ")
    given = {
        "name": [first or last, last if first else ""],
        "email": [own.volunteer.address],
        "support": [own.support] if own.support else [],
        "permission": _permissions(told, own.purposes.get(sign_up.campaign, ())),
        **_workplace(sign_up, session),
    }
    if own.volunteer.phone:
        given["phone"] = [own.volunteer.phone]
    said = {ROLE: [own.volunteer.role]} if own.volunteer.role else {}
    for name, question in told.form.questions.items():
        given |= _chosen(f"{PREFIX}{name}", question, {**said, **sign_up.answers})
    return given


def walk(told: Told, sign_up: SignUp, given: Mapping[str, list[str]], session: Session) -> OwnWalk:
    """Return the walk through the answers *given*. Read-only."""
    typed = next(iter(given.get("find", ())), "")
    return OwnWalk(
        told.form,
        given,
        tuple(told.statements.values()),
        workplaces.by_urn(session, sign_up.school_urn),
        tuple(workplaces.search(session, typed)),
        has_register=workplaces.has_register(session),
    )


def _workplace(sign_up: SignUp, session: Session) -> dict[str, list[str]]:
    if workplaces.by_urn(session, sign_up.school_urn) is not None:
        return {"work": [LISTED]}
    return {"find": [sign_up.school_name], "pick": [forms.NOT_LISTED]}


def _chosen(step: str, question: Question, said: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the numbers of the options that were chosen; nothing where it must be asked again."""
    words = said.get(step.removeprefix(PREFIX), [])
    options = question.all_options
    numbers = [str(options.index(word)) for word in words if word in options]
    other = [word for word in words if word not in options]
    if other and question.other:
        return {
            step: [*numbers, str(options.index(question.other))],
            f"{step}{OTHER}": other[:1],
        }
    return {step: numbers} if numbers or question.optional else {}


def _permissions(told: Told, purposes: Sequence[str]) -> list[str]:
    return [str(n) for n, purpose in enumerate(told.statements) if purpose.value in purposes]
