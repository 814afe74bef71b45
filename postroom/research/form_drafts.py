"""From suggestions to a mapping file: what is sure goes in, what is not is left to a person."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from postroom.content.campaign_file import Campaign
from postroom.content.form_mapping_text import (
    PERMISSION,
    Draft,
    PermissionDraft,
    QuestionDraft,
)
from postroom.content.near_words import nearest_words
from postroom.content.same_words import as_compared, as_typed
from postroom.content.signup_form import Choose, Purpose, Question
from postroom.research import form_choices, volunteers
from postroom.research.form_exports import Export
from postroom.research.form_suggestions import (
    OUR_PURPOSES,
    Suggestion,
    Suggestions,
    Sureness,
)
from postroom.research.form_tools import Column

YES = (
    "yes",
    "yes, i agree",
    "yes, i consent",
    "i agree",
    "i consent",
    "agree",
    "i give permission",
)


def draft(
    export: Export,
    campaign: Campaign,
    suggestions: Suggestions,
    agreed: Collection[Suggestion] = (),
) -> Draft:
    """Return the mapping that is sure, with what somebody *agreed* to; the rest as perhaps."""
    made = Draft(
        campaign=campaign.name,
        tool=export.shape.tool,
        heading_rows=export.shape.heading_rows,
    )
    for one in suggestions.every():
        is_sure = one.sureness is not Sureness.ALIKE or one in agreed
        is_question = one.field in suggestions.questions
        if is_question and is_sure:
            made.questions[one.field] = question_draft(export, campaign, one.field, one.column)
        elif one.field in set(Purpose) and not is_question:
            _draft_permission(made, export, campaign, one, is_sure=is_sure)
        elif is_sure:
            made.columns[one.field] = heading_of(export, one.column)
        else:
            made.perhaps[one.field] = heading_of(export, one.column)
    return made


def _draft_permission(
    made: Draft, export: Export, campaign: Campaign, one: Suggestion, *, is_sure: bool
) -> None:
    purpose = Purpose(one.field)
    accepted = accepted_answers(export, campaign, purpose, one.column)
    if is_sure and accepted:
        made.permissions[purpose] = permission_draft(
            export, campaign, purpose, one.column, accepted
        )
    elif one.column.label != OUR_PURPOSES:
        made.perhaps[PERMISSION] = heading_of(export, one.column)


def lacking(made: Draft) -> Iterator[str]:
    """Yield, in words, what a mapping cannot do without and *made* does not say."""
    for field, what in (("submitted", "when they answered"), ("email", "their email address")):
        if field not in made.columns:
            yield f"{what}: {_under_columns(made, field)}"
    if not {"name", "first_name"} & set(made.columns):
        field = "first_name" if "first_name" in made.perhaps else "name"
        yield f"their name: {_under_columns(made, field)}"
    if not made.permissions:
        looks = made.perhaps.get(PERMISSION)
        like = f" “{looks}” looks like it." if looks else ""
        yield (
            f"what they said yes to: no column is sure.{like} Write it under "
            f"[permissions.{Purpose.THIS_SERVICE}]: column, the answers accepted, and the words. "
            "Without permission nobody can be brought in."
        )


def _under_columns(made: Draft, field: str) -> str:
    looks = made.perhaps.get(field)
    like = f" “{looks}” looks like it." if looks else ""
    return f'no column is sure.{like} Write it under [columns]: {field} = "{looks or "…"}"'


def question_draft(export: Export, campaign: Campaign, name: str, column: Column) -> QuestionDraft:
    """Return where the answer to a question stands, and which answers are none of its options."""
    question = campaign.signup.questions[name]
    separator = export.shape.tool.separator if question.choose is Choose.SEVERAL else ""
    said = (part for cell in export.answers(column) for part in _unknown(cell, question, separator))
    unknown = list(dict.fromkeys(said))
    if question.other:  # whatever is none of the options has its place, but for other spellings
        unknown = [part for part in unknown if nearest_words(part, question.options)]
    return QuestionDraft((heading_of(export, column),), separator, {}, unknown)


def permission_draft(
    export: Export,
    campaign: Campaign,
    purpose: Purpose,
    column: Column,
    accepted: Iterable[str],
) -> PermissionDraft:
    """Return where a yes stands, which answers are one, and the words that were read."""
    answers = list(accepted)
    if as_compared(column.label) == OUR_PURPOSES:
        statement = volunteers.statements_of(campaign).get(purpose, column.label)
        return PermissionDraft(column.heading, answers, statement, ",")
    return PermissionDraft(
        heading_of(export, column), answers, _words_read(campaign, purpose, column, answers)
    )


def _words_read(
    campaign: Campaign, purpose: Purpose, column: Column, accepted: Sequence[str]
) -> str:
    """Return what people said yes to: the heading, the answer where that says it, or both."""
    [answer, *others] = accepted
    if as_compared(answer) == as_compared(volunteers.statements_of(campaign).get(purpose, "")):
        return answer
    if others or as_compared(answer) in YES:
        return column.label
    return f"{column.label} {answer}"


def accepted_answers(
    export: Export, campaign: Campaign, purpose: Purpose, column: Column
) -> list[str]:
    """Return those answers in *column* that are a yes by themselves: the statement, or "Yes"."""
    if as_compared(column.label) == OUR_PURPOSES:
        there = any(purpose in said.replace(" ", "").split(",") for said in export.answers(column))
        return [purpose.value] if there else []
    said_in_full = as_compared(volunteers.statements_of(campaign).get(purpose, ""))
    answers = dict.fromkeys(as_typed(said).rstrip("; ") for said in export.answers(column))
    return [said for said in answers if as_compared(said) in (said_in_full, *YES)]


def heading_of(export: Export, column: Column) -> str:
    """Return how a mapping file calls *column*: by its question, where only it has that."""
    is_id = column.compressed == column.compressed_label  # EndDate, called End Date
    only = export.called(column.label) == [column]
    return column.label if only and not is_id else column.heading


def _unknown(said: str, question: Question, separator: str) -> tuple[str, ...]:
    if separator:
        return form_choices.split(said, question.all_options, separator).others
    options = {as_compared(option) for option in question.all_options}
    return () if as_compared(said) in options else (as_typed(said),)
