"""Whether Notify's own rendering of an email is the one we show: asked of Notify, on samples."""

import html
from collections.abc import Iterable, Iterator

from postroom.content.notify_markdown import RenderingError, render_html, render_subject
from postroom.content.outlines import holds, outline
from postroom.content.previews import Preview
from postroom.delivery.gateway import Notify


def differences(notify: Notify, samples: Iterable[Preview]) -> Iterator[str]:
    """Yield, in words, each of *samples* that Notify renders otherwise than we do. Sends nothing.

    Raises `NotifyError` when Notify cannot be asked.
    """
    for sample in samples:
        try:
            subject, page = render_subject(sample.email.subject), render_html(sample.email.body)
        except RenderingError as error:
            yield f"{sample.label}: {error}"
            continue
        seen = notify.preview(sample.email)
        if subject not in (seen.subject, html.unescape(seen.subject)):
            yield f"{sample.label}: Notify makes another subject of it"
        ours, theirs = outline(page), outline(seen.html)
        if not holds(theirs, ours):
            yield f"{sample.label}: {_first_difference(ours, theirs)}"


def _first_difference(ours: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    """Say where the two part: the longest beginning of ours that stands in theirs, and what next.

    Only our own side is quoted, cut short: it is what the reader can find in the template.
    """
    reached = 0
    while reached < len(ours) and holds(theirs, ours[: reached + 1]):
        reached += 1
    return f"Notify differs from “{ours[reached][:80]}” on"
