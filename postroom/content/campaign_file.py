"""Campaign files: what a campaign is, read from TOML, with every mistake named by its line."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    field_validator,
)

from postroom import wrong_values
from postroom.content.near_words import did_you_mean, nearest
from postroom.content.signup_form import Question, SignUpForm, Wanted
from postroom.content.stated import STRICT, Address, Link, is_name, no_name
from postroom.content.stated import Text as Text
from postroom.content.toml_lines import line_of, read_toml
from postroom.errors import CampaignError

FOLDER = "campaigns"
_FACT_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TEMPLATE_NAME = re.compile(r"[A-Za-z0-9_-]+(?:[/.][A-Za-z0-9_-]+)*\.md")


class Kind(StrEnum):
    """What a campaign is for, and so which wish not to be emailed holds it back."""

    ANNOUNCEMENT = "announcement"
    RESEARCH = "research"
    SERVICE = "service"


class Route(StrEnum):
    """How a campaign reaches its readers."""

    DIRECT = "direct"  # we email a list of ours
    PARTNER = "partner"  # a partner passes it on: we hold none of their addresses
    OPEN = "open"  # a link for anybody


def _conditions(value: object) -> object:
    """A segment is a table of columns; each wants one value or any of several."""
    if not isinstance(value, dict):
        raise ValueError(
            'must be a table of columns and values, like region = ["London", "South East"]'
        )
    several = {field: [one] if isinstance(one, str) else one for field, one in value.items()}
    wrong = [field for field, values in several.items() if not _are_texts(values)]
    if wrong:
        given = value[wrong[0]]
        like = f'"{given}"' if isinstance(given, int | float | date) else '"London"'
        raise ValueError(
            f"{', '.join(wrong)}: must be text in straight quotes, or several in square brackets, "
            f'like {wrong[0]} = {like} or region = ["London", "South East"]'
        )
    return several


def _are_texts(values: object) -> bool:
    return isinstance(values, list | tuple) and all(isinstance(v, str) for v in values or [None])


def _list_names(value: object) -> object:
    """A campaign goes to one list or to several; a person on two of them is emailed once."""
    names = [value] if isinstance(value, str) else value
    if not (isinstance(names, list | tuple) and _are_texts(names)):
        raise ValueError('must be the name of a list, or of several: ["bpn", "extra"]')
    return tuple(dict.fromkeys(names))


ListNames = Annotated[tuple[Text, ...], BeforeValidator(_list_names)]
Segment = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_conditions)]


def _fact_name(value: str) -> str:
    if not _FACT_NAME.fullmatch(value):
        raise ValueError(
            "cannot be a fact's name: use small letters, digits and _, beginning with a letter"
        )
    return value


FactName = Annotated[str, AfterValidator(_fact_name)]


class Fact(BaseModel):
    """A figure, date, name, address or link that a campaign states, and where it comes from."""

    model_config = STRICT

    value: Text
    source: Text
    sum: Text | None = None  # arithmetic that must give the value: "20 × £25"
    shared: Text | None = None  # the shared fact (a name in facts/) that this one must agree with


class Campaign(BaseModel):
    """One campaign, as its file states it. Frozen."""

    model_config = STRICT

    name: str
    title: Text
    kind: Kind
    template: str
    route: Route
    list: ListNames | None = None
    segment: Segment = Field(default_factory=dict)
    partner: Text | None = None
    send_on: Annotated[date, Field(strict=True)]
    author: Address
    reply_to_id: UUID | None = None
    template_id: UUID | None = None
    form: Link | None = None
    stop_address: Address | None = None
    link_domains: tuple[Text, ...] = ()
    facts: dict[FactName, Fact] = Field(default_factory=dict)
    covering_note: dict[FactName, Fact] = Field(default_factory=dict)
    confirmations: dict[FactName, Fact] = Field(default_factory=dict)
    researcher: Address | None = None  # who is told every week who is still missing
    signup: SignUpForm = Field(default_factory=SignUpForm)
    wanted: Wanted = Field(default_factory=dict)

    @field_validator("template")
    @classmethod
    def _template_is_a_file_name(cls, value: str) -> str:
        if not _TEMPLATE_NAME.fullmatch(value):
            raise ValueError('must be a file in templates/email, like "bpn-invite.md"')
        return value


def campaign_names(folder: Path) -> list[str]:
    """Return the names of the campaigns in *folder*, sorted. A missing folder has none."""
    files = (path for path in folder.glob("*.toml") if path.is_file())
    return sorted(path.stem for path in files if is_name(path.stem))


def read_campaign(name: str, text: str) -> Campaign:
    """Return the campaign that *text*, the content of campaigns/NAME.toml, states.

    Raises `CampaignError` with every mistake: file, line, field, what is wrong, what is allowed.
    """
    check_name(name)
    file = f"{FOLDER}/{name}.toml"
    written = read_toml(file, text, CampaignError)
    mistakes = list(_mistakes_between_fields(name, written))
    try:
        campaign = Campaign(**{**written, "name": name})
    except ValidationError as error:
        mistakes.extend(_mistakes(error))
    else:
        if not mistakes:
            return campaign
    placed = sorted({(line_of(text, place), ".".join(place), said) for place, said in mistakes})
    raise CampaignError(*(f"{file}:{line}: {field}: {said}" for line, field, said in placed))


def check_name(name: str) -> None:
    """Raise `CampaignError` when *name* cannot be a campaign's."""
    if not is_name(name):
        raise CampaignError(no_name(name, "campaign", "bpn-invite"))


