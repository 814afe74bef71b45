"""The steps of a sign-up: which pages a visitor still has to see, and what each one asks."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from flask import render_template

from postroom.content.signup_form import Question, SignUpForm
from postroom.research.workplaces import MOST_SHOWN, Workplace
from postroom.web import forms
from postroom.web.campaigns_told import Told
from postroom.web.forms import StepForm

LISTED = "listed"
PREFIX = "question-"  # of the steps of the campaign's own questions
OTHER = "-other"
OPTIONAL = "(optional)"
TITLES = {
    "name": "What is your name?",
    "email": "What is your email address?",
    "work": "Where do you work?",
    "find": "Where do you work?",
    "phone": "What is your phone number?",
    "support": f"Is there anything we can do to help you take part? {OPTIONAL}",
    "permission": "Can we contact you about research?",
}

Answers = Mapping[str, list[str]]


@dataclass(frozen=True)
class Walk:
    """One visitor's way through one campaign's form, with what is known on the way."""

    form: SignUpForm
    answers: Answers
    statements: tuple[str, ...]
    school: Workplace | None = None  # what the link says; shown to be confirmed, never taken
    found: tuple[Workplace, ...] = field(default=())  # schools that what they typed fits
    has_register: bool = False

    def steps(self) -> list[str]:
        """Return the keys of the pages to be seen, in order; later ones depend on answers."""
        return [
            *(["suitable"] if self.form.suitable else []),
            "name",
            "email",
            *self._workplace_steps(),
            *(f"{PREFIX}{name}" for name in self.form.questions),
            *(["phone"] if self.wants_telephone() else []),
            "support",
            "permission",
        ]

    def first_open(self, *, but_not: Collection[str] = ()) -> str | None:
        """Return the first step that has no answer, or None when all of them have.

        Steps in *but_not* count as answered.
        """
        answered = {*self.answers, *but_not}
        return next((step for step in self.steps() if step not in answered), None)

    def before(self, step: str) -> str | None:
        """Return the step before *step*, or None when it is the first."""
        steps = self.steps()
        place = steps.index(step)
        return steps[place - 1] if place else None

    def title(self, step: str) -> str:
        """Return the question that the page asks: its heading."""
        if step == "suitable":
            return str(self.form.suitable)
        if step == "pick":
            return _results_title(len(self.found), self._first("find"))
        question = self.question(step)
        if question is None:
            return TITLES[step]
        is_marked = not question.optional or question.ask.endswith(OPTIONAL)
        return question.ask if is_marked else f"{question.ask} {OPTIONAL}"

    def question(self, step: str) -> Question | None:
        """Return the campaign's own question that *step* asks, or None for the common ones."""
        return (
            self.form.questions.get(step.removeprefix(PREFIX)) if step.startswith(PREFIX) else None
        )

    def make_form(self, step: str) -> type[StepForm]:
        """Return the form class of *step*."""
        title = self.title(step)
        if question := self.question(step):
            return forms.question_form(self.field_name(step), question)
        match step:
            case "suitable":
                yes_no = ((forms.YES, "Yes"), (forms.NO, "No"))
                error = str(self.form.suitable_error)
                return forms.choice_form("suitable", title, yes_no, error=error)
            case "name":
                return forms.name_form()
            case "email":
                return forms.email_form(title)
            case "phone":
                return forms.phone_form(title)
            case "support":
                return forms.support_form(title)
            case "permission":
                return forms.permission_form(title, self.statements)
            case "find":
                return forms.find_form(title, register=self.has_register)
            case _:
                choices = self._workplace_choices(step)
                return forms.choice_form(step, title, choices, error="Select a school")

    def field_name(self, step: str) -> str:
        """Return the name of the field that a step with one field has."""
        return step.removeprefix(PREFIX) if step.startswith(PREFIX) else step

    def wants_telephone(self) -> bool:
        """Return whether one of the options they chose needs a telephone number."""
        return any(
            str(question.options.index(question.telephone)) in self.answers.get(PREFIX + name, ())
            for name, question in self.form.questions.items()
            if question.telephone
        )

    def chosen(self, name: str) -> list[str]:
        """Return, in words, what they chose of the campaign's question *name*."""
        question = self.form.questions[name]
        options = question.all_options
        words = [options[int(number)] for number in self.answers.get(PREFIX + name, ())]
        if question.other and question.other in words:
            typed = self._first(f"{PREFIX}{name}{OTHER}")
            words = [typed if word == question.other else word for word in words]
        return words

    def workplace(self) -> Workplace:
        """Return where they said they work; its URN is empty when it is not in the register."""
        if self._first("work") == LISTED and self.school:
            return self.school
        picked = self._first("pick")
        for place in self.found:
            if place.urn == picked:
                return place
        return Workplace("", self._first("find"))

    def _workplace_steps(self) -> list[str]:
        known = ["work"] if self.school else []
        if self.school and self._first("work") != forms.ELSEWHERE:
            return known
        return [*known, "find", *(["pick"] if self.has_register else [])]

    def _workplace_choices(self, step: str) -> list[tuple[str, str]]:
        if step == "work":
            assert self.school is not None  # noqa: S101  # else there is no such step
            return [(LISTED, self.school.label), (forms.ELSEWHERE, "Somewhere else")]
        listed = [(place.urn, place.label) for place in self.found[:MOST_SHOWN]]
        mine = f"My organisation is not listed: use “{self._first('find')}”"
        return [*listed, (forms.NOT_LISTED, mine)]

    def _first(self, key: str) -> str:
        return next(iter(self.answers.get(key, ())), "")


