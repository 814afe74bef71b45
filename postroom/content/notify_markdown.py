"""What becomes of a body and a subject in GOV.UK Notify: its HTML, text, preheader and subject.

Each rendering raises `RenderingError` (a ValueError) for what Notify could not render either:
more than 2,000,000 bytes, half a character, or Markdown nested beyond reading.
"""

import html

from postroom.content.notify_grammar import convert
from postroom.content.notify_limits import RenderingError, check
from postroom.content.notify_parts import HtmlPart, PreheaderPart, TextPart
from postroom.content.notify_typography import escape_html, one_line, polish, prepare

__all__ = [
    "RenderingError",
    "is_empty",
    "preheader_as_read",
    "render_html",
    "render_preheader",
    "render_subject",
    "render_text",
]

PREHEADER_LENGTH = 256  # characters of HTML source; Notify then writes "…"


def render_html(body: str, *, unsubscribe_link: str | None = None) -> str:
    """Return the HTML part's body content, without Notify's page, banner and preheader around it.

    *unsubscribe_link* is the address Notify adds in its footer, where the template has one.
    """
    check(body)
    return _rendered(escape_html(_with_footer(body, unsubscribe_link)), HtmlPart())


def render_text(body: str, *, unsubscribe_link: str | None = None) -> str:
    """Return the plain text part, byte for byte, with its final newline."""
    check(body)
    rendered = _rendered(_with_footer(body, unsubscribe_link), TextPart())
    return html.unescape(rendered).lstrip() + "\n"


def render_preheader(body: str) -> str:
    """Return the preheader as it stands in the HTML source, before the ``…`` that follows it.

    Character references (``&amp;``) are not decoded: the 256 characters are counted with them,
    and the last may be cut through. `preheader_as_read` gives what an inbox shows.
    """
    check(body)
    rendered = _rendered(escape_html(body), PreheaderPart())
    return " ".join(rendered.split())[:PREHEADER_LENGTH].strip()


def preheader_as_read(body: str) -> str:
    """Return the preheader as an inbox shows it: `render_preheader` with references decoded."""
    return html.unescape(render_preheader(body))


def render_subject(subject: str) -> str:
    """Return the subject as it is sent. A subject is not Markdown, only typography."""
    check(subject)
    return one_line(polish(subject))


def is_empty(body: str) -> bool:
    """Return whether Notify would refuse *body* with "Your message is empty."."""
    return not body.strip()


def _with_footer(body: str, unsubscribe_link: str | None) -> str:
    if unsubscribe_link is None:
        return body
    return f"{body}\n\n---\n\n[Unsubscribe from these emails]({unsubscribe_link})"


def _rendered(source: str, part: HtmlPart | TextPart) -> str:
    try:
        return polish(convert(prepare(source) + "\n", part))
    except RecursionError:
        raise RenderingError(
            "Lists, insets or link texts are inside one another too many times to be read."
        ) from None
