"""The first import of a form: say what its columns seem to be, ask what is open, write it down."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from postroom.commands.printing import ask, choose, plural, say, show_table
from postroom.content import form_mapping
from postroom.content.campaign_file import Campaign
from postroom.content.form_mapping import FormMapping
from postroom.content.form_mapping_text import (
    FIELDS,
    PERMISSION,
    Draft,
    PermissionDraft,
    QuestionDraft,
    written,
)
from postroom.content.near_words import nearest_words
from postroom.content.same_words import as_typed
from postroom.content.signup_form import Purpose
from postroom.errors import ContentError, NotPermitted
from postroom.research import form_drafts
from postroom.research.form_answers import in_two_ways
from postroom.research.form_columns import shortened
from postroom.research.form_exports import Export
from postroom.research.form_suggestions import Suggestion, Suggestions, Sureness, suggest
from postroom.research.form_tools import Column

NONE = "none of them"
ANSWERS_ASKED = 12  # different answers that a question is asked about; more are for the file
WHAT_PURPOSES = {
    Purpose.THIS_SERVICE: "research about this service",
    Purpose.OTHER_RESEARCH: "other research",
    Purpose.SURVEY: "surveys",
    Purpose.UPDATES: "news",
}


def read(file: Path, form: str) -> tuple[FormMapping, str] | None:
    """Return the mapping of *form* with its text, or None where *file* is not there yet."""
    if not file.is_file():
        return None
    try:
        text = file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ContentError(
            f"{form_mapping.file_of(form)}: is not UTF-8 text. Save the file again with the "
            "encoding UTF-8"
        ) from error
    return form_mapping.read_mapping(form, text), text


def make(
    file: Path, form: str, export: Export, campaign: Campaign, *, yes: bool, quiet: bool
) -> tuple[FormMapping, str]:
    """Write down what the columns of *export* are, once somebody has agreed; return it.

    With *yes* only what is sure is taken. *quiet* prints no table. Raises `ContentError` that says
    what to write into the file when something is lacking, and `NotPermitted` after a no.
    """
    suggestions = suggest(export, campaign)
    _show(suggestions, campaign, quiet=quiet)
    asking = sys.stdin.isatty() and not yes
    agreed = list(_agreed(suggestions, campaign)) if asking else []
    draft = form_drafts.draft(export, campaign, suggestions, agreed)
    if asking:
        _ask_what_lacks(draft, export, campaign, suggestions)
    if lacks := list(form_drafts.lacking(draft)):
        say(f"To begin with, write this to {form_mapping.file_of(form)} and fill its gaps:")
        say()
        say(written(draft, form))
        raise ContentError(
            f"{form_mapping.file_of(form)} is not there yet, and the headings do not say all it "
            "needs:",
            *lacks,
        )
    if not asking and draft.perhaps:
        alike = ", ".join(f"“{shortened(heading)}”" for heading in draft.perhaps.values())
        say(f"Left out, because it only looks like something: {alike}")
    if asking:
        _ask_which_options(draft, campaign)
        _ask_which_comes_first(draft, export)
    if not ask(f"Save this as {form_mapping.file_of(form)}?", yes=yes):
        raise NotPermitted("Nothing was saved, and nothing was imported.")
    text = written(draft, form)
    mapping = form_mapping.read_mapping(form, text)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    say(f"Saved as {form_mapping.file_of(form)}. Mend it there whenever you like.")
    return mapping, text


def _show(suggestions: Suggestions, campaign: Campaign, *, quiet: bool) -> None:
    rows = [
        (what_of(one.field, campaign), shortened(one.column.label), one.sureness)
        for one in suggestions.every()
    ]
    if rows and not quiet:
        say("It is the first import of this form. What its columns seem to be:")
        show_table(("What", "Column", "Why"), rows)


def what_of(field: str, campaign: Campaign) -> str:
    """Return what a field, a question's name or a purpose is, in words."""
    if field in campaign.signup.questions:
        return f"the question “{shortened(campaign.signup.questions[field].ask)}”"
    if field in set(Purpose):
        return f"permission for {WHAT_PURPOSES[Purpose(field)]}"
    return FIELDS[field].partition(",")[0]


def _agreed(suggestions: Suggestions, campaign: Campaign) -> Iterator[Suggestion]:
    """Yield what only looks like something, where somebody says that it is."""
    for one in suggestions.every():
        if one.sureness is Sureness.ALIKE:
            question = f"Is “{one.column.label}” {what_of(one.field, campaign)}?"
            if ask(question, yes=False):
                yield one


