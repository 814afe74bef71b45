"""The folder a team works in: where its campaigns, templates, lists, database and output lie."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from postroom.errors import WorkspaceError

SETTINGS_FILE = "outreach.toml"


@dataclass(frozen=True)
class Workspace:
    """A folder with an `outreach.toml`. Nothing here touches the disk."""

    root: Path

    @property
    def settings_file(self) -> Path:
        return self.root / SETTINGS_FILE

    @property
    def env_file(self) -> Path:
        """Keys, and what else is this machine's own; git ignores it."""
        return self.root / ".env"

    @property
    def campaigns(self) -> Path:
        return self.root / "campaigns"

    @property
    def templates(self) -> Path:
        return self.root / "templates" / "email"

    @property
    def out(self) -> Path:
        """Where every export, preview, report and error file goes by default; git ignores it."""
        return self.root / "out"

    @property
    def database_file(self) -> Path:
        return self.root / "outreach.db"

    @property
    def secret_file(self) -> Path:
        """Kept beside the database, never in it: a copied database alone identifies nobody."""
        return self.root / "outreach.secret"

    @property
    def journal_file(self) -> Path:
        """The journal of opt-outs: outside the database, so that restoring it undoes none."""
        return self.root / "opt-outs.journal"

    @property
    def local_notify_file(self) -> Path:
        return self.root / "local-notify.db"


def as_typed(path: Path) -> str:
    """Return *path* as it is typed at a prompt: in quotation marks where it needs them."""
    if sys.platform == "win32":
        return f'"{path}"' if " " in str(path) else str(path)
    return shlex.quote(str(path))


def find_workspace(named: Path | None, start: Path) -> Workspace:
    """Return the workspace *named*, else the nearest one at or above *start*.

    Raises `WorkspaceError` when there is none.
    """
    if named is not None:
        if not (named / SETTINGS_FILE).is_file():
            raise WorkspaceError(
                f"{named} is not a workspace: it has no {SETTINGS_FILE}. "
                f"Make it one with: outreach init {as_typed(named)}"
            )
        return Workspace(named.resolve())
    for folder in (start, *start.parents):
        if (folder / SETTINGS_FILE).is_file():
            return Workspace(folder.resolve())
    raise WorkspaceError(
        f"There is no workspace here: no {SETTINGS_FILE} in this folder or above it. "
        "Make one with: outreach init DIR, or name one with --workspace DIR."
    )