def keep(answers: dict[str, list[str]], step: str, form: StepForm, walk: Walk) -> None:
    """Put what *form* says into *answers*, taking out answers that it overtakes."""
    if step == "name":
        answers["name"] = [form.first_name.data, form.last_name.data]
    else:
        said = form[walk.field_name(step)].data
        answers[step] = said if isinstance(said, list) else [said] if said else []
    if forms.OTHER_FIELD in form:
        answers[step + OTHER] = [form[forms.OTHER_FIELD].data or ""]
    for overtaken in {"work": ("find", "pick"), "find": ("pick",)}.get(step, ()):
        answers.pop(overtaken, None)


def fill(form: StepForm, step: str, walk: Walk) -> None:
    """Show in *form* what was answered before."""
    said = walk.answers.get(step)
    if said is None:
        return
    if step == "name":
        form.first_name.data, form.last_name.data = said
        return
    box = form[walk.field_name(step)]
    box.data = said if box.type == "SelectMultipleField" else next(iter(said), None)
    if forms.OTHER_FIELD in form:
        form[forms.OTHER_FIELD].data = next(iter(walk.answers.get(step + OTHER, ())), "")


def page(
    told: Told, walk: Walk, step: str, form: StepForm, *, back: str, foot: str = "leave.html"
) -> str:
    """Return the page of *step*; *back* is where its link Back leads, *foot* stands at its end."""
    return render_template(
        "step.html",
        campaign=told,
        step=step,
        title=walk.title(step),
        form=form,
        field=walk.field_name(step),
        question=walk.question(step),
        back=back,
        foot=foot,
    )


def rows(walk: Walk) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (step, what it was about, the answers in words) for the last page."""
    for step in walk.steps():
        said = walk.answers.get(step, [])
        match step:
            case "suitable":
                continue
            case "name":
                yield step, "Name", [" ".join(said)]
            case "email":
                yield step, "Email address", said
            case "phone":
                yield step, "Phone number", said
            case "support":
                yield step, "What would help you take part", said
            case "permission":
                yield step, "What you say yes to", [walk.statements[int(n)] for n in said]
            case "work" | "find" | "pick":
                if step == ("work" if walk.answers.get("work") == [LISTED] else "find"):
                    yield step, "Where you work", [walk.workplace().label]
            case _:
                name = walk.field_name(step)
                yield step, walk.form.questions[name].ask, walk.chosen(name)


def _results_title(number: int, words: str) -> str:
    if number > MOST_SHOWN:
        return f"The first {MOST_SHOWN} results for “{words}”"
    return f"{number} {'result' if number == 1 else 'results'} for “{words}”"
