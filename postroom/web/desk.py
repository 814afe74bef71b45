"""What every page works with: the workspace, its database, its keys, the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from postroom.database import Database
from postroom.keys import Keys
from postroom.workspace import Workspace

NAME = "desk"  # among the site's extensions


@dataclass(frozen=True)
class Desk:
    """What the pages work with."""

    workspace: Workspace
    database: Database
    keys: Keys
    clock: Callable[[], datetime]
    """Gives the time, UTC."""
    callback_token: str = ""
    """What Notify shows with its delivery receipts; empty: none are taken in."""


def the_desk() -> Desk:
    """Return the desk of the site that is answering."""
    desk: Desk = current_app.extensions[NAME]
    return desk
