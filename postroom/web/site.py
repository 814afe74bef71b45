"""The web site: its pages put together, its headers, and what it says when something fails."""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any

from flask import Flask, Response, render_template, request
from flask_talisman import Talisman
from flask_wtf.csrf import generate_csrf
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.exceptions import HTTPException

from postroom.database import Database
from postroom.delivery.preparing import Office
from postroom.errors import PostroomError
from postroom.keys import Keys
from postroom.settings import Mode
from postroom.web import desk, limits, own_details, public, sign_up
from postroom.web.about import about
from postroom.web.callbacks import callbacks
from postroom.web.campaigns_told import organisation_of
from postroom.workspace import Workspace

LARGEST_REQUEST = 16 * 1024  # bytes: the longest page of the form sends about half of it
MOST_PARTS = 100  # fields in one request
CONTENT_SECURITY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
REFUSALS = {429: "too_many.html", 404: "not_found.html"}
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
    workspace: Workspace, database: Database, office: Office, *, clock: Callable[[], datetime]
) -> Flask:
    """Return the site over an open database. *clock* gives the time, UTC.

    Sign-ups count in the mode of *office*. Delivery receipts are taken in from who knows the token
    in its settings; from nobody where there is none. A GET changes nothing but the visitor's own
    session.
    """
    site = Site("postroom.web")
    _configure(site, office.mode, office.keys)
    limiter = limits.make_limiter()
    limiter.limit(limits.ANSWERS, methods=["POST"])(sign_up.pages)
    limiter.limit(limits.LINKS, methods=["GET"])(own_details.pages)
    limiter.limit(limits.ANSWERS, methods=["POST"])(own_details.pages)
    limiter.init_app(site)
    site.extensions[desk.NAME] = desk.Desk(workspace, database, office, clock, limiter)
    site.jinja_env.globals["organisation"] = organisation_of(workspace)
    for pages in (public.pages, sign_up.pages, own_details.pages, about, callbacks):
        site.register_blueprint(pages)
    tries: Any = site.view_functions["sign_up.open_link"]  # its type is Flask's, not the limiter's
    site.view_functions["sign_up.open_link"] = limiter.limit(limits.LINKS)(tries)
    site.register_error_handler(HTTPException, _http_error)
    site.register_error_handler(PostroomError, _foreseen_error)
    site.register_error_handler(500, _bug)
    site.after_request(_not_kept)
    return site


def _configure(site: Site, mode: Mode, keys: Keys) -> None:
    https = mode is not Mode.LOCAL  # a rehearsal runs on this machine, without https
    *older, newest = keys.session_keys()
    site.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        MAX_FORM_PARTS=MOST_PARTS,
        SECRET_KEY=newest,
        SECRET_KEY_FALLBACKS=older,
        # __Host-: no other site of the domain can set it, and it never leaves by http.
        SESSION_COOKIE_NAME="__Host-session" if https else "session",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: whoever takes an hour is told why
        WTF_CSRF_SSL_STRICT=False,  # it wants a Referer, and we ask browsers to send none
    )
    Talisman(
        site,
        force_https=False,  # the proxy in front does; behind it every request is http
        session_cookie_secure=https,
        content_security_policy=CONTENT_SECURITY,
        content_security_policy_nonce_in=["script-src"],
        referrer_policy="no-referrer",
        frame_options="DENY",
    )
    site.jinja_options = {**site.jinja_options, "undefined": ChainableUndefined}
    packages = ("govuk_frontend_jinja", "govuk_frontend_wtf")
    components = PrefixLoader({name: PackageLoader(name) for name in packages})
    site.jinja_loader = ChoiceLoader([PackageLoader("postroom.web"), components])
    site.add_template_global(generate_csrf, "csrf_token")
    site.add_template_global(site.config["SESSION_COOKIE_NAME"], "cookie")
    WTFormsHelpers(site)


def _not_kept(response: Response) -> Response:
    """Pages behind a token stay in no cache; the style sheet and icons may."""
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _http_error(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    page = "error.html" if code >= 500 else REFUSALS.get(code, "refused.html")
    return render_template(page), code


def _foreseen_error(error: PostroomError) -> tuple[str, int]:
    log.error("%s while showing %s", type(error).__name__, request.endpoint)
    return render_template("error.html"), 503


def _bug(_error: Exception) -> tuple[str, int]:
    return render_template("error.html"), 500
