"""Notify's HTTP API, version 2, as far as a service that sends emails meets it."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request

from postroom.content import notify_markdown
from postroom.localnotify import accepting, auth, ledger, templates, validation
from postroom.localnotify.answers import Refusal, bad_request, crashed, invalid, not_found
from postroom.localnotify.clock import Clock, as_text
from postroom.localnotify.faults import Asked
from postroom.localnotify.ledger import Notification
from postroom.localnotify.personalisation import fill_body, fill_subject
from postroom.localnotify.service import Service
from postroom.localnotify.showing import subject_line
from postroom.localnotify.store import Store
from postroom.localnotify.trouble import Trouble

blueprint = Blueprint("api", __name__, url_prefix="/v2")


@dataclass(frozen=True)
class Room:
    """What the routes work with."""

    store: Store
    service: Service
    trouble: Trouble
    clock: Clock
    show_links_at: dict[str, str] = field(default_factory=dict)


def room() -> Room:
    """Return what the routes of the running application work with."""
    return current_app.extensions["localnotify"]  # type: ignore[no-any-return]


@blueprint.before_request
def know_the_key() -> None:
    """Check the token of every call, then let the faults for reading strike."""
    g.key_type = auth.key_type_of(request.headers.get("Authorization"), room().service)
    g.asked = _asked()
    room().trouble.strike("before", g.asked, g.key_type)


@blueprint.post("/notifications/email")
def post_email() -> Response:
    """Accept one email, or say everything that is wrong with it."""
    here, key_type = room(), g.key_type
    accepting.check_limits(here.store, here.service, key_type, now=here.clock())
    form = validation.check_email_request(validation.parsed(request.get_data()), now=here.clock())
    filled = accepting.fill_in(here.store, form)
    ends_as = here.trouble.outcome(g.asked)
    accepted = accepting.prepare(form, filled, here.service, key_type, ends_as=ends_as)
    if not accepting.is_simulated(accepted):
        late = here.trouble.receipt_delay(g.asked) if here.service.callback else timedelta(0)
        accepting.keep(here.store, here.service, accepted, now=here.clock(), receipt_late=late)
    here.trouble.strike("after", g.asked, key_type)
    base = request.url_root
    return _json(accepting.answer(accepted, filled, here.service, base=base), status=201)


@blueprint.post("/notifications/<notification_type>")
def post_other(notification_type: str) -> Response:
    """Refuse everything but emails, as a service without those permissions would be."""
    here = room()
    if notification_type not in ("sms", "letter"):
        raise crashed("KeyError")
    accepting.check_limits(here.store, here.service, g.key_type, now=here.clock())
    what = "text messages" if notification_type == "sms" else "letters"
    raise bad_request(f"Service is not allowed to send {what}")


@blueprint.get("/notifications/<notification_id>")
def get_notification(notification_id: str) -> Response:
    """Show one notification of the service, sent with a key of any type."""
    here = room()
    if not validation.is_uuid(notification_id):
        raise invalid("notification_id is not a valid UUID")
    now = here.clock()
    with here.store.reading() as connection:
        found = ledger.find(connection, notification_id, now=now)
    kept = as_text(ledger.oldest_kept(now, here.service.retention))
    if found is None or found.created_at < kept:
        raise not_found()
    return _json(_described(found))


@blueprint.get("/notifications")
def get_notifications() -> Response:
    """List what was sent with keys of this type, newest first, 250 at a time."""
    here = room()
    query = request.args.to_dict(flat=False)
    filters = validation.check_list_query(query)
    now = here.clock()
    since = ledger.oldest_kept(now, here.service.retention)
    with here.store.reading() as connection:
        size = here.service.page_size
        found = ledger.page(
            connection, g.key_type, filters=filters, since=since, size=size, now=now
        )
    links = {"current": _link(query)}
    if found:
        links["next"] = _link({**query, "older_than": [found[-1].id]})
    return _json({"notifications": [_described(each) for each in found], "links": links})


@blueprint.get("/template/<template_id>")
@blueprint.get("/template/<template_id>/version/<int(max=2147483647):version>")
def get_template(template_id: str, version: int | None = None) -> Response:
    """Show a template, or one version of it."""
    return _json(_template(template_id, version).described())


@blueprint.get("/templates")
def get_templates() -> Response:
    """List the latest version of every template."""
    asked = request.args.get("type")
    if asked is not None and asked not in validation.TEMPLATE_TYPES:
        raise invalid(f"type {asked} is not one of [{', '.join(validation.TEMPLATE_TYPES)}]")
    with room().store.reading() as connection:
        found = templates.latest(connection, asked)
    return _json({"templates": [each.described() for each in found]})


@blueprint.post("/template/<template_id>/preview")
def preview_template(template_id: str) -> Response:
    """Show a template filled in. Neither its size nor its emptiness is looked at."""
    raw = request.get_data() or b"{}"
    form = validation.check_preview_request(validation.parsed(raw))
    template = _template(template_id, None)
    values = form.get("personalisation", {})
    accepting.check_values(template, values)
    body = fill_body(template.body, values)
    try:
        part = notify_markdown.render_html(body)
    except notify_markdown.RenderingError as error:
        raise crashed("RecursionError") from error
    return _json(
        {
            "id": template.id,
            "type": template.type,
            "version": template.version,
            "subject": subject_line(fill_subject(template.subject, values)),
            "body": body.strip(),
            "html": part,
            "postage": None,
        }
    )


@blueprint.errorhandler(Refusal)
def refuse(refusal: Refusal) -> Response:
    """Answer as Notify writes its errors."""
    return _json(refusal.body(), status=refusal.status)


def _template(template_id: str, version: int | None) -> templates.Template:
    if not validation.is_uuid(template_id):
        raise invalid("id is not a valid UUID")
    with room().store.reading() as connection:
        template = templates.find(connection, template_id, version)
    if template is None:
        raise not_found()
    return template


def _described(notification: Notification) -> dict[str, Any]:
    template = f"v2/template/{notification.template_id}/version/{notification.template_version}"
    lines = {f"line_{n}": None for n in range(1, 7)}
    return {
        "id": notification.id,
        "reference": notification.reference,
        "email_address": notification.email_address,
        "phone_number": None,
        **lines,
        "postcode": None,
        "postage": None,
        "type": "email",
        "status": notification.status,
        "template": {
            "id": notification.template_id,
            "version": notification.template_version,
            "uri": request.url_root + template,
        },
        "body": notification.body.strip(),
        "subject": subject_line(notification.subject),
        "created_at": notification.created_at,
        "created_by_name": None,
        "sent_at": notification.sent_at,
        "completed_at": notification.completed_at,
        "scheduled_for": None,
        "one_click_unsubscribe_url": notification.one_click_unsubscribe_url,
        "is_cost_data_ready": True,
        "cost_in_pounds": 0,
        "cost_details": {},
    }


def _link(query: dict[str, list[str]]) -> str:
    pairs = urlencode(query, doseq=True)
    return f"{request.url_root}v2/notifications" + (f"?{pairs}" if pairs else "")


def _asked() -> Asked:
    if request.method != "POST" or request.path != "/v2/notifications/email":
        return Asked("read", reference=request.args.get("reference", ""))
    try:
        form = json.loads(request.get_data())
    except (RecursionError, ValueError):
        form = None
    form = form if isinstance(form, dict) else {}
    return Asked("send", str(form.get("reference") or ""), str(form.get("email_address") or ""))


def _json(body: dict[str, Any], *, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, mimetype="application/json")
