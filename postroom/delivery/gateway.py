"""The one door to GOV.UK Notify: our words going out, its answers turned into our errors.

Nothing else in the project imports Notify's client. Facts about Notify's behaviour here were
measured against notifications-api 8ea23660 (August 2026) and are kept by `postroom.localnotify`.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import requests
import stamina
from notifications_python_client.errors import (
    REQUEST_ERROR_MESSAGE,
    HTTPError,
    InvalidResponse,
)
from notifications_python_client.notifications import NotificationsAPIClient

from postroom.content.notify_markdown import render_subject
from postroom.content.rendering import Email
from postroom.delivery.remedies import NOT_NOTIFY, remedy_for
from postroom.delivery.whole_answers import WholeAnswers
from postroom.errors import InDoubt, NotifyError, Paused, Refused, SettingsError, Stopped

stamina.instrumentation.set_on_retry_hooks([])  # its default hook logs arguments: addresses
# The client warns of every answer that is no success, beside the error it raises: we say it once.
logging.getLogger("notifications_python_client").setLevel(logging.ERROR)
# The client logs every failure; what failed is said once, by whoever asked, in our own words.
logging.getLogger("notifications_python_client").propagate = False
logging.getLogger("notifications_python_client").addHandler(logging.NullHandler())

T = TypeVar("T")
NOT_UNDERSTOOD = (AttributeError, KeyError, TypeError, ValueError)
"""What an answer raises that is JSON, but none of Notify's."""

SIMULATED_ADDRESS = "simulate-delivered@notifications.service.gov.uk"
"""Notify checks a message to this address fully, answers 201 and sends nothing."""

ABOUT_THIS_RECIPIENT = ("email_address", "team-only API key", "Your message is")
"""A 400 that says one of these is about one message; any other would be said of every message."""

CONNECTING = 1 / 8
"""The part of the whole wait that one address of Notify's may take to answer a connection.

A name has several addresses, tried one after the other, and nothing has left while none answers:
were each given the whole wait, a request could leave long after everybody believes it given up."""

READ_SECONDS = 15.0
"""How long one answer to a question may take: a page of 250 comes within a second."""
READ_TRIES = 3


@dataclass(frozen=True)
class Parcel:
    """One email on its way: to whom, under which reference, saying what."""

    address: str
    reference: str
    email: Email
    stop_url: str = ""  # for the one-click header; empty: none is sent


@dataclass(frozen=True)
class Accepted:
    """Notify took it. What it says of the message is None where it says nothing."""

    notify_id: str
    template_version: int | None = None
    subject: str | None = None
    body: str | None = None

    def tells_of(self, email: Email) -> bool:
        """Whether Notify's account of the message is *email*, as far as it gives one.

        It gives the body without outer white space, and the subject with its typography done:
        which done once more would be another one.
        """
        if self.body is not None and self.body.strip() != email.body.strip():
            return False
        if self.subject is None or self.subject == email.subject:
            return True
        return self.subject == render_subject(email.subject)


@dataclass(frozen=True)
class Notification:
    """Notify's record of one message. Times are UTC."""

    notify_id: str
    reference: str
    status: str
    created_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True)
class Shown:
    """An email as Notify's preview has it. Its subject may be escaped for HTML."""

    subject: str
    html: str


@dataclass(frozen=True)
class NotifyTemplate:
    """A template as Notify holds it."""

    version: int
    subject: str
    body: str

    @property
    def passes_through(self) -> bool:
        """Whether it adds nothing of its own to our subject and body."""
        return (self.subject.strip(), self.body.strip()) == ("((subject))", "((body))")


