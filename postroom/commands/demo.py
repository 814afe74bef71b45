"""`demo`: the example campaign, end to end, in a throw-away workspace on this machine only."""

import os
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from postroom.commands import approving, checking, following, importing, sending, signups
from postroom.commands.desk import now as the_time
from postroom.commands.desk import open_desk, open_notify
from postroom.commands.printing import progress_bar, say_how_to_type, show
from postroom.commands.starter import WRAPPER
from postroom.commands.workspaces import make_workspace
from postroom.delivery import tracking
from postroom.errors import WorkspaceError
from postroom.reports.counts import Standing, standing
from postroom.settings import Mode, forget_environment
from postroom.workspace import as_typed

app = typer.Typer()

CAMPAIGN = "bpn-invite"
LIST_FILE = Path("recipients/example-bpn.csv")
LOOK_EVERY = 0.5  # seconds
LOOK_FOR = 60.0  # seconds: the local Notify says its last word after about two
SIGNUPS = (
    ("Ada Example", "ada@example.com", "General mentor"),
    ("Sam Specimen", "sam@example.com", "ITT coordinator or lead"),
)


@app.command()
def demo(
    folder: Annotated[
        Path | None, typer.Option("--in", help="Where to work; it must be new. Default: a new one.")
    ] = None,
) -> None:
    """Run the example campaign end to end, on this machine only.

    Makes a throw-away workspace, brings in a list of 50 invented schools, checks, approves and
    sends to the local Notify, follows every message, records two sign-ups and writes a report.
    No mail leaves this machine.

    Example: outreach demo
    """
    forget_environment()  # a demo must not meet somebody's real keys, mode or database
    began = time.monotonic()
    root = folder or Path(tempfile.mkdtemp(prefix="outreach-demo-"))
    os.chdir(_made(root))
    _step("Bring in the list", f"outreach recipients import {LIST_FILE} --list example-bpn")
    importing.import_list(LIST_FILE, list_name="example-bpn", yes=True)
    _step("Check what would be sent", f"outreach check {CAMPAIGN}")
    checking.check(CAMPAIGN)
    _step("Approve it (in local mode one person may)", f"outreach approve {CAMPAIGN}")
    approving.approve(CAMPAIGN, mode=Mode.LOCAL, yes=True)
    _step("Send it", f"outreach send {CAMPAIGN}")
    sending.send(CAMPAIGN, mode=Mode.LOCAL, yes=True)
    _step("Follow every message to its last word", "outreach sync")
    _follow()
    _step("Record two sign-ups that came from it", f"outreach signups add {CAMPAIGN} …")
    _sign_up()
    _step("See what became of it", f"outreach status {CAMPAIGN}")
    following.status(CAMPAIGN, mode=Mode.LOCAL)
    _where_next(root)
    show(f"\nThe demo took {time.monotonic() - began:.0f} seconds. Run it again whenever you like.")


def _made(root: Path) -> Path:
    if root.exists() and any(root.iterdir()):
        raise WorkspaceError(f"{root} is in use. The demo wants a new folder, or an empty one.")
    make_workspace(root)
    show("A throw-away workspace, in local mode: no mail leaves this machine.")
    show(f"  {root}")
    return root


def _step(what: str, command: str) -> None:
    show(f"\n{what}")
    show(f"  $ {command}")


def _follow() -> None:
    desk = open_desk(None)
    deadline = time.monotonic() + LOOK_FOR
    with open_notify(desk, Mode.LOCAL) as notify, progress_bar("Following", _found().total) as bar:
        while not _found().settled and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY)
            tracking.sync(
                desk.database,
                notify,
                desk.keys,
                Mode.LOCAL,
                retention=desk.settings.retention,
                now=the_time(),
            )
            bar.reach(_with_last_word(_found()))
    following.sync(mode=Mode.LOCAL)


def _found() -> Standing:
    with open_desk(None).database.read() as session:
        return standing(session, CAMPAIGN, Mode.LOCAL)


def _with_last_word(found: Standing) -> int:
    return sum(
        number for status, number in found.counts.items() if status not in ("created", "sending")
    )


def _sign_up() -> None:
    reached = _found().schools_that_are("reached")
    for (name, address, role), school in zip(SIGNUPS, reached, strict=False):
        signups.add_by_staff(
            CAMPAIGN,
            name=name,
            email=address,
            school=school.urn,
            role=role,
            method=signups.ByHand.TELEPHONE,
        )


def _where_next(root: Path) -> None:
    show("\nWhere to look next")
    following.report(CAMPAIGN, mode=Mode.LOCAL)
    inbox = f"outreach local-notify --workspace {as_typed(root)}"
    show(f"Inbox:  {inbox}   (then open the address it prints)")
    show("Yours:  outreach init DIR")
    say_how_to_type(WRAPPER)
