"""What every command begins with: the workspace, its settings, its keys, its database, Notify."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated

import typer

from postroom.commands.printing import make_private
from postroom.content.campaign_file import Campaign
from postroom.content.editions import Edition, load_edition
from postroom.database import Database, open_database
from postroom.delivery.gateway import Notify, is_loopback
from postroom.delivery.preparing import Office
from postroom.errors import NotPermitted, SettingsError, WorkspaceError
from postroom.keys import Keys
from postroom.settings import (
    NOTIFY_PRODUCTION,
    Mode,
    Settings,
    read_settings,
    workspace_named_in_environment,
)
from postroom.workspace import Workspace, as_typed, find_workspace


def day(typed: str) -> datetime:
    """Read a day as an option takes it. Raises `BadParameter`, which says how to write it."""
    try:
        return datetime.strptime(typed, "%Y-%m-%d")  # noqa: DTZ007  # a day has no zone
    except ValueError:
        raise typer.BadParameter(f"“{typed}” is not a day. Write it like 2026-01-14.") from None


CampaignArgument = Annotated[
    str, typer.Argument(metavar="CAMPAIGN", help="Its file's name in campaigns/, without .toml.")
]
WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace", metavar="FOLDER", help="The workspace, if not this folder or one above it."
    ),
]
ModeOption = Annotated[
    Mode | None, typer.Option("--mode", help="Where mail goes, unless OUTREACH_MODE says it.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Answer every question with yes.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@dataclass(frozen=True)
class Desk:
    """A workspace opened for work. The database is opened when it is first used."""

    workspace: Workspace
    settings: Settings

    @cached_property
    def keys(self) -> Keys:
        """The keys of this workspace. Raises `WorkspaceError` when there is no secret."""
        if self.settings.secret:
            return Keys.read(self.settings.secret.get_secret_value())
        try:
            return Keys.read(self.workspace.secret_file.read_text(encoding="ascii"))
        except FileNotFoundError as error:
            raise WorkspaceError(
                f"There is no secret at {self.workspace.secret_file}. If this workspace is new, "
                f"make one with: outreach init {as_typed(self.workspace.root)} — otherwise restore "
                "it from where you keep it: without it nobody in the database would be recognised."
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise WorkspaceError(
                f"The secret at {self.workspace.secret_file} cannot be read: {why}. Ask whoever "
                "looks after this workspace, or restore it from where you keep it."
            ) from error

    @cached_property
    def database(self) -> Database:
        """The open database. Raises `DatabaseError` when it cannot be used."""
        return open_database(self.workspace, self.settings, self.keys)

    def afresh(self) -> "Desk":
        """Return this desk with nothing open, for a child process: connections are not shared."""
        return Desk(self.workspace, self.settings)

    def mode(self, asked: Mode | None) -> Mode:
        """Return --mode, else OUTREACH_MODE, else local. Keys never decide it."""
        return asked or self.settings.mode

    def office(self, mode: Mode) -> Office:
        """Return what rendering and sending in *mode* need."""
        return Office(self.settings, self.keys, mode)

    def edition(self, name: str) -> Edition:
        """Return the campaign *name* as its files are now."""
        return load_edition(self.workspace.root, name)

    def who(self, mode: Mode) -> str:
        """Return who is acting; in live it must be one of `people`, or `SettingsError`."""
        who = self.settings.who()
        if mode is Mode.LIVE and not self.settings.is_in_team(who):
            raise SettingsError(
                "In live mode OUTREACH_PERSON must be one of the addresses in `people` "
                "(outreach.toml), so that the record says who did this. An approver need not be: "
                "somebody in `people` types the approver's code."
            )
        return who


def open_desk(workspace: Path | None) -> Desk:
    """Return the desk of the workspace named, else OUTREACH_WORKSPACE, else the nearest."""
    found = find_workspace(workspace or workspace_named_in_environment(), Path.cwd())
    return Desk(found, read_settings(found))


def now() -> datetime:
    """Return the time, UTC. Commands read the clock here and hand it down."""
    return datetime.now(UTC)


@contextmanager
def open_notify(desk: Desk, mode: Mode, campaign: Campaign | None = None) -> Iterator[Notify]:
    """Give Notify as *mode* and *campaign* want it; in local mode, the local Notify.

    Local mode talks to this machine only: to the server at NOTIFY_BASE_URL when that is a
    loopback address, else to a local Notify that lives as long as this command.
    """
    settings = desk.settings
    reply_to_id = (campaign and campaign.reply_to_id) or settings.reply_to_id
    template_id = (campaign and campaign.template_id) or settings.notify_template_id
    timeout = settings.waits(mode).request
    settings.refuse_rate_above_limit(mode)  # before Notify is asked, and not in mid-run
    if mode is not Mode.LOCAL:
        key = settings.key(mode)
        if key is None:
            raise SettingsError(
                f"There is no NOTIFY_{mode.upper()}_KEY. Put it in .env in the workspace, or in "
                "the environment. `outreach doctor` says how to get one."
            )
        if template_id is None:
            raise SettingsError(
                "There is no NOTIFY_TEMPLATE_ID. It is the id of a template in Notify whose "
                "subject is ((subject)) and whose body is ((body)); `outreach doctor` says how "
                "to make it."
            )
        yield Notify(
            key.get_secret_value(),
            base_url=settings.notify_base_url or NOTIFY_PRODUCTION,
            key_type=mode.value,
            template_id=str(template_id),
            reply_to_id=str(reply_to_id) if reply_to_id else None,
            timeout=timeout,
        )
        return
    with _local_address(desk) as base_url:
        from postroom.localnotify import KEYS, TEMPLATE_ID  # local mode only

        yield Notify(
            KEYS["live"],
            base_url=base_url,
            key_type="live",
            template_id=TEMPLATE_ID,
            reply_to_id=None,  # the ids of a real service mean nothing here
            timeout=timeout,
        )


@contextmanager
def _local_address(desk: Desk) -> Iterator[str]:
    base_url = desk.settings.notify_base_url
    if base_url is None:
        from postroom.localnotify import CannotServe, LocalNotify  # Flask: local mode only

        make_private(desk.workspace.local_notify_file)
        with ExitStack() as until_done:
            server = LocalNotify(desk.workspace.local_notify_file)
            try:
                until_done.enter_context(server)
            except CannotServe as error:
                raise WorkspaceError(str(error)) from error
            yield server.url
    elif is_loopback(base_url):
        yield base_url
    else:
        raise NotPermitted(
            "Local mode talks to this machine only, and NOTIFY_BASE_URL leads elsewhere. "
            "Take it out, or name another mode: --mode test."
        )
