"""`local-notify`: run the local Notify and its inbox in the foreground."""

from pathlib import Path
from typing import Annotated

import typer

from postroom.commands.desk import WorkspaceOption, open_desk
from postroom.commands.printing import make_private
from postroom.errors import SettingsError
from postroom.localnotify import CannotServe, LocalNotify, run

app = typer.Typer()


@app.command("local-notify")
def local_notify(
    port: Annotated[
        int, typer.Option(help="The port on this machine; 0 takes a free one.", min=0, max=65_535)
    ] = 6011,
    serve_at: Annotated[
        str, typer.Option(help="Where `outreach serve` runs, so links in caught mail open it.")
    ] = "http://127.0.0.1:8000",
    latency: Annotated[float, typer.Option(help="Seconds added to every answer.", min=0)] = 0.0,
    faults: Annotated[
        Path | None,
        typer.Option(help="A file that says how to misbehave; see “The local Notify”."),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Run the local Notify and its inbox.

    Catches every email that local mode sends: open the address it prints to read them. It also
    answers the API as GOV.UK Notify does. Ctrl-C ends it; the mail stays.

    Example: outreach local-notify
    """
    desk = open_desk(workspace)
    make_private(desk.workspace.local_notify_file)
    server = LocalNotify(
        desk.workspace.local_notify_file,
        port=port,
        latency=latency,
        faults_file=faults,
        show_links_at={desk.settings.public_url: serve_at},
    )
    try:
        run(server)
    except CannotServe as error:
        raise SettingsError(str(error)) from error
