"""What every page works with: the workspace, its database, its keys, the time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app
from flask_limiter import Limiter

from postroom.database import Database
from postroom.delivery.preparing import Office
from postroom.keys import Keys
from postroom.settings import Mode
from postroom.web.journeys import Journey, Opening
from postroom.web.memory import Memory
from postroom.workspace import Workspace

NAME = "desk"  # among the site's extensions


@dataclass(frozen=True)
class Desk:
    """What the pages work with."""

    workspace: Workspace
    database: Database
    office: Office
    """Settings and keys, and the mode in which sign-ups count."""
    clock: Callable[[], datetime]
    """Gives the time, UTC."""
    limiter: Limiter
    journeys: Memory[Journey] = field(default_factory=Memory)
    openings: Memory[Opening] = field(default_factory=Memory)

    @property
    def keys(self) -> Keys:
        return self.office.keys

    @property
    def mode(self) -> Mode:
        return self.office.mode

    @property
    def public_url(self) -> str:
        return self.office.settings.public_url

    @property
    def callback_token(self) -> str:
        """What Notify shows with its delivery receipts; empty: none are taken in."""
        token = self.office.settings.notify_callback_token
        return token.get_secret_value() if token else ""


def the_desk() -> Desk:
    """Return the desk of the site that is answering."""
    desk: Desk = current_app.extensions[NAME]
    return desk
