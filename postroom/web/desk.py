"""What every page works with: the workspace, its database, its keys, the time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app
from flask_limiter import Limiter

from postroom.database import Database
from postroom.keys import Keys
from postroom.settings import Mode
from postroom.web.journeys import Journeys
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
    limiter: Limiter
    mode: Mode
    """In which sign-ups count."""
    public_url: str
    callback_token: str = ""
    """What Notify shows with its delivery receipts; empty: none are taken in."""
    journeys: Journeys = field(default_factory=Journeys)


def the_desk() -> Desk:
    """Return the desk of the site that is answering."""
    desk: Desk = current_app.extensions[NAME]
    return desk
