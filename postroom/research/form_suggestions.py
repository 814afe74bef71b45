"""What the columns of a form probably are: by the same words, by usual names, by likeness.

Likeness is never more than something to ask about.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from postroom.content.campaign_file import Campaign
from postroom.content.form_mapping import Tool
from postroom.content.same_words import as_compared
from postroom.content.signup_form import ROLE, Purpose, Question
from postroom.research import form_choices, volunteers
from postroom.research.form_exports import Export
from postroom.research.form_tools import Column

ALIKE = 0.8  # of difflib's ratio: "What’s your role?" and "What is your role?" are
MOSTLY = 0.6  # of a column's different answers that are options of a question
MOST_COMPARED = 200  # different answers
OUR_PURPOSES = "yes to"
"""The heading, in our own exports, over the purposes that somebody said yes to."""
BY_TOOL = {
    Tool.MICROSOFT_FORMS: {"response_id": "ID", "submitted": "Completion time"},
    Tool.GOOGLE_FORMS: {"submitted": "Timestamp"},
    Tool.GOVUK_FORMS: {"response_id": "Reference", "submitted": "Submitted at"},
    Tool.QUALTRICS: {"response_id": "ResponseId", "submitted": "EndDate"},
    Tool.SURVEYMONKEY: {"response_id": "Respondent ID", "submitted": "End Date"},
    Tool.OUTREACH: {"response_id": "Reference", "submitted": "Signed up"},
}
ALIASES: Mapping[str, tuple[str, ...]] = {
    "response_id": ("response id", "submission id", "reference", "id"),
    "submitted": ("submitted", "submitted at", "date submitted", "completion time", "timestamp"),
    "email": (
        "what is your email address?",
        "your email address",
        "email address",
        "email",
        "e-mail",
        "what is your work email address?",
        "work email address",
        "e-mail address",
        "what is your email?",
        "your email",
        "contact email",
    ),
    "first_name": (
        "what is your first name?",
        "first name",
        "first_name",
        "forename",
        "given name",
        "what is your name? - first name",
    ),
    "last_name": (
        "what is your last name?",
        "last name",
        "last_name",
        "surname",
        "family name",
        "what is your name? - last name",
    ),
    "name": (
        "what is your name?",
        "what is your full name?",
        "your name",
        "full name",
        "name",
        "what is your name? - full name",
    ),
    "school": (
        "where do you work?",
        "what is the name of your school?",
        "what school do you work at?",
        "which school do you work at?",
        "which school do you work for?",
        "name of your school",
        "school",
        "school name",
        "name of school",
        "your school",
        "placement_school_name",
        "school or organisation",
        "what is the name of your school or organisation?",
    ),
    "school_urn": (
        "school_urn",
        "school urn",
        "urn",
        "what is your school's urn?",
        "placement_school_urn",
        "unique reference number",
    ),
    "school_postcode": ("school postcode", "what is your school's postcode?", "postcode"),
    "school_town": ("school town", "town", "town or city"),
    "role": (
        "role",
        "job role",
        "job title",
        "your role",
        "what is your role?",
        "what is your job?",
    ),
    "telephone": (
        "what is your phone number?",
        "what is your telephone number?",
        "phone number",
        "telephone number",
        "telephone",
        "phone",
        "contact number",
    ),
    "support": (
        "is there anything we can do to help you take part?",
        "what would help you take part",
        "do you have any access needs?",
        "access needs",
        "support needs",
    ),
}
"""Usual headings, the likelier ones first."""
ASKS_PERMISSION = (
    "can we contact you about research?",
    "can we contact you about taking part in research?",
    "are you happy for us to contact you about research?",
)
_LIKE_PERMISSION = ("contact you", "contact me", "consent", "agree", "permission", "happy for us")


class Sureness(StrEnum):
    """How a column was recognised."""

    EXACT = "the same words"
    USUAL = "a usual name for it"
    ALIKE = "looks like it"


@dataclass(frozen=True)
class Suggestion:
    """A column, and what it may be."""

    field: str
    """A line of [columns], a question's name, or a purpose."""
    column: Column
    sureness: Sureness


@dataclass(frozen=True)
class Suggestions:
    """What all columns may be; each column is at most one thing, but for permissions."""

    fields: dict[str, Suggestion]
    questions: dict[str, Suggestion]
    permissions: dict[Purpose, Suggestion]

    def every(self) -> Iterator[Suggestion]:
        """Yield all of them, in the order in which a file has them."""
        yield from self.fields.values()
        yield from self.questions.values()
        yield from self.permissions.values()


def suggest(export: Export, campaign: Campaign) -> Suggestions:
    """Return what the columns of *export* may be, for *campaign*."""
    return _Suggester(export, campaign).suggest()


