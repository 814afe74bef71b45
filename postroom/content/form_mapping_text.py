"""Mapping files written for the first time, with notes for whoever mends them later."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from postroom.content.form_mapping import ZONE, Columns, Tool
from postroom.content.signup_form import Purpose

ABOUT = """\
# How the answers to a form become sign-ups: outreach signups import FILE --form {form}
#
# Lines that begin with # are notes for people. Text goes in "straight quotes". A column is
# called by its heading, as it stands in the file; capital letters make no difference. After a
# change here, import the file again: what you changed is changed in the sign-ups.
"""
ABOUT_COLUMNS = """\
# Who answered, and when. A line with # before it is something that nobody was asked."""
ABOUT_QUESTIONS = """\
# The campaign's own questions. Where the form words an answer otherwise, say under .answers
# which option of the campaign file it is."""
ABOUT_PERMISSIONS = """\
# What they said yes to. For each purpose that the form asked for (research-this-service,
# other-research, survey, updates): the column, the answers that are a yes, exactly as they
# stand there, and the words that people read, which are kept as evidence. Whoever gave no
# such answer is not brought in."""
FIELDS = {
    "response_id": "what tells one response from all others",
    "submitted": "when they answered",
    "email": "their email address",
    "name": "their name",
    "first_name": "their first name, where it was asked apart",
    "last_name": "their last name, the same",
    "school": "where they work",
    "school_urn": "the URN of their school, where it was asked apart",
    "school_postcode": "the postcode of their school, the same",
    "school_town": "the town of their school, the same",
    "role": "what they do there, where the campaign has no question for it",
    "telephone": "their telephone number",
    "support": "what would help them take part",
}
"""What each line of [columns] is about, in words."""
PERMISSION = "permission"
"""What a draft calls a column that may hold a permission."""


@dataclass
class QuestionDraft:
    """Where the answer to a question stands, as far as it is known."""

    column: Sequence[str]
    separator: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    unknown: Sequence[str] = ()
    """Answers that are no option of the campaign's, to be said which one they are."""


@dataclass
class PermissionDraft:
    """Where a yes stands, as far as it is known."""

    column: str
    accepted: Sequence[str]
    statement: str
    separator: str = ""


@dataclass
class Draft:
    """A mapping file that is not whole yet, perhaps."""

    campaign: str
    tool: Tool
    timezone: str = ZONE
    day_first: bool | None = None
    heading_rows: int = 1
    columns: dict[str, str] = field(default_factory=dict)
    questions: dict[str, QuestionDraft] = field(default_factory=dict)
    permissions: dict[Purpose, PermissionDraft] = field(default_factory=dict)
    perhaps: dict[str, str] = field(default_factory=dict)
    """Headings that only look like something: a field, or a question's name, → heading."""


def written(draft: Draft, form: str) -> str:
    """Return the mapping file of *form* that says what *draft* does, and what it leaves open."""
    parts = [*_head(draft, form), "", *_columns(draft), "", *_questions(draft), *_yes(draft)]
    return "\n".join(parts).rstrip() + "\n"


def quoted(text: str) -> str:
    """Return *text* as a TOML string."""
    return json.dumps(text, ensure_ascii=False)


def _head(draft: Draft, form: str) -> Iterator[str]:
    yield ABOUT.format(form=form)
    yield f"campaign = {quoted(draft.campaign)}  # which campaign these people answered"
    tools = ", ".join(tool for tool in Tool if tool is not draft.tool)
    yield f"tool = {quoted(draft.tool)}  # or {tools}"
    yield f"timezone = {quoted(draft.timezone)}  # of times that do not say their own"
    if draft.day_first is None:
        yield "# day_first = true  # for dates like 5/10/2026: true is 5 October, false is 10 May"
    else:
        yield f"day_first = {str(draft.day_first).lower()}  # 5/10/2026 is " + (
            "5 October" if draft.day_first else "10 May"
        )
    if draft.tool is Tool.OTHER:
        yield f"heading_rows = {draft.heading_rows}  # rows of headings above the answers"


def _columns(draft: Draft) -> Iterator[str]:
    yield ABOUT_COLUMNS
    yield "[columns]"
    split = "first_name" in draft.columns
    for name in Columns.model_fields:
        if name in draft.columns:
            yield f"{name} = {quoted(draft.columns[name])}"
        elif name in draft.perhaps:
            yield f"# {name} = {quoted(draft.perhaps[name])}  # perhaps: {FIELDS[name]}"
        elif not (name == "name" and split):
            yield f'# {name} = "…"  # {FIELDS[name]}'


def _questions(draft: Draft) -> Iterator[str]:
    others = (name for name in draft.perhaps if name not in (*FIELDS, PERMISSION))
    names = [*draft.questions, *others]
    if names:
        yield ABOUT_QUESTIONS
    for name in names:
        question = draft.questions.get(name)
        if question is None:
            yield f"# [questions.{name}]"
            yield f"# column = {quoted(draft.perhaps[name])}  # perhaps"
            yield ""
            continue
        yield f"[questions.{name}]"
        yield f"column = {_one_or_several(question.column)}"
        if question.separator:
            yield f"separator = {quoted(question.separator)}  # what stands between two answers"
        if question.answers or question.unknown:
            yield f"[questions.{name}.answers]"
        for answer, option in question.answers.items():
            yield f"{quoted(answer)} = {quoted(option)}"
        for answer in question.unknown:
            yield f'# {quoted(answer)} = "…"'
        yield ""


def _yes(draft: Draft) -> Iterator[str]:
    yield ABOUT_PERMISSIONS
    for purpose, permission in draft.permissions.items():
        yield f"[permissions.{purpose}]"
        yield f"column = {quoted(permission.column)}"
        yield f"accepted = {_listed(permission.accepted)}"
        if permission.separator:
            yield f"separator = {quoted(permission.separator)}  # what stands between two answers"
        yield f"statement = {quoted(permission.statement)}"
        yield ""
    if not draft.permissions:
        yield f"# [permissions.{Purpose.THIS_SERVICE}]"
        yield f"# column = {quoted(draft.perhaps.get(PERMISSION, '…'))}"
        yield '# accepted = ["Yes"]'
        yield '# statement = "…"'


def _one_or_several(headings: Sequence[str]) -> str:
    return quoted(headings[0]) if len(headings) == 1 else _listed(headings)


def _listed(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"
