"""What a campaign's sign-up form asks: the questions, their options, the words of permission."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from postroom.content.stated import STRICT, Text

ROLE = "role"  # a campaign's question of this name says what the volunteer does
LINKS_LAST = timedelta(days=90)  # the links to a campaign's form, after the campaign
MOST_OPTIONS = 15  # more than fit on a page that is read at 400 % zoom
MOST_QUESTIONS = 6  # each is a page, beside those that every form has
_QUESTION_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")


class Choose(StrEnum):
    """How many of a question's options may be chosen."""

    ONE = "one"
    SEVERAL = "several"


class Purpose(StrEnum):
    """What a volunteer can say yes to. Each is asked by itself and none is taken for granted."""

    THIS_SERVICE = "research-this-service"
    OTHER_RESEARCH = "other-research"
    SURVEY = "survey"
    UPDATES = "updates"


def _question_name(value: str) -> str:
    if not _QUESTION_NAME.fullmatch(value):
        raise ValueError(
            "cannot be a question's name: use small letters, digits and _, beginning with a letter"
        )
    return value


class Question(BaseModel):
    """One page with one question and options to choose from. Its name says what it is kept as."""

    model_config = STRICT

    ask: Text
    hint: Text | None = None
    error: Text  # shown when nothing is chosen: "Select your main role"
    choose: Choose = Choose.ONE
    options: Annotated[tuple[Text, ...], Field(min_length=1, max_length=MOST_OPTIONS)]
    optional: bool = False
    other: Text | None = None  # an option that opens a text box: "Something else"
    other_ask: Text | None = None
    other_error: Text | None = None
    unsure: Text | None = None  # an option that cannot go with another: "I’m not sure"
    unsure_error: Text | None = None
    telephone: Text | None = None  # who chooses this one is asked for a telephone number

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.other and not (self.other_ask and self.other_error):
            raise ValueError("has `other` and so needs `other_ask` and `other_error` as well")
        if self.unsure and not (self.choose is Choose.SEVERAL and self.unsure_error):
            raise ValueError('has `unsure`, which needs choose = "several" and `unsure_error`')
        if self.telephone and self.telephone not in self.options:
            raise ValueError("names for `telephone` something that is not one of its options")
        if len(set(self.all_options)) < len(self.all_options):
            raise ValueError("has the same option twice")
        return self

    @property
    def all_options(self) -> tuple[str, ...]:
        """Every option, in the order of the page."""
        return (*self.options, *filter(None, (self.other, self.unsure)))


class SignUpForm(BaseModel):
    """The form behind a campaign's link. Without one in the file, it asks what every form asks."""

    model_config = STRICT

    about: Text | None = None  # what the research is about; else the campaign's title
    minutes: Annotated[int, Field(ge=1, le=60)] = 5
    who: Text | None = None  # who is wanted, in a sentence of the start page
    suitable: Text | None = None  # a question to be answered with yes to go on
    suitable_error: Text | None = None
    not_suitable: Text | None = None  # what somebody is told who answers no
    questions: Annotated[
        dict[Annotated[str, AfterValidator(_question_name)], Question],
        Field(max_length=MOST_QUESTIONS),
    ] = Field(default_factory=dict)
    permissions: dict[Purpose, Text] = Field(default_factory=dict)
    """The words of each purpose that is asked for; the first must be ticked to sign up."""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.suitable and not (self.suitable_error and self.not_suitable):
            raise ValueError("has `suitable` and so needs `suitable_error` and `not_suitable`")
        return self


Wanted = dict[Text, dict[Text, Annotated[int, Field(ge=0, strict=True)]]]
"""How many volunteers of which kind: a question's name (or route, region) → option → number."""
