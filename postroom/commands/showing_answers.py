"""What `signups import` says of a form's answers: read, compared, brought in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from postroom.commands.printing import fits, plural, say, show_table, warn
from postroom.commands.printing import show as print_line
from postroom.content.form_mapping import Tool
from postroom.content.signup_form import Choose
from postroom.research import form_choices, form_columns
from postroom.research.form_answers import BadRow, Reading
from postroom.research.form_exports import Export
from postroom.research.import_plan import Outcome, Plan, Source
from postroom.research.importing_signups import BroughtIn
from postroom.research.matching_schools import Register
from postroom.research.volunteers import YEARS_KEPT

ROWS_SHOWN = 5
NAMED = 20  # rows, files or references in one sentence
IN_WORDS = {
    Outcome.NEW: "{} new",
    Outcome.MERGED: "{} merged with what the same person said before",
    Outcome.CHANGED: "{} changed",
    Outcome.UNCHANGED: "{} unchanged",
    Outcome.NO_LONGER: "{} that no longer say yes",
    Outcome.ASKED_NOT: "{} asked not to be emailed",
}


@dataclass(frozen=True)
class Import:
    """An export that was read, understood and compared, and not written yet."""

    export: Export
    source: Source
    reading: Reading
    register: Register
    plan: Plan

    @property
    def bad(self) -> list[BadRow]:
        """What is wrong with every row that cannot be brought in."""
        return [*self.reading.bad, *self.plan.bad]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of the export there are of each kind; each row is of one."""
        counts = self.plan.counts
        no_longer = counts[Outcome.NO_LONGER]
        return {
            "new": counts[Outcome.NEW],
            "merged": counts[Outcome.MERGED],
            "changed": counts[Outcome.CHANGED],
            "unchanged": counts[Outcome.UNCHANGED],
            "asked_not_to_be_emailed": counts[Outcome.ASKED_NOT],
            "no_longer_say_yes": no_longer,
            "without_permission": len(self.reading.without_permission) - no_longer,
            "permission_over": len(self.reading.ended),
            "bad": len({row.where for row in self.bad}),
            "tries_of_the_form": len(self.export.previews),
            "not_finished": len(self.export.unfinished),
        }


def show(found: Import, *, quiet: bool) -> None:
    """Say everything that was understood. *quiet* prints no table."""
    export, mapping = found.export, found.source.mapping
    say(f"{export.path}: {export.format}.")
    _say_what_was_left_out(found)
    for purpose, permission in mapping.permissions.items():
        words = permission.statement or export.called(permission.column)[0].label
        say(f"Permission for {purpose}, in these words: “{words}”")
    _warn_of_unclear_options(found)
    if not quiet:
        _show_first_rows(found)
    number = plural(len(export.rows), "answer")
    say(f"Of {number}: {_counts_in_words(found)}.")
    _say_who_stays_out(found)
    if not quiet:
        _show_other_answers(found)
    if waiting := sum(step.place.to_match for step in found.plan.to_do):
        say(f"{plural(waiting, 'school')} could not be told for certain: a person must say which.")


def in_words(plan: Plan) -> str:
    """Return what a plan does, like "30 new, 2 changed"."""
    counts = plan.counts
    said = [words.format(f"{counts[one]:,}") for one, words in IN_WORDS.items() if counts[one]]
    return ", ".join(said) or "nothing"


def show_bad_rows(bad: Sequence[BadRow]) -> None:
    """Show every bad row with its value, to its importer only; never in an error or a log."""
    show_table(
        ("Row", "What", "Value", "Why", "What to do"),
        ((row.where, row.field, row.value or "(blank)", row.why, row.remedy) for row in bad),
    )


def say_who_waits(references: Sequence[str]) -> None:
    """Say which sign-ups wait for somebody to name their school."""
    waits = "sign-up waits" if len(references) == 1 else "sign-ups wait"
    say(
        f"{len(references):,} {waits} for a person to say which school is meant: "
        f"{_listed(references)}. See what was typed, and the likely schools: "
        f"outreach signups match {references[0]}"
    )


def remind(found: Import, today: date) -> None:
    """Remind of the copies that nobody else deletes."""
    path, tool = found.export.path, found.source.mapping.tool
    what = "The folder" if path.is_dir() else "The file"
    say(f"{what} holds people’s details: delete {path} when you need it no more.")
    day = _last_day(today)
    if tool is Tool.GOVUK_FORMS:
        say("GOV.UK Forms sent the answers by email: delete them from that mailbox too.")
    elif tool is not Tool.OUTREACH:
        whose = "The form’s tool" if tool is Tool.OTHER else tool.in_words
        say(
            f"{whose} keeps a copy of its own, and deletes nothing by itself. Delete the answers "
            f"there too, or set a reminder in your calendar for {day.day} {day:%B %Y} at the "
            "latest."
        )