def _ask_what_lacks(
    draft: Draft, export: Export, campaign: Campaign, suggestions: Suggestions
) -> None:
    for field in ("submitted", "email"):
        if field not in draft.columns:
            _ask_column(draft, export, field)
    if not {"name", "first_name"} & set(draft.columns):
        _ask_column(draft, export, "name")
    if not draft.permissions:
        _ask_permission(draft, export, campaign, suggestions)


def _ask_column(draft: Draft, export: Export, field: str) -> None:
    column = _choose_column(f"Which column holds {FIELDS[field].partition(',')[0]}?", export)
    if column is not None:
        draft.columns[field] = form_drafts.heading_of(export, column)
        draft.perhaps.pop(field, None)


def _choose_column(question: str, export: Export, likely: str = "") -> Column | None:
    columns = [column for column in export.columns if not column.is_always_dropped]
    labels = [shortened(column.label) for column in columns]
    chosen = choose(question, [*labels, NONE], shortened(likely))
    return None if chosen == NONE else columns[labels.index(chosen)]


def _ask_permission(
    draft: Draft, export: Export, campaign: Campaign, suggestions: Suggestions
) -> None:
    """Ask which column holds a yes, for what, and which of its answers are one."""
    agreed = next(iter(suggestions.permissions.values()), None)
    likely = agreed.column.label if agreed else ""
    column = _choose_column("Which column says whether we may contact them?", export, likely)
    answers = list(
        dict.fromkeys(as_typed(said).rstrip("; ") for said in export.answers(column))
        if column
        else ()
    )
    if column is None or not answers:
        return
    if len(answers) > ANSWERS_ASKED:
        say(f"It has {len(answers):,} different answers, so it is no question of yes or no.")
        return
    accepted = _choose_several("Which answers are a yes?", answers)
    if not accepted:
        return
    what = list(WHAT_PURPOSES.values())
    chosen = choose("A yes to what?", what, what[0])
    purpose = next(purpose for purpose, named in WHAT_PURPOSES.items() if named == chosen)
    made = form_drafts.permission_draft(export, campaign, purpose, column, accepted)
    made.statement = _ask_words(made)
    draft.permissions[purpose] = made
    draft.perhaps.pop(PERMISSION, None)


def _ask_words(made: PermissionDraft) -> str:
    say(f"They read, and said yes to: “{made.statement}”")
    if ask("Are these the exact words?", yes=False):
        return made.statement
    while True:
        words: str = typer.prompt("Then write them here, all on one line", err=True)
        if as_typed(words):
            return " ".join(words.split())


def _choose_several(question: str, options: Sequence[str]) -> list[str]:
    """Ask which of *options*, by their numbers; none is an answer too."""
    for number, option in enumerate(options, start=1):
        say(f"{number:4}  {option}")
    while True:
        typed: str = typer.prompt(f"{question} Numbers, with commas; 0 for none", err=True)
        numbers = [part.strip() for part in typed.split(",")]
        if numbers == ["0"]:
            return []
        if all(n.isdecimal() and 1 <= int(n) <= len(options) for n in numbers):
            return [options[int(number) - 1] for number in dict.fromkeys(numbers)]
        say(f"Give numbers from 1 to {len(options)}, like 1 or 1,2.")


def _ask_which_options(draft: Draft, campaign: Campaign) -> None:
    """Ask which option an answer is that is none of the campaign's own, question by question."""
    for name, question in draft.questions.items():
        if len(question.unknown) > ANSWERS_ASKED:
            answers = plural(len(question.unknown), "answer")
            say(f"{name}: {answers} are none of its options. Say in the file which ones they are.")
            continue
        _ask_options(name, question, campaign)


def _ask_options(name: str, question: QuestionDraft, campaign: Campaign) -> None:
    options = list(campaign.signup.questions[name].all_options)
    left = []
    for said in question.unknown:
        likely = nearest_words(said, options)
        chosen = choose(f"{name}: which option is “{said}”?", [*options, NONE], likely)
        if chosen == NONE:
            left.append(said)
        else:
            question.answers[said] = chosen
    question.unknown = left


def _ask_which_comes_first(draft: Draft, export: Export) -> None:
    [column] = export.called(draft.columns["submitted"])
    if said := in_two_ways(export, column):
        say(said)
        first = choose("Which comes first in its dates?", ["the day", "the month"])
        draft.day_first = first == "the day"
