"""`person` and `retention`: what is held about somebody, and what must be gone."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from postroom.commands.desk import (
    Desk,
    JsonOption,
    WorkspaceOption,
    YesOption,
    now,
    open_desk,
)
from postroom.commands.printing import (
    as_json_text,
    ask,
    plural,
    say,
    show,
    show_json,
    show_point,
    show_table,
    warn,
    write_privately,
)
from postroom.reasons import stated
from postroom.reports.person_page import in_words, person_json, person_page, title_of
from postroom.research import people
from postroom.research import retention as ageing
from postroom.research.people import Someone
from postroom.research.personal_columns import DECLARED, Erased
from postroom.research.retention import Due

app = typer.Typer()
person = typer.Typer(no_args_is_help=True, help="Find, hand over or erase what is held.")
app.add_typer(person, name="person")

LOOKED, EXPORTED = "looked at what is held", "exported what is held"
NOTHING = "Nothing is held about this address."
AFTERWARDS: Mapping[Erased, str] = {
    Erased.DELETED: "deleted",
    Erased.EMPTIED: "emptied of the person and kept",
    Erased.KEPT: "kept",
}
"""What an erasure makes of rows, in words."""
AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS", help="In any spelling.")]


@person.command("show")
def show_person(
    address: AddressArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Show everything that is held about one person, in every table.

    It is noted who looked.

    Example: outreach person show head@oak.example.com
    """
    desk = open_desk(workspace)
    someone = Someone.at(address, desk.keys)
    with desk.database.write() as session:
        held = people.held(session, someone)
        people.note_look(session, someone, held, LOOKED, who=desk.settings.who(), now=now())
    if as_json:
        show_json(person_json(held, address=someone.address, made_at=now()))
        return
    if not held.rows:
        show(NOTHING)
    for table, rows in held.rows.items():
        show(f"{title_of(table)} ({len(rows):,})")
        for row in rows:
            show()
            for name, value in in_words(row):
                show_point(f"  {name}: ", value)
        show()


@person.command()
def export(
    address: AddressArgument,
    out: Annotated[Path | None, typer.Option(help="A folder for it, instead of out/.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write everything that is held about one person, for them: a page and JSON.

    Other people's names are left out. The files are readable by you only: delete them once they
    are handed over. It is noted who exported.

    Example: outreach person export head@oak.example.com
    """
    desk = open_desk(workspace)
    someone, moment = Someone.at(address, desk.keys), now()
    folder = out or desk.workspace.out
    page, record = (folder / f"person-{someone.label}.{kind}" for kind in ("html", "json"))
    with desk.database.write() as session:  # what cannot be written was not exported
        held = people.held(session, someone)
        if held.rows:
            write_privately(page, person_page(held, address=someone.address, made_at=moment))
            written = person_json(held, address=someone.address, made_at=moment)
            write_privately(record, as_json_text(written))
        act = EXPORTED if held.rows else LOOKED
        people.note_look(session, someone, held, act, who=desk.settings.who(), now=moment)
    if not held.rows:
        show(NOTHING)
        return
    show(f"For them to read: {page}")
    show(f"The same for a program: {record}")
    say("Delete both once they are handed over.")


@person.command()
def erase(
    address: AddressArgument,
    because: Annotated[str, typer.Option(help="Who asked, and when.")] = "they asked",
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Erase one person: everything but a keyed hash, so that they are never emailed again.

    Emails keep their school and what became of them. It cannot be undone. Work on it does not
    show the address anywhere afterwards, and --because must not hold it.

    Example: outreach person erase head@oak.example.com --because "Email of 3 May"
    """
    why = stated(because, "--because")
    desk = open_desk(workspace)
    someone = Someone.at(address, desk.keys)
    with desk.database.read() as session:
        held = people.held(session, someone)
    for table, number in held.counts.items():
        say(f"  {title_of(table)}: {number:,}, {AFTERWARDS[DECLARED[table].erased]}")
    if not held.rows:
        say(f"{NOTHING} Erasing it all the same keeps it from being emailed later.")
    if not ask("Erase this person? It cannot be undone.", yes=yes):
        show("Nothing was erased.")
        raise typer.Exit(1)
    with desk.database.write() as session:
        gone = people.erase(session, someone, why=why, who=desk.settings.who(), now=now())
    show(
        f"Erased: {plural(sum(gone.deleted.values()), 'row')} deleted, "
        f"{plural(sum(gone.emptied.values()), 'email')} emptied of the person. "
        "They will not be emailed again."
    )
    _forget_locally(desk, someone)
    warn(
        "Still to be done by hand: files in recipients/ and out/, spreadsheets elsewhere, and "
        f"backups. Notify forgets its copy after {desk.settings.notify_retention_days} days."
    )


def _forget_locally(desk: Desk, someone: Someone) -> None:
    """Delete what the workspace's local Notify holds of the person: rehearsals hold their words."""
    file = desk.workspace.local_notify_file
    if not file.exists():
        return
    from postroom.localnotify.forgetting import forget  # Flask comes with it

    if number := forget(file, someone.address):
        show(f"{plural(number, 'email')} deleted from {file.name}, the local Notify's own file.")


@app.command()
def retention(
    apply: Annotated[bool, typer.Option("--apply", help="Do it, not only show it.")] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show what must be gone by today, and delete it with --apply.

    Lists past the day they must be gone by, with everybody on no other list; people taken off the
    last list they were on; permissions that ended, with the volunteers who have none left; sign-ups
    of people who had asked not to be emailed, and did not confirm them within 14 days. Emails keep
    their school and what became of them, and lose the person. Run it every week.

    Example: outreach retention --apply
    """
    desk = open_desk(workspace)
    due = _due(desk)
    if as_json and not apply:
        show_json(asdict(due))
        return
    _show_due(due)
    if not apply or due.is_nothing:
        if not due.is_nothing:
            show("Nothing was deleted. To do it: outreach retention --apply")
        return
    if not ask("Delete all of this? It cannot be undone.", yes=yes):
        show("Nothing was deleted.")
        raise typer.Exit(1)
    with desk.database.write() as session:
        done = ageing.apply(session, who=desk.settings.who(), now=now())
    if as_json:
        show_json(asdict(done))
    else:
        show(f"Deleted: {_in_words(done)}.")


def _due(desk: Desk) -> Due:
    """Return what is due: done, looked at, and undone."""
    with desk.database.read() as session:
        return ageing.apply(session, who="", now=now())


def _show_due(due: Due) -> None:
    if due.is_nothing:
        show("Nothing is due.")
    else:
        if due.lists:
            show_table(
                ("List", "Must be gone by", "People"),
                ((one.name, one.gone_by, one.people) for one in due.lists),
            )
        show(f"Due: {_in_words(due)}.")
    if due.waiting:
        warn(
            f"{plural(due.waiting, 'email')} to people who are gone from every list is still to be "
            "sent or in doubt, and keeps the address until that is settled."
        )


def _in_words(due: Due) -> str:
    return ", ".join(
        (
            plural(len(due.lists), "list"),
            plural(due.people, "person", "people") + " on no list any more",
            plural(due.permissions, "permission"),
            plural(due.volunteers, "volunteer"),
            plural(due.awaited, "unconfirmed sign-up"),
            plural(due.messages, "email") + " emptied of the person",
        )
    )