def as_json(found: Import, done: BroughtIn | None) -> dict[str, Any]:
    """Return what was read and done, for a program; no names and no addresses."""
    export, source = found.export, found.source
    return {
        "form": source.mapping.form,
        "campaign": source.campaign.name,
        "mode": source.mode,
        "tool": export.shape.tool.value,
        "heading_rows": export.shape.heading_rows,
        "answers": len(export.rows),
        "imported": done is not None and bool(done.plan.to_do),
        "counts": found.counts,
        "dropped": form_columns.dropped(export, source.mapping),
        "not_read": form_columns.not_read(export, source.mapping),
        "asked_not_to_be_emailed": found.plan.rows(Outcome.ASKED_NOT),
        "without_permission": [row.where for row in found.reading.without_permission],
        "schools_to_match": list(done.to_match) if done else [],
        "bad": [
            {"row": row.where, "field": row.field, "why": row.why, "what_to_do": row.remedy}
            for row in found.bad
        ],
    }


def _say_what_was_left_out(found: Import) -> None:
    export, mapping = found.export, found.source.mapping
    if export.hidden:
        say(f"Left out, because somebody hid it: {', '.join(export.hidden)}.")
    if not export.hidden_known:
        warn("An .xls file does not tell what is hidden. Save it as .xlsx to leave that out.")
    if export.passed_over:
        say(f"Not read in the folder: {_listed(export.passed_over)}.")
    if dropped := form_columns.dropped(export, mapping):
        say(f"{plural(len(dropped), 'column')} dropped: {', '.join(dropped)}")
    if others := form_columns.not_read(export, mapping):
        say(f"{plural(len(others), 'column')} not read: {', '.join(others)}")
    if export.previews:
        tries = plural(len(export.previews), "try", "tries")
        say(f"Left out: {tries} of the form (row {_listed(export.previews)}).")
    if export.unfinished:
        answers = plural(len(export.unfinished), "answer")
        say(f"Left out: {answers} not finished (row {_listed(export.unfinished)}).")


def _warn_of_unclear_options(found: Import) -> None:
    questions = found.source.campaign.signup.questions
    for name in found.source.mapping.questions:
        question = questions[name]
        separator = (
            found.source.mapping.questions[name].separator or found.export.shape.tool.separator
        )
        if question.choose is not Choose.SEVERAL:
            continue
        for option in form_choices.ambiguous(question.all_options, separator):
            warn(f"{name}: “{option}” cannot be told from other options chosen together.")


def _show_first_rows(found: Import) -> None:
    """Show as many columns of the first answers as the terminal has room for."""
    headings = ("Row", "Address", "Name", "School", "Yes to", "Role")
    steps = [step for step in found.plan.steps if step.response is not None]
    places = {row.where: place for place, row in enumerate(found.export.rows)}
    steps.sort(key=lambda step: places[step.where])
    rows = []
    for step in steps[:ROWS_SHOWN]:
        response = step.response
        assert response is not None  # noqa: S101  # the others were left out above
        school = step.place.name or "–"
        if step.place.to_match:
            school += " (to be matched)"
        yes = ", ".join(purpose.value for purpose in response.statements)
        rows.append(
            (step.where, response.address, response.name, school, yes, response.role or "–")
        )
    room = next((n for n in range(6, 2, -1) if fits(headings[:n], [r[:n] for r in rows])), 2)
    if rows:
        show_table(headings[:room], [row[:room] for row in rows])


def _counts_in_words(found: Import) -> str:
    more = (
        (len(found.reading.without_permission), "without permission"),
        (len(found.reading.ended), f"given more than {YEARS_KEPT} years ago"),
        (len({row.where for row in found.bad}), "bad"),
    )
    no_longer = found.plan.counts[Outcome.NO_LONGER]
    said = [in_words(found.plan)] if found.plan.steps else []
    for number, what in more:
        number -= no_longer if what == "without permission" else 0
        if number:
            said.append(f"{number:,} {what}")
    return ", ".join(said) or "none to bring in"


def _say_who_stays_out(found: Import) -> None:
    if asked_not := found.plan.rows(Outcome.ASKED_NOT):
        warn(
            f"Row {_listed(asked_not)}: asked not to be emailed, so not brought in. Ask them by "
            "another way; who then says yes is recorded with: outreach signups add"
        )
    if without := [row.where for row in found.reading.without_permission]:
        say(f"Row {_listed(without)}: without permission, so not brought in.")
    if found.reading.ended:
        say(
            f"Row {_listed(found.reading.ended)}: given more than {YEARS_KEPT} years ago, so it "
            "would be deleted again at once. Not brought in."
        )


def _show_other_answers(found: Import) -> None:
    """Show what was answered instead of a yes or an option: to the importer only, never in a log.

    Where a mapping file names the wrong column, it can be anything.
    """
    instead = Counter(row.answer or "(blank)" for row in found.reading.without_permission)
    if instead:
        print_line(f"Answers that give no permission: {_most_common(instead)}")
    for name, answers in found.reading.unknown.items():
        print_line(f"Answers that are no option of {name}: {_most_common(answers)}")


def _most_common(answers: Counter[str]) -> str:
    shown = [f"“{answer[:60]}” ({number:,})" for answer, number in answers.most_common(10)]
    more = f" and {len(answers) - 10:,} others" if len(answers) > 10 else ""
    return ", ".join(shown) + more


def _listed(several: Sequence[str]) -> str:
    more = f" and {len(several) - NAMED:,} more" if len(several) > NAMED else ""
    return ", ".join(several[:NAMED]) + more


def _last_day(today: date) -> date:
    try:
        return today.replace(year=today.year + YEARS_KEPT)
    except ValueError:
        return today.replace(year=today.year + YEARS_KEPT, day=28)