_Mistake = tuple[tuple[str, ...], str]  # where in the file, and what is wrong there


def _mistakes_between_fields(name: str, written: Mapping[str, Any]) -> Iterator[_Mistake]:
    if "name" in written:
        yield ("name",), f"is the file's own name, {name}. Take this line out"
    if written.get("route") == Route.DIRECT and "list" not in written:
        yield ("list",), "is missing. A direct campaign names the list it goes to"
    if written.get("route") == Route.PARTNER and "partner" not in written:
        yield ("partner",), "is missing. A partner campaign says who passes it on"
    if written.get("route") in {Route.PARTNER, Route.OPEN} and "list" in written:
        yield ("list",), 'is only for route = "direct": on other routes we hold no addresses'


def _mistakes(error: ValidationError) -> Iterator[_Mistake]:
    for mistake in error.errors():
        place = tuple(str(part) for part in mistake["loc"] if part != "[key]")
        place = place[:1] if place[0] == "list" else place  # of several lists the line is one
        yield place, _meaning(dict(mistake), place)


def _meaning(mistake: dict[str, Any], place: tuple[str, ...]) -> str:
    model, what = _part(place)
    match mistake["type"]:
        case "missing":
            return _missing(place[-1])
        case "extra_forbidden":
            return _unknown(place[-1], model, what)
        case "model_type":
            return f"must be written like {_LIKE[model]}{_not(mistake)}"
        case "value_error":
            return wrong_values.in_words(mistake)
        case _:
            return f"{wrong_values.in_words(mistake)}{_not(mistake)}"


_LIKE: dict[type[BaseModel], str] = {
    Fact: '{ value = "£50", source = "…" }',
    Question: 'a table [signup.questions.way] with ask = "How would you like to take part?"',
    SignUpForm: "a table [signup]",
    Campaign: "a table",
}


def _part(place: tuple[str, ...]) -> tuple[type[BaseModel], str]:
    """Return what *place* is a part of, and how to call that."""
    match place:
        case ("facts" | "covering_note" | "confirmations", _, *_):
            return Fact, "A fact"
        case ("signup", "questions", _, *_):
            return Question, "A question"
        case ("signup", *_):
            return SignUpForm, "A sign-up form"
        case _:
            return Campaign, "A campaign"


_EXAMPLES = {
    "title": 'title = "An invitation to take part"',
    "kind": 'kind = "announcement"  (or "research" or "service")',
    "template": 'template = "bpn-invite.md"',
    "route": 'route = "direct"  (or "partner" or "open")',
    "send_on": "send_on = 2024-01-22",
    "author": 'author = "policy.officer@example.com"',
    "value": 'value = "£50"',
    "source": 'source = "Where this figure comes from"',
    "ask": 'ask = "How would you like to take part?"',
    "error": 'error = "Select how you would like to take part"',
    "options": 'options = ["By telephone", "In person"]',
}


def _missing(field: str) -> str:
    return f"is missing. Write, for example: {_EXAMPLES[field]}"


def _unknown(field: str, model: type[BaseModel], what: str) -> str:
    known = [name for name in model.model_fields if name != "name"]
    meant = did_you_mean(nearest(field, known))
    return f"is not known.{meant} {what} has: {', '.join(known)}"


def _not(mistake: dict[str, Any]) -> str:
    value = mistake["input"]
    if isinstance(value, str):
        return f', not "{value}"'
    return f", not {value}" if isinstance(value, int | float | date) else ""