class Notify:
    """Notify under one key. Share it across threads: each gets a client of its own."""

    def __init__(
        self,
        key: str,
        *,
        base_url: str,
        key_type: str,
        template_id: str,
        reply_to_id: str | None,
        timeout: timedelta,
    ):
        self.base_url = base_url
        self.key_type = key_type
        self.template_id = template_id
        self.reply_to_id = reply_to_id
        self.timeout = timeout
        self.service = _service_of(key)
        self._key = key
        self._clients = threading.local()

    def send(self, parcel: Parcel) -> Accepted:
        """Ask Notify to send *parcel*. One request, never repeated here.

        Raises `Refused` for this message only, `Stopped` when every message would be refused,
        `Paused` at the rate limit, and `InDoubt` when Notify may or may not have accepted it.
        """
        try:
            answer = self._client(self.timeout).send_email_notification(
                email_address=parcel.address,
                template_id=self.template_id,
                personalisation={"subject": parcel.email.subject, "body": parcel.email.body},
                reference=parcel.reference,
                email_reply_to_id=self.reply_to_id,
                one_click_unsubscribe_url=parcel.stop_url or None,
            )
        except HTTPError as error:
            raise _translated(error) from error
        except (InvalidResponse, requests.RequestException, ValueError) as error:
            raise InDoubt(f"Notify's answer could not be read ({type(error).__name__})") from error
        return _accepted(answer)

    def find(self, reference: str) -> list[Notification]:
        """Return what Notify holds under *reference*, newest first; same key type only."""
        return self._page(reference=reference)

    def pages(self) -> Iterator[list[Notification]]:
        """Yield Notify's emails of this key type, newest first, up to 250 at a time, each once.

        Raises `NotifyError`, also where a page does not go on from the one before: somebody
        between us and Notify repeats it, and what is older would never be seen.
        """
        before, seen = None, set[str]()
        while page := self._page(older_than=before.notify_id if before else None):
            if before and any(record.created_at > before.created_at for record in page):
                raise NotifyError(
                    f"The list of emails from {self.base_url} repeats itself in place of going on. "
                    "Check what stands between here and Notify (a proxy that keeps pages?)."
                )
            if not (new := [record for record in page if record.notify_id not in seen]):
                return
            yield new
            before, seen = _last_asked_by(page), {record.notify_id for record in page}

    def template(self) -> NotifyTemplate:
        """Return the template as Notify holds it now."""
        return self._read(lambda client: _template(client.get_template(self.template_id)))

    def preview(self, email: Email) -> Shown:
        """Return subject and HTML of *email* as Notify itself renders them. Sends nothing."""
        personalisation = {"subject": email.subject, "body": email.body}
        return self._read(
            lambda client: _shown(client.post_template_preview(self.template_id, personalisation))
        )

    def _client(self, wait: timedelta) -> NotificationsAPIClient:
        """Return this thread's client, which waits so long for an answer.

        The client says of itself that it is not thread-safe, so each thread has its own.
        """
        if not hasattr(self._clients, "by_wait"):
            self._clients.by_wait = {}
        by_wait: dict[timedelta, NotificationsAPIClient] = self._clients.by_wait
        if wait not in by_wait:
            whole = wait.total_seconds()
            client = NotificationsAPIClient(
                # Handed on as it is to requests, which takes (to connect, to answer).
                self._key,
                base_url=self.base_url,
                timeout=(CONNECTING * whole, whole),
            )
            # A redirect would carry the key and the email to wherever it points.
            client.request_session.max_redirects = 0
            for scheme in ("https://", "http://"):
                client.request_session.mount(scheme, WholeAnswers())
            # A ~/.netrc entry for the host would replace the bearer token (measured: 401).
            client.request_session.auth = lambda request: request
            if is_loopback(self.base_url):
                client.request_session.trust_env = False  # no proxy stands before this machine
            by_wait[wait] = client
        return by_wait[wait]

    def _page(self, **query: str | None) -> list[Notification]:
        return self._read(
            lambda client: _notifications(
                client.get_all_notifications(template_type="email", **query)
            )
        )

    def _read(self, ask: Callable[[NotificationsAPIClient], T]) -> T:
        """Ask for what changes nothing, again if Notify stumbles. Raises `NotifyError`.

        What Notify answers is understood within *ask*, so that another's answer is told here too.
        """
        wait = min(self.timeout, timedelta(seconds=READ_SECONDS))
        try:
            for attempt in stamina.retry_context(
                on=_may_pass, attempts=READ_TRIES, wait_initial=0.2
            ):
                with attempt:
                    return ask(self._client(wait))
        except HTTPError as error:
            if error.response is None:
                raise NotifyError(
                    f"No answer came from Notify at {self.base_url}. Check that address "
                    "(NOTIFY_BASE_URL), the network and any proxy, then run this again."
                ) from error
            raise _translated(error) from error
        except (InvalidResponse, requests.RequestException, *NOT_UNDERSTOOD) as error:
            raise NotifyError(
                f"The answer from {self.base_url} is not one of Notify's ({type(error).__name__}). "
                f"{NOT_NOTIFY}"
            ) from error
        raise AssertionError("the last attempt returns or raises")  # for the types


