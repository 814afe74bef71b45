"""The web site: its pages put together, its headers, and what it says when something fails."""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime
from types import TracebackType

from flask import Flask, Response, render_template, request
from flask_talisman import Talisman
from werkzeug.exceptions import HTTPException

from postroom.database import Database
from postroom.errors import PostroomError
from postroom.keys import Keys
from postroom.web import desk
from postroom.web.callbacks import callbacks
from postroom.web.public import pages
from postroom.workspace import Workspace

LARGEST_REQUEST = 16 * 1024  # bytes: a stop button sends next to nothing
CONTENT_SECURITY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
log = logging.getLogger("postroom.web")


class Site(Flask):
    """A Flask application that keeps tokens and addresses out of its log."""

    def log_exception(
        self,
        exc_info: tuple[type[BaseException], BaseException, TracebackType]
        | tuple[None, None, None],
    ) -> None:
        # Flask would log the path, which holds the token, and the error, which may hold anything.
        kind, _, where = exc_info
        trail = "".join(traceback.format_tb(where))
        name = kind.__name__ if kind else "an error"
        log.error("%s while showing %s\n%s", name, request.endpoint, trail)


def create_app(
    workspace: Workspace,
    database: Database,
    keys: Keys,
    *,
    clock: Callable[[], datetime],
    callback_token: str = "",
) -> Flask:
    """Return the site over an open database. *clock* gives the time, UTC.

    Delivery receipts are taken in from who knows *callback_token*; from nobody when it is empty.

    No cookies, no sessions, no scripts. A GET changes nothing.
    """
    site = Site("postroom.web")
    site.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    site.extensions[desk.NAME] = desk.Desk(workspace, database, keys, clock, callback_token)
    Talisman(
        site,
        force_https=False,  # the proxy in front does; behind it every request is http
        content_security_policy=CONTENT_SECURITY,
        referrer_policy="no-referrer",
        frame_options="DENY",
    )
    site.register_blueprint(pages)
    site.register_blueprint(callbacks)
    site.register_error_handler(HTTPException, _http_error)
    site.register_error_handler(PostroomError, _foreseen_error)
    site.register_error_handler(500, _bug)
    site.after_request(_not_kept)
    return site


def _not_kept(response: Response) -> Response:
    """Pages behind a token stay in no cache; the style sheet and icons may."""
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _http_error(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    return render_template("error.html" if code >= 500 else "not_found.html"), code


def _foreseen_error(error: PostroomError) -> tuple[str, int]:
    log.error("%s while showing %s", type(error).__name__, request.endpoint)
    return render_template("error.html"), 503


def _bug(_error: Exception) -> tuple[str, int]:
    return render_template("error.html"), 500