class _Suggester:
    """Goes from what is sure to what is less so; a column that is something is nothing else."""

    def __init__(self, export: Export, campaign: Campaign):
        self._export, self._questions = export, campaign.signup.questions
        self._statements = volunteers.statements_of(campaign)
        self._found = Suggestions({}, {}, {})
        self._taken: set[int] = set()

    def suggest(self) -> Suggestions:
        self._by_the_same_words()
        self._by_usual_names()
        self._by_likeness()
        return self._found

    @property
    def _free(self) -> list[Column]:
        """The columns that are nothing yet."""
        return [
            column
            for column in self._export.columns
            if not set(column.at) & self._taken and not column.is_always_dropped
        ]

    def _take(
        self, into: dict[Any, Suggestion], field: str, column: Column, sureness: Sureness
    ) -> None:
        into[field] = Suggestion(str(field), column, sureness)
        self._taken |= set(column.at)

    def _by_the_same_words(self) -> None:
        for name, question in self._questions.items():
            for column in self._free:
                if name not in self._found.questions and column.is_called(question.ask):
                    self._take(self._found.questions, name, column, Sureness.EXACT)
        for purpose, statement in self._statements.items():
            for column in self._free:
                if purpose not in self._found.permissions and self._states(column, statement):
                    self._found.permissions[purpose] = Suggestion(purpose, column, Sureness.EXACT)
        for one in self._found.permissions.values():  # several can stand in one column
            self._taken |= set(one.column.at)

    def _states(self, column: Column, statement: str) -> bool:
        if column.is_called(statement):
            return True
        ends = (as_compared(said.rstrip("; ")) for said in self._export.answers(column))
        return as_compared(statement) in ends

    def _by_usual_names(self) -> None:
        for field, heading in BY_TOOL.get(self._export.shape.tool, {}).items():
            self._take_called(self._found.fields, field, (heading,))
        for name in self._questions:
            if name not in self._found.questions:
                usual = ALIASES[ROLE] if name == ROLE else (name,)
                self._take_called(self._found.questions, name, usual)
        for field in self._missing():
            self._take_called(self._found.fields, field, ALIASES[field])
        if self._found.permissions:
            return
        if column := self._called((OUR_PURPOSES,)):
            for purpose in Purpose:
                self._take(self._found.permissions, purpose, column, Sureness.USUAL)
        else:
            this_service = Purpose.THIS_SERVICE
            self._take_called(self._found.permissions, this_service, ASKS_PERMISSION)

    def _take_called(self, into: dict[Any, Suggestion], field: str, names: Iterable[str]) -> None:
        column = self._called(names)
        if column is not None:
            self._take(into, field, column, Sureness.USUAL)

    def _missing(self) -> list[str]:
        """Return the fields that have no column yet, those of the name by how it was asked."""
        fields = [field for field in ALIASES if field not in self._found.fields]
        if ROLE in self._questions:
            fields.remove(ROLE)
        in_two = self._called(ALIASES["first_name"]) and self._called(ALIASES["last_name"])
        if in_two or "first_name" in self._found.fields:
            return [field for field in fields if field != "name"]
        return [field for field in fields if field not in ("first_name", "last_name")]

    def _called(self, names: Iterable[str]) -> Column | None:
        """Return the free column with the likeliest of *names* that somebody answered."""
        free = self._free
        for name in names:
            for column in free:
                if column.is_called(name) and self._is_answered(column):
                    return column
        return None

    def _is_answered(self, column: Column) -> bool:
        """Whether anybody said anything there; a tool may know nobody and write "anonymous"."""
        answers = set(map(as_compared, self._export.answers(column)))
        return answers != {"anonymous"} and (bool(answers) or not self._export.rows)

    def _by_likeness(self) -> None:
        for name, question in self._questions.items():
            if name not in self._found.questions:
                self._take_best(self._found.questions, name, self._likeness_to(question))
        if not self._found.permissions:
            for column in self._free:
                if any(words in as_compared(column.label) for words in _LIKE_PERMISSION):
                    found = self._found.permissions
                    self._take(found, Purpose.THIS_SERVICE, column, Sureness.ALIKE)
                    break
        for field in self._missing():
            if field not in ("response_id", "submitted"):
                self._take_best(self._found.fields, field, self._likeness_to_field(field))

    def _take_best(
        self, into: dict[str, Suggestion], field: str, likeness: Callable[[Column], float]
    ) -> None:
        answered = filter(self._is_answered, self._free)
        ranked = sorted(answered, key=likeness, reverse=True)
        if ranked and likeness(ranked[0]) >= ALIKE:
            self._take(into, field, ranked[0], Sureness.ALIKE)

    def _likeness_to(self, question: Question) -> Callable[[Column], float]:
        """Return how far a column's heading is the question, or its answers are its options."""
        separator = self._export.shape.tool.separator

        def likeness(column: Column) -> float:
            by_heading = _ratio(column.label, question.ask)
            answers = self._export.answers(column)[:MOST_COMPARED]
            if len(answers) > len(question.all_options) * 3 or not answers:
                return by_heading
            known = sum(
                not form_choices.split(said, question.all_options, separator).others
                for said in answers
            )
            return max(by_heading, ALIKE if known >= len(answers) * MOSTLY else 0)

        return likeness

    def _likeness_to_field(self, field: str) -> Callable[[Column], float]:
        def likeness(column: Column) -> float:
            by_heading = max(_ratio(column.label, usual) for usual in ALIASES[field])
            if field != "email":
                return by_heading
            answers = self._export.answers(column)[:MOST_COMPARED]
            with_sign = sum("@" in said for said in answers)
            return max(by_heading, ALIKE if with_sign > len(answers) / 3 else 0)

        return likeness


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, as_compared(one), as_compared(other)).ratio()
