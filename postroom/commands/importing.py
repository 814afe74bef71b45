"""`recipients import`: show what was understood, ask what is unclear, then all or nothing."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from postroom.audience import importing, lists
from postroom.audience.columns import NOT
from postroom.audience.exports import write_spreadsheet
from postroom.audience.importing import Import
from postroom.audience.lists import Terms
from postroom.commands.desk import Desk, WorkspaceOption, YesOption, day, now, open_desk
from postroom.commands.left_open import LEFT_OPEN, How, ask_about, can_ask
from postroom.commands.printing import (
    ask,
    plural,
    progress_bar,
    say,
    show,
    warn,
)
from postroom.commands.what_was_read import in_words, show_bad_rows, show_what_was_understood
from postroom.content.stated import is_name, no_name
from postroom.errors import AudienceError, NotPermitted, WhichEncoding
from postroom.london import london_day

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="A CSV, TSV, XLSX, XLSM, XLS or ODS file.")
]
ListOption = Annotated[str, typer.Option("--list", help="The list to make or to bring up to date.")]
OwnerOption = Annotated[str | None, typer.Option(help="Who answers for the list.")]
SourceOption = Annotated[str | None, typer.Option(help="Where the addresses come from.")]
PurposeOption = Annotated[str | None, typer.Option(help="What they were given for.")]
BasisOption = Annotated[str | None, typer.Option(help="The lawful basis for holding them.")]
GoneByOption = Annotated[
    datetime | None,
    typer.Option(parser=day, metavar="YYYY-MM-DD", help="When the list must be deleted."),
]
PartnerOption = Annotated[
    str | None, typer.Option(help="The partner whose people these are: outreach partner list.")
]
LeaveOutBadOption = Annotated[
    bool, typer.Option("--leave-out-bad", help="Import the good rows without the bad ones.")
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Take off the list whoever is not in the file.")
]
SheetOption = Annotated[str, typer.Option(help="Which sheet of a workbook, where it has several.")]
EncodingOption = Annotated[
    str, typer.Option(help="How a text was saved, where that is not certain: mac-roman, cp850.")
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="MEANING=HEADING",
        help="Which column is the address, school, urn, name, first_name or last_name, or what "
        "templates shall call it. Remembered for this list.",
    ),
]
ErrorsOption = Annotated[
    Path | None,
    typer.Option("--errors", help="Write the bad rows to this .csv or .xlsx, to mend there."),
]


def import_list(
    file: FileArgument,
    list_name: ListOption,
    owner: OwnerOption = None,
    source: SourceOption = None,
    purpose: PurposeOption = None,
    basis: BasisOption = None,
    gone_by: GoneByOption = None,
    partner: PartnerOption = None,
    sheet: SheetOption = "",
    encoding: EncodingOption = "",
    columns: ColumnOption = None,
    errors: ErrorsOption = None,
    leave_out_bad: LeaveOutBadOption = False,
    replace: ReplaceOption = False,
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring a list in: a spreadsheet with one recipient a row.

    Shows what it understood, every row that is wrong and what would change, then asks. It writes
    all of it or nothing. Import a mended file again whenever you like: nobody is there twice.
    Unknown columns are kept as fields for templates. What is hidden is left out and counted.

    Example: outreach recipients import recipients/example-bpn.csv --list example-bpn
    """
    _refuse_name(list_name)
    desk = open_desk(workspace)
    terms = Terms(owner, source, purpose, basis, gone_by.date() if gone_by else None, partner)
    _ask_about_the_day(terms, yes=yes)
    how = How(sheet, encoding, _said(columns or ()))
    with _read(desk, file, list_name, how, yes=yes) as found:
        show_what_was_understood(found)
        show_bad_rows(found)
        _write_errors(found, errors)
        _refuse_bad_rows(found, leave_out_bad=leave_out_bad)
        if not ask(_question(found, replace=replace), yes=yes):
            show("Nothing was imported.")
            raise typer.Exit(1)
        choices = {"leave_out_bad": leave_out_bad, "replace": replace}
        who = desk.settings.who()
        counts = importing.apply(desk.database, found, terms=terms, who=who, now=now(), **choices)
    show(f"Imported into {list_name}: {in_words(counts)}.")
    _remind_of_terms(desk, list_name)


def _ask_about_the_day(terms: Terms, *, yes: bool) -> None:
    """Ask whether a list may be due to be gone before it is here: usually a slip of the pen."""
    if terms.gone_by is None or terms.gone_by > london_day(now()):
        return
    warn(f"--gone-by {terms.gone_by} has passed: this list would be due for deletion at once.")
    if not ask("Is that the day?", yes=yes):
        show("Nothing was imported.")
        raise typer.Exit(1)


