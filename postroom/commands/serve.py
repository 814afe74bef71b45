"""`serve`: the public pages that links in emails lead to."""

from typing import Annotated

import typer
import waitress

from postroom.commands.desk import WorkspaceOption, now, open_desk
from postroom.commands.printing import say, show
from postroom.errors import SettingsError
from postroom.settings import SAMPLE_PUBLIC_URL
from postroom.web.site import create_app

app = typer.Typer()

THREADS = 8
LONGEST_REQUEST = 64 * 1024  # bytes


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen on; this machine only, unless changed.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port to listen on.")] = 8000,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the public pages that links in emails lead to. Ctrl+C ends it.

    People reach it through a web server that speaks https, at OUTREACH_PUBLIC_URL. Stopping works
    as long as this runs: keep it running for as long as emails with its links are about.

    With NOTIFY_CALLBACK_TOKEN set it also takes in Notify's delivery receipts at
    /notify/callback: give Notify that address and that token (Settings, API callbacks).

    Example: outreach serve --port 8000
    """
    desk = open_desk(workspace)
    token = desk.settings.notify_callback_token
    site = create_app(
        desk.workspace,
        desk.database,
        desk.keys,
        clock=now,
        callback_token=token.get_secret_value() if token else "",
    )
    try:
        server = waitress.create_server(
            site,
            host=host,
            port=port,
            threads=THREADS,
            ident="outreach",
            max_request_body_size=LONGEST_REQUEST,
        )
    except OSError as error:
        raise SettingsError(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Name another: --port 8001"
        ) from error
    show(f"Serving on http://{host}:{server.effective_port} — Ctrl+C ends it.")
    if desk.settings.public_url == SAMPLE_PUBLIC_URL:
        say("OUTREACH_PUBLIC_URL is not set: links in emails lead to an example address.")
    try:
        server.run()  # returns on Ctrl+C
    finally:
        server.close()
    show("Ended.")
