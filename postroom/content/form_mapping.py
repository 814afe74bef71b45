"""Mapping files: how the answers of a form made with another tool become sign-ups."""

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    model_validator,
)

from postroom import wrong_values
from postroom.content.campaign_file import Campaign
from postroom.content.near_words import did_you_mean, nearest, nearest_words, quoted
from postroom.content.same_words import as_compared
from postroom.content.signup_form import ROLE, Purpose
from postroom.content.stated import STRICT, Text, is_name, no_name
from postroom.content.toml_lines import line_of, read_toml
from postroom.errors import ContentError

FOLDER = "campaigns/forms"
ZONE = "Europe/London"
MOST_HEADING_ROWS = 5
_NO_PERMISSION = (
    "is missing. Say which column holds the yes: [permissions.research-this-service] with "
    'column = "…" and accepted = ["Yes"]. If the form asked for no permission, nobody from it can '
    "be brought in: ask them, and record each yes with: outreach signups add"
)


class Tool(StrEnum):
    """What made the form."""

    MICROSOFT_FORMS = "microsoft-forms"
    GOOGLE_FORMS = "google-forms"
    GOVUK_FORMS = "govuk-forms"
    QUALTRICS = "qualtrics"
    SURVEYMONKEY = "surveymonkey"
    OUTREACH = "outreach"  # our own export, or a list with the headings of a staff list
    OTHER = "other"

    @property
    def in_words(self) -> str:
        """What people call it."""
        return _TITLES[self]

    @property
    def separator(self) -> str:
        """What the tool puts between several answers to one question."""
        semicolons = (Tool.MICROSOFT_FORMS, Tool.SURVEYMONKEY)
        return ";" if self in semicolons else ","


_TITLES = {
    Tool.MICROSOFT_FORMS: "Microsoft Forms",
    Tool.GOOGLE_FORMS: "Google Forms",
    Tool.GOVUK_FORMS: "GOV.UK Forms",
    Tool.QUALTRICS: "Qualtrics",
    Tool.SURVEYMONKEY: "SurveyMonkey",
    Tool.OUTREACH: "a list with our own headings",
    Tool.OTHER: "a form of another kind",
}


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError('must be a time zone, like "Europe/London" or "UTC"') from None
    return value


def _one_or_several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _separator(value: str) -> str:
    if not value.strip() or value.strip().isalnum():
        raise ValueError('must be what stands between two answers, like ";" or ","')
    return value.strip()


Zone = Annotated[str, AfterValidator(_zone)]
Headings = Annotated[
    tuple[Text, ...], BeforeValidator(_one_or_several), Field(min_length=1, max_length=50)
]
Separator = Annotated[str, AfterValidator(_separator)]


class Columns(BaseModel):
    """Under which heading each thing stands that is asked of everybody."""

    model_config = STRICT

    response_id: Text | None = None
    submitted: Text
    email: Text
    name: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    school: Text | None = None
    school_urn: Text | None = None
    school_postcode: Text | None = None
    school_town: Text | None = None
    role: Text | None = None
    telephone: Text | None = None
    support: Text | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if not (self.name or self.first_name):
            raise ValueError("has no `name`, and no `first_name` and `last_name` in its place")
        if self.name and (self.first_name or self.last_name):
            raise ValueError("has `name` and parts of it as well. Keep one or the other")
        return self

    @property
    def named(self) -> dict[str, str]:
        """What is named: field → heading."""
        return {field: heading for field, heading in self if heading}


class QuestionMapping(BaseModel):
    """Where the answer to one of the campaign's questions stands."""

    model_config = STRICT

    column: Headings  # several where the tool gives each option a column of its own
    separator: Separator | None = None
    answers: dict[Text, Text] = Field(default_factory=dict)
    """As the form writes an answer → the option of the campaign file that it is."""


class PermissionMapping(BaseModel):
    """Where a yes stands, and in which words it was asked for."""

    model_config = STRICT

    column: Text
    accepted: Annotated[tuple[Text, ...], Field(min_length=1)]
    statement: Text | None = None  # what they said yes to; else the heading of the column
    separator: Separator | None = None  # where one question asked for several permissions
    other_answers: tuple[Text, ...] = ()
    """Answers to the same question that are no yes to this; needed between commas only."""


class FormMapping(BaseModel):
    """One form's mapping, as its file states it. Frozen."""

    model_config = STRICT

    form: str
    version: str
    """The start of the file's digest: kept with each permission."""
    campaign: Text
    tool: Tool
    timezone: Zone = ZONE
    day_first: Annotated[bool, Field(strict=True)] | None = None
    heading_rows: Annotated[int, Field(ge=1, le=MOST_HEADING_ROWS, strict=True)] | None = None
    columns: Columns
    questions: dict[str, QuestionMapping] = Field(default_factory=dict)
    permissions: dict[Purpose, PermissionMapping] = Field(default_factory=dict)

    @property
    def headings(self) -> dict[tuple[str, ...], str]:
        """Every heading that the file names, by where in it."""
        named: dict[tuple[str, ...], str] = {
            ("columns", field): heading for field, heading in self.columns.named.items()
        }
        for name, question in self.questions.items():
            for number, heading in enumerate(question.column):
                named["questions", name, "column", str(number)] = heading
        for purpose, permission in self.permissions.items():
            named["permissions", purpose.value, "column"] = permission.column
        return named


