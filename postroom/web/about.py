"""Pages about the site itself: privacy notice, cookies, accessibility, contact.

Their text is the workspace's own, in pages/*.md; what only the team can say is a marked gap.
"""

import hashlib
import re
from collections.abc import Iterator

import mistune
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from postroom.web.desk import the_desk
from postroom.workspace import Workspace

FOLDER = "pages"
TITLES = {
    "privacy": "Privacy notice",
    "accessibility": "Accessibility statement",
    "contact": "Contact",
}
GAP = re.compile(r"\[GAP: ([^\]]+)\]")
LONGEST = 100_000  # characters
about = Blueprint("about", __name__)


@about.get("/privacy", endpoint="privacy", defaults={"name": "privacy"})
@about.get("/accessibility", endpoint="accessibility", defaults={"name": "accessibility"})
@about.get("/contact", endpoint="contact", defaults={"name": "contact"})
def written(name: str) -> ResponseReturnValue:
    """Show a page that the team wrote."""
    text = page_text(the_desk().workspace, name)
    return render_template("written.html", heading=TITLES[name], text=_html(text or ""))


@about.get("/")
def who_we_are() -> ResponseReturnValue:
    """Lead whoever shortened an address to where they can reach us."""
    return redirect(url_for("about.contact"))


@about.get("/cookies")
def cookies() -> ResponseReturnValue:
    return render_template("cookies.html")


def page_text(workspace: Workspace, name: str) -> str | None:
    """Return the Markdown of a page, or None when it is not written."""
    try:
        text = (workspace.root / FOLDER / f"{name}.md").read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    return text[:LONGEST] if text.strip() else None


def page_version(workspace: Workspace, name: str) -> str:
    """Return what tells one wording of a page from another: the start of its SHA-256."""
    text = page_text(workspace, name)
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else ""


def gaps(workspace: Workspace) -> Iterator[str]:
    """Yield, in words with file and line, what the pages still leave open."""
    for name in TITLES:
        text = page_text(workspace, name)
        if text is None:
            yield f"{FOLDER}/{name}.md is missing. Copy it from a new workspace (outreach init DIR)"
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for gap in GAP.findall(line):
                yield f"{FOLDER}/{name}.md:{number}: still to be written: {gap}"


class _Plain(mistune.Renderer):  # type: ignore[misc]
    """GOV.UK's classes on the few elements that a page of text has."""

    def header(self, text: str, level: int, raw: str | None = None) -> str:  # noqa: ARG002
        size = {1: "l", 2: "m"}.get(level, "s")
        level = max(level, 2)  # the page has its own first heading
        return f'<h{level} class="govuk-heading-{size}">{text}</h{level}>\n'

    def paragraph(self, text: str) -> str:
        return f'<p class="govuk-body">{text.strip()}</p>\n'

    def list(self, body: str, ordered: bool = True) -> str:  # noqa: FBT001, FBT002
        tag, kind = ("ol", "number") if ordered else ("ul", "bullet")
        return f'<{tag} class="govuk-list govuk-list--{kind}">{body}</{tag}>\n'

    def link(self, link: str, title: str | None, text: str) -> str:  # noqa: ARG002
        return f'<a class="govuk-link" href="{mistune.escape_link(link)}">{text}</a>'


def _html(text: str) -> Markup:
    rendered = mistune.Markdown(_Plain(escape=True))(text)
    return Markup(GAP.sub(r"<strong>[to be written: \1]</strong>", rendered))  # noqa: S704 # escaped