def is_loopback(url: str) -> bool:
    """Return whether *url* leads to this machine only."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _service_of(key: str) -> str:
    # Notify's client reads a key by position from its end: service id, then secret.
    try:
        return str(UUID(key[-73:-37]))
    except ValueError:
        raise SettingsError(
            "The Notify key is not whole: it should read NAME-SERVICE-SECRET, as Notify showed it "
            "once when it was made. Make a new one there if the old one was not kept."
        ) from None


def _may_pass(error: Exception) -> bool:
    return isinstance(error, HTTPError) and error.status_code >= 500


def _translated(error: HTTPError) -> NotifyError:
    """Group an answer by what to do next. The client reports "no reply" as a 503."""
    said = _said(error)
    if error.response is None:
        return InDoubt("no answer came from Notify")
    match error.status_code:
        case 400:
            about_one = any(words in _words(error) for words in ABOUT_THIS_RECIPIENT)
            return (Refused if about_one else Stopped)(said)
        case 429 if "TooManyRequestsError" in said:
            return Stopped(f"{said} Notify's daily limit resets at 00:00 UTC.")
        case 429:
            return Paused(said)
        case 401 | 403 | 404 | 405 if _is_notifys(error):
            return Stopped(said)
        case _:
            return InDoubt(said)


def _said(error: HTTPError) -> str:
    """Return Notify's own words and what to do. It quotes no address in them (measured)."""
    words = _words(error)
    if 300 <= error.status_code < 400:
        return f"Notify said {error.status_code}: ask somewhere else. {NOT_NOTIFY}"
    if error.status_code < 500 and not _is_notifys(error):
        return f"Notify said {error.status_code}, in words that are not its own. {NOT_NOTIFY}"
    return f"Notify said {error.status_code}: {words.rstrip('.')}. {remedy_for(words)}".rstrip()


def _is_notifys(error: HTTPError) -> bool:
    """Return whether Notify gave this answer, and not somebody that stands before it."""
    return error.message != REQUEST_ERROR_MESSAGE


def _words(error: HTTPError) -> str:
    listed = error.message if isinstance(error.message, list) else [{"message": error.message}]
    words = "; ".join(
        ": ".join(str(part[name]) for name in ("error", "message") if part.get(name))
        for part in listed
        if isinstance(part, dict)
    )
    return words[:500] or "nothing more"


def _accepted(answer: Any) -> Accepted:
    try:
        template, content = answer.get("template") or {}, answer.get("content") or {}
        subject, body = (content.get(name) for name in ("subject", "body"))
        if not all(isinstance(text, str | None) for text in (subject, body)):
            raise TypeError("content is no text")
        return Accepted(str(UUID(answer["id"])), template.get("version"), subject, body)
    except NOT_UNDERSTOOD as error:
        raise InDoubt("Notify's answer was not what it should be") from error


def _shown(seen: dict[str, Any]) -> Shown:
    return Shown(str(seen.get("subject") or ""), str(seen["html"]))


def _template(answer: Any) -> NotifyTemplate:
    subject = answer.get("subject") or ""
    return NotifyTemplate(int(answer["version"]), str(subject), str(answer["body"]))


def _notifications(answer: Any) -> list[Notification]:
    return [_notification(record) for record in answer["notifications"]]


def _last_asked_by(page: list[Notification]) -> Notification:
    """Return whom to ask older ones than: the last that is younger than the page's end.

    "Older" is by the moment and strictly so: others of the very moment at which a page was cut
    would be on no page.
    """
    end = page[-1].created_at
    return next((record for record in reversed(page) if record.created_at > end), page[-1])


def _notification(record: Any) -> Notification:
    reference, status = record.get("reference") or "", record["status"]
    if not (isinstance(reference, str) and isinstance(status, str)):
        raise TypeError("a reference and a status are texts")
    return Notification(
        notify_id=str(UUID(record["id"])),
        reference=reference,
        status=status,
        created_at=_time(record["created_at"]),
        completed_at=_time(record["completed_at"]) if record.get("completed_at") else None,
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
