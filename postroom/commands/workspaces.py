"""`init` and `db`: make a workspace, and look after its database."""

from pathlib import Path
from typing import Annotated

import typer

from postroom import restored
from postroom.commands.desk import Desk, WorkspaceOption, now, open_desk
from postroom.commands.printing import plural, say, say_how_to_type, show, warn, write_privately
from postroom.commands.starter import WRAPPER, private_rules, starter_files
from postroom.database import back_up, database_version, refuse_newer, upgrade_database
from postroom.errors import NotPermitted, WorkspaceError
from postroom.journal import Journal
from postroom.keys import new_secret
from postroom.reasons import stated
from postroom.research import replaying
from postroom.settings import read_settings
from postroom.workspace import SETTINGS_FILE, Workspace, as_typed

app = typer.Typer()
db = typer.Typer(help="Look after the database.", no_args_is_help=True)
app.add_typer(db, name="db")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make it in.")],
) -> None:
    """Make a folder into a workspace of your own.

    Copies the starter files (nothing that is there already is changed), makes the secret that
    signs links and hashes addresses, and makes an empty database.

    Example: outreach init mentor-funding
    """
    if folder.exists() and not folder.is_dir():
        raise WorkspaceError(f"{folder} is a file. Name a folder, new or empty.")
    made = make_workspace(folder)
    for line in made:
        say(line)
    show(f"{folder.resolve()} is ready. Next:")
    if folder.resolve() != Path.cwd():
        show(f"  cd {as_typed(folder)}")
    show("  outreach recipients import recipients/example-bpn.csv --list example-bpn")
    show("  outreach check bpn-invite")
    say_how_to_type(WRAPPER)


def make_workspace(folder: Path) -> list[str]:
    """Make *folder* a workspace, or complete it; return what was done, in words."""
    done = [*_copy_starter(folder), *_add_missing_rules(folder / ".gitignore")]
    workspace = Workspace(folder.resolve())
    settings = read_settings(workspace)
    if not settings.secret and not workspace.secret_file.exists():
        if workspace.database_file.exists():
            raise WorkspaceError(
                f"{workspace.database_file} is there but its secret, {workspace.secret_file.name}, "
                "is not. Restore the secret: a new one would recognise nobody in that database."
            )
        write_privately(workspace.secret_file, new_secret() + "\n")
        done.append(f"made {workspace.secret_file.name}: keep a copy of it somewhere safe")
    desk = Desk(workspace, settings)
    before, after = upgrade_database(workspace, desk.settings, desk.keys, now=now())
    if before != after:
        done.append(f"made the database (version {after})")
    return done


@db.command()
def upgrade(workspace: WorkspaceOption = None) -> None:
    """Make the database, or bring it up to this program's version.

    An SQLite database is copied beside itself first.

    Example: outreach db upgrade
    """
    desk = open_desk(workspace)
    keys = desk.keys
    before, newest = database_version(desk.workspace, desk.settings)
    refuse_newer(before)  # what can refuse has refused before anything is copied
    if before is not None and before != newest and not desk.settings.database_url:
        copy = back_up(desk.workspace, label=f"{now():%Y%m%d-%H%M%S}")
        say(f"Copied the database to {copy.name} first.")
    before, after = upgrade_database(desk.workspace, desk.settings, keys, now=now())
    if before == after:
        show(f"The database is at version {after}: nothing to do.")
    else:
        show(f"The database is now at version {after} (before: {before or 'none'}).")


@db.command()
def replay(
    journal: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A copy of another machine's opt-outs.journal."),
    ] = None,
    without: Annotated[
        str, typer.Option(help="Go on without this journal, for it is lost. Needs --reason.")
    ] = "",
    was_restored: Annotated[
        bool, typer.Option("--restored", help="Say that the database came from a backup.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Let a restored database learn who opted out after the backup was made.

    Each machine keeps a journal of the opt-outs and erasures that came through it. Run this on
    every machine that shares a restored database: nothing is sent before all were heard. Where
    one machine has one database, `outreach send` does it by itself.

    Example: outreach db replay
    """
    if without and not reason:
        raise NotPermitted("Say why that journal is given up: --reason TEXT. Nothing was changed.")
    why = stated(reason, "--reason") if reason else ""
    desk = open_desk(workspace)
    who = desk.settings.who()
    if was_restored:
        with desk.database.write() as session:
            restored.await_all(session, why=why or "it was restored", who=who, now=now())
    done = replaying.report(desk.database, now=now())
    for file in journal or []:
        done += replaying.replay_copy(desk.database, _copy_of(file, desk), now=now())
    if done:
        acts = plural(done, "opt-out or erasure", "opt-outs and erasures")
        show(f"Done again, which the database did not know of: {acts}.")
    else:
        show("The database knows of every opt-out and erasure that was recorded here.")
    if without:
        _give_up(desk, without, why, who)
    with desk.database.read() as session:
        awaited = restored.unheard(session)
    if awaited:
        warn("\n".join(replaying.who_is_awaited(awaited)))


def _copy_of(file: Path, desk: Desk) -> Journal:
    if not file.is_file():
        raise NotPermitted(f"{file} is no file. Name a copy of another machine's opt-outs.journal.")
    return Journal(file, desk.keys.check_value())


def _give_up(desk: Desk, journal: str, reason: str, who: str) -> None:
    with desk.database.write() as session:
        if not restored.give_up(session, journal, why=reason, who=who, now=now()):
            raise NotPermitted(f"No journal {journal} is awaited. Nothing was given up.")
    show(f"{journal} is awaited no longer. Who opted out there after the backup is not known.")


def _copy_starter(folder: Path) -> list[str]:
    copied = 0
    for relative, content in starter_files():
        target = folder / relative
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        copied += 1
    if not (folder / SETTINGS_FILE).is_file():
        raise WorkspaceError(f"{folder / SETTINGS_FILE} could not be made.")
    return [f"copied {copied} starter files"] if copied else []


def _add_missing_rules(file: Path) -> list[str]:
    """Let a .gitignore that was there before keep out what is private, too."""
    rules = private_rules()
    written = file.read_bytes().decode("utf-8", "surrogateescape")
    if not set(rules) - {line.strip() for line in written.splitlines()}:
        return []
    # All of them: of two rules that say otherwise, git follows the later one.
    added = "\n".join(["# Added by `outreach init`: what a workspace keeps to itself.", *rules, ""])
    between = "\n" if written.endswith("\n") or not written else "\n\n"
    file.write_bytes((written + between + added).encode("utf-8", "surrogateescape"))
    return ["added to .gitignore the rules that keep lists, database and keys out of git"]
