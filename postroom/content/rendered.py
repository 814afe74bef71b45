"""What an email looks like when it arrives, for whoever is to look at it."""

from dataclasses import dataclass

from markupsafe import Markup, escape

from postroom.content.checks.passages import too_much_to_read
from postroom.content.notify_markdown import (
    RenderingError,
    preheader_as_read,
    render_html,
    render_subject,
    render_text,
)
from postroom.content.rendering import Email


@dataclass(frozen=True)
class Rendered:
    """The parts of one email, as a reader gets them."""

    subject: str
    inbox_line: str
    html: Markup
    text: str


def rendered(email: Email) -> Rendered:
    """Return how *email* arrives; what nobody could render or read has the reason in its place."""
    subject = subject_as_read(email)
    if why := too_much_to_read(email.body):
        return Rendered(subject, why, escape(why), f"{why}\n")
    try:
        return Rendered(
            subject,
            f"{preheader_as_read(email.body)}…",
            Markup(render_html(email.body)),  # noqa: S704 the renderer escapes what it is given
            render_text(email.body),
        )
    except RenderingError as error:
        return Rendered(subject, str(error), escape(error), f"{error}\n")


def subject_as_read(email: Email) -> str:
    """Return the subject as it arrives, or why it cannot."""
    try:
        return render_subject(email.subject)
    except RenderingError as error:
        return str(error)