def _said(columns: Sequence[str]) -> dict[str, str]:
    said = {}
    for column in columns:
        meaning, equals, heading = column.partition("=")
        if not equals or not re.fullmatch(r"[a-z][a-z0-9_]*", meaning.strip()):
            raise typer.BadParameter(
                'write it like address="E-mail of contact"', param_hint="--column"
            )
        said[meaning.strip()] = heading.strip()
    return said


@contextmanager
def _read(desk: Desk, file: Path, list_name: str, how: How, *, yes: bool) -> Iterator[Import]:
    """Read the list, asking its importer for what the file leaves open."""
    answered = False
    while not answered:
        with ExitStack() as attempt:
            try:
                found = attempt.enter_context(_read_once(desk, file, list_name, how))
            except LEFT_OPEN as question:
                if not can_ask(yes=yes):
                    raise _with_option(question) from question
                ask_about(question, how)
                continue
            answers = _ask_about_guesses(found) if can_ask(yes=yes) else {}
            how.said |= answers
            answered = all(meaning.startswith(NOT) for meaning in answers)
            found.said = {**found.said, **answers}
            if answered:
                yield found


def _with_option(question: AudienceError) -> AudienceError:
    """Return the question for a script: what it asks, and the option that answers it."""
    if isinstance(question, WhichEncoding):
        likely = question.readings[0][0]
        return AudienceError(*question.problems, f"Or say that it is so: --encoding {likely}")
    return question


def _ask_about_guesses(found: Import) -> dict[str, str]:
    """Ask of each column that looks like it whether it is; return what was said, to remember."""
    answers = {}
    for guess in found.guesses:
        is_it = typer.confirm(
            f"Does the column “{guess.heading}” hold {guess.in_words}?", default=None, err=True
        )
        answers[guess.meaning if is_it else NOT + guess.meaning] = guess.heading
    return answers


@contextmanager
def _read_once(desk: Desk, file: Path, list_name: str, how: How) -> Iterator[Import]:
    with ExitStack() as until_written:
        with progress_bar("Reading", 100) as bar:  # gone before anything is said or asked
            reading = importing.read_import(
                desk.database,
                desk.keys,
                file,
                list_name=list_name,
                progress=lambda done, of: bar.reach(100 * done // of),
                today=london_day(now()),
                sheet=how.sheet,
                encoding=how.encoding,
                said=how.said,
            )
            found = until_written.enter_context(reading)
        yield found


def _refuse_name(name: str) -> None:
    if not is_name(name):
        raise AudienceError(no_name(name, "list", "bpn-schools"))


def _refuse_bad_rows(found: Import, *, leave_out_bad: bool) -> None:
    if found.bad and not leave_out_bad:
        raise NotPermitted(
            f"Nothing was imported: {plural(len(found.bad), 'row')} of {found.file} must be "
            "mended first. To import the others without them: --leave-out-bad"
        )


def _write_errors(found: Import, file: Path | None) -> None:
    if file is None or not found.bad:
        return
    if file.resolve() == found.file.resolve():
        raise AudienceError(f"{file}: this is the list itself. Give --errors another name.")
    headings, rows = importing.to_mend(found)
    number = write_spreadsheet(file, headings, rows)
    say(
        f"Wrote {plural(number, 'row')} to {file}. Mend them there, and import that file into "
        f"{found.list_name} too."
    )


def _question(found: Import, *, replace: bool) -> str:
    question = f"Import {plural(found.people, 'person', 'people')} into {found.list_name}"
    if found.bad:
        question += f", without the {plural(len(found.bad), 'bad row')}"
    if replace and found.counts.elsewhere:
        question += f", and take {found.counts.elsewhere:,} others off it"
    if not found.left_out.known:
        question += ", hidden rows among them if there are any"
    return f"{question}?"


def _remind_of_terms(desk: Desk, list_name: str) -> None:
    with desk.database.read() as session:
        row = lists.list_named(session, list_name)
    options = {
        "--owner": row.owner,
        "--source": row.source,
        "--purpose": row.purpose,
        "--basis": row.lawful_basis,
        "--gone-by": row.gone_by or "",
    }
    missing = [option for option, value in options.items() if not value]
    if missing:
        say(f"Not recorded yet: {', '.join(missing)}. Import again with them to say so.")
