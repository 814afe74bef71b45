"""The inbox: pages on which a person reads what was caught. They change nothing."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template, request

from postroom.localnotify import ledger
from postroom.localnotify.api import Room, room
from postroom.localnotify.clock import as_text, from_text
from postroom.localnotify.ledger import Notification
from postroom.localnotify.showing import Shown, shown, subject_line

PER_PAGE = 50
LONDON = ZoneInfo("Europe/London")
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
# Mail may do nothing but look like something and offer links, which open in a page of their own.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
LAST_PAGE = 10**9  # further than any inbox reaches, and than SQLite counts
blueprint = Blueprint("inbox", __name__)
blueprint.add_app_template_filter(subject_line, "as_sent")


@blueprint.get("/")
def messages() -> Response:
    """List what was caught, newest first, 50 a page."""
    here = room()
    words = request.args.get("words", "").strip()
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    with here.store.reading() as connection:
        found, total = ledger.search(
            connection, words, offset=(page - 1) * PER_PAGE, limit=PER_PAGE, now=here.clock()
        )
    last = max(-(-total // PER_PAGE), 1)
    return _page("messages.html", words=words, found=found, total=total, page=page, last=last)


@blueprint.get("/messages/<message_id>")
def message(message_id: str) -> Response:
    """Show one message: its look, its text, its headers, what it was made of."""
    here = room()
    found = _find(here, message_id)
    if found is None:
        return _missing()
    kept = as_text(ledger.oldest_kept(here.clock(), here.service.retention))
    return _page(
        "message.html",
        message=found,
        shown=_shown(here, found),
        forgotten=found.created_at < kept,
    )


@blueprint.get("/messages/<message_id>/html")
def message_html(message_id: str) -> Response:
    """Show a message's HTML part, for the frame on its page."""
    here = room()
    found = _find(here, message_id)
    if found is None:
        return _missing()
    return _with_policy(render_template("part.html", shown=_shown(here, found)), MAIL_POLICY)


@blueprint.app_template_filter()
def london(moment: str) -> str:
    """Return a stored time as people in London write it: 24 Nov 2026, 2:55:07pm."""
    local = from_text(moment).astimezone(LONDON)
    half = "am" if local.hour < 12 else "pm"
    return f"{local.day} {local:%b %Y}, {local.hour % 12 or 12}:{local:%M:%S}{half}"


def _find(here: Room, message_id: str) -> Notification | None:
    with here.store.reading() as connection:
        return ledger.find(connection, message_id, now=here.clock())


def _shown(here: Room, found: Notification) -> Shown:
    return shown(found, sender=here.service.sender, show_links_at=here.show_links_at)


def _page(template: str, *, status: int = 200, **values: object) -> Response:
    response = _with_policy(render_template(template, **values), PAGE_POLICY)
    response.status_code = status
    return response


def _missing() -> Response:
    return _page("missing.html", status=404)


def _with_policy(body: str, policy: str) -> Response:
    response = make_response(body)
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