_Mistake = tuple[tuple[str, ...], str]  # where in the file, and what is wrong there


def file_of(form: str) -> str:
    """Return the path, in a workspace, of the mapping file of *form*. Raises `ContentError`."""
    if not is_name(form):
        raise ContentError(no_name(form, "form", "bpn-volunteers"))
    return f"{FOLDER}/{form}.toml"


def read_mapping(form: str, text: str) -> FormMapping:
    """Return the mapping that *text*, the content of the form's file, states.

    Raises `ContentError` with every mistake: file, line, field, what is wrong, what is allowed.
    """
    written = read_toml(file_of(form), text)
    mistakes: list[_Mistake] = [
        ((own,), "is not for you to say. Take this line out")
        for own in ("form", "version")
        if own in written
    ]
    if not written.get("permissions"):
        mistakes.append((("permissions",), _NO_PERMISSION))
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    try:
        mapping = FormMapping(**{**written, "form": form, "version": version})
    except ValidationError as error:
        mistakes += _mistakes(error)
    else:
        if not mistakes:
            return mapping
    raise told(form, text, mistakes)


def told(form: str, text: str, mistakes: list[_Mistake]) -> ContentError:
    """Return the error that says *mistakes* of the form's file, whose content is *text*."""
    placed = sorted({(_line(text, place), ".".join(place), said) for place, said in mistakes})
    return ContentError(*(f"{file_of(form)}:{line}: {at}: {said}" for line, at, said in placed))


def check_with(mapping: FormMapping, text: str, campaign: Campaign) -> None:
    """Raise `ContentError` where *mapping*, read from *text*, does not fit its *campaign*."""
    if mistakes := list(_not_of(mapping, campaign)):
        raise told(mapping.form, text, mistakes)


def _line(text: str, place: tuple[str, ...]) -> int:
    path = [int(part) if part.isdecimal() else part for part in place]
    return line_of(text, path)


def _not_of(mapping: FormMapping, campaign: Campaign) -> Iterator[_Mistake]:
    asked = campaign.signup.questions
    there_are = ", ".join(asked) or "none"
    for name, question in mapping.questions.items():
        if name not in asked:
            said = f"is no question of {campaign.name}. There are: {there_are}"
            yield ("questions", name), said
            continue
        options = {as_compared(option) for option in asked[name].all_options}
        for answer, option in question.answers.items():
            if as_compared(option) not in options:
                likely = nearest_words(option, asked[name].all_options)
                meant = did_you_mean(quoted(likely))
                where = f"{name} in campaigns/{campaign.name}.toml"
                yield (
                    ("questions", name, "answers", answer),
                    f"“{option}” is no option of {where}.{meant}",
                )
    if mapping.columns.role and ROLE in asked:
        said = "is a question of the campaign. Put its column under [questions.role] instead"
        yield ("columns", "role"), said


def _mistakes(error: ValidationError) -> Iterator[_Mistake]:
    for mistake in error.errors():
        place = tuple(str(part) for part in mistake["loc"] if part != "[key]")
        yield place, _meaning(dict(mistake), place)


def _meaning(mistake: dict[str, Any], place: tuple[str, ...]) -> str:
    match mistake["type"]:
        case "missing":
            return f"is missing. Write, for example: {_EXAMPLES.get(place[-1], place[-1] + ' = …')}"
        case "extra_forbidden":
            return _unknown(place)
        case "too_short":
            return 'must name at least one: ["Yes"]'
        case _:
            return wrong_values.in_words(mistake)


_EXAMPLES = {
    "campaign": 'campaign = "bpn-invite"',
    "tool": 'tool = "microsoft-forms"',
    "columns": 'a table [columns] with submitted = "Completion time" and email = "…"',
    "submitted": 'submitted = "Completion time"',
    "email": 'email = "What is your email address?"',
    "column": 'column = "What is your role?"',
    "accepted": 'accepted = ["Yes"], the answers that are a yes, exactly as they stand there',
}


def _unknown(place: tuple[str, ...]) -> str:
    model: type[BaseModel]
    match place:
        case ("columns", _):
            model = Columns
        case ("questions", _, _):
            model = QuestionMapping
        case ("permissions", _, _):
            model = PermissionMapping
        case _:
            model = FormMapping
    known = [name for name in model.model_fields if name not in ("form", "version")]
    return f"is not known.{did_you_mean(nearest(place[-1], known))} There are: {', '.join(known)}"
