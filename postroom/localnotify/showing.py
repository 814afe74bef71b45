"""How an accepted email will look: its parts, its headers, and links that can be followed here."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from postroom.content import notify_markdown
from postroom.localnotify.ledger import Notification

# What a mail program's window does to a long line: a guess that makes the frame tall enough.
LETTERS_A_LINE = 70
LINE_HEIGHT = 25  # pixels


UNREADABLE = "Notify could not render this message: {}. This is what was sent to it.\n\n{}"


@dataclass(frozen=True)
class Shown:
    """One email as its reader would see it. Everything but `html` is plain text."""

    subject: str
    preheader: str
    html: str
    text: str
    headers: list[tuple[str, str]]
    height: int  # pixels that the HTML part needs, about


def shown(notification: Notification, *, sender: str, show_links_at: Mapping[str, str]) -> Shown:
    """Return how *notification* looks, its links pointed at *show_links_at*'s hosts."""
    preheader, part, text = _parts(notification.body)
    text = _moved(text, show_links_at)
    return Shown(
        subject=subject_line(notification.subject),
        preheader=preheader,
        html=_moved(part, show_links_at),
        text=text,
        headers=list(_headers(notification, sender)),
        height=_height(text),
    )


def subject_line(subject: str) -> str:
    """Return *subject* as it is sent: its typography set, on one line."""
    try:
        return notify_markdown.render_subject(subject)
    except notify_markdown.RenderingError:
        return " ".join(subject.split())


def _parts(body: str) -> tuple[str, str, str]:
    try:
        return (
            notify_markdown.preheader_as_read(body),
            notify_markdown.render_html(body),
            notify_markdown.render_text(body),
        )
    except notify_markdown.RenderingError as error:
        text = UNREADABLE.format(error, body)
        return "", f"<pre>{html.escape(text)}</pre>", text


def _headers(notification: Notification, sender: str) -> list[tuple[str, str]]:
    headers = [
        ("From", sender),
        ("To", notification.sent_to),
        ("Subject", subject_line(notification.subject)),
    ]
    if notification.reply_to:
        headers.append(("Reply-To", notification.reply_to))
    if notification.one_click_unsubscribe_url:
        headers.append(("List-Unsubscribe", f"<{notification.one_click_unsubscribe_url}>"))
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return headers


def _moved(text: str, hosts: Mapping[str, str]) -> str:
    for public, local in hosts.items():
        # Not a longer host that only begins the same: example.com.evil.example, example.community.
        whole = re.escape(public.rstrip("/")) + r"(?![\w-]|\.\w|:\d)"
        text = re.sub(whole, lambda _, local=local: local.rstrip("/"), text)  # type: ignore[misc]
    return text


def _height(text: str) -> int:
    lines = sum(1 + len(line) // LETTERS_A_LINE for line in text.splitlines())
    return 120 + lines * LINE_HEIGHT
