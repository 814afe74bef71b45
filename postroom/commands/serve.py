"""`serve`: the public pages that links in emails lead to."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from postroom.commands.desk import (
    Desk,
    ModeOption,
    WorkspaceOption,
    YesOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.posting import (
    ApprovedTextsOption,
    Poster,
    offer_to_switch_on,
    say_what_cannot_be_confirmed,
)
from postroom.commands.printing import say, show
from postroom.errors import NotPermitted
from postroom.research import replaying
from postroom.settings import SAMPLE_PUBLIC_URL, Mode
from postroom.web.about import gaps
from postroom.web.server import listen
from postroom.web.site import create_app

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen on; this machine only, unless changed.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port to listen on.")] = 8000,
    mode: ModeOption = None,
    approved: ApprovedTextsOption = None,
    yes: YesOption = False,  # an option of the command line
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the public pages that links in emails lead to. Ctrl-C ends it.

    People reach it through a web server that speaks https, at OUTREACH_PUBLIC_URL. Signing up and
    stopping work as long as this runs: keep it running for as long as emails with its links are
    about. Sign-ups count in the mode that it serves. Outside local mode it does not start while
    the privacy notice, the accessibility statement or the contact page (pages/) has a gap.

    Confirmations are sent as they are due, by this or by `outreach worker`. In live mode it first
    offers to switch them on.

    With NOTIFY_CALLBACK_TOKEN set it also takes in Notify's delivery receipts at
    /notify/callback: give Notify that address and that token (API integration, Callbacks).

    Example: outreach serve --port 8000
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    _refuse_gaps(desk, the_mode)
    say_what_cannot_be_confirmed(desk, the_mode)
    offer_to_switch_on(desk, the_mode, approved=approved, yes=yes)
    site = create_app(desk.workspace, desk.database, desk.office(the_mode), clock=now)
    server = listen(site, host, port)
    show(f"Serving on http://{host}:{server.effective_port} — Ctrl-C ends it.")
    say(f"Mode: {the_mode}. Sign-ups count in it.")
    if desk.settings.public_url == SAMPLE_PUBLIC_URL:
        say("OUTREACH_PUBLIC_URL is not set: links in emails lead to an example address.")
    # A polite kill ends it as Ctrl-C does: what is being sent is recorded first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        replaying.report(desk.database, now=now())  # opt-outs will come through this machine
        with _posting(desk, the_mode):
            server.run()  # returns on Ctrl-C
    finally:
        server.close()
    show("Ended.")


@contextmanager
def _posting(desk: Desk, mode: Mode) -> Iterator[None]:
    """Send confirmations beside the pages, where Notify can be reached from here."""
    if mode is not Mode.LOCAL and desk.settings.key(mode) is None:
        say(f"There is no NOTIFY_{mode.upper()}_KEY here: `outreach worker` sends confirmations.")
        yield
        return
    ended = threading.Event()
    with open_notify(desk, mode) as notify:
        poster = threading.Thread(target=Poster(desk, mode, notify, ended).keep_looking)
        poster.start()
        try:
            yield
        finally:
            ended.set()
            poster.join()


def _refuse_gaps(desk: Desk, mode: Mode) -> None:
    """Raise `NotPermitted` when people would read a page that is not finished."""
    open_gaps = list(gaps(desk.workspace))
    if mode is Mode.LOCAL:
        if open_gaps:
            say(
                f"{len(open_gaps)} gaps are left in pages/. Outside local mode they must be filled."
            )
        return
    if open_gaps:
        raise NotPermitted(
            f"The pages that the law asks for are not finished, so nothing is served in {mode} "
            "mode. Write each of these with your data-protection office:",
            *(f"  {gap}" for gap in open_gaps),
        )
