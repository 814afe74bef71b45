"""Previews: one page that shows emails as they will arrive, without anything being sent."""

from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup

from postroom.content.campaign_file import Campaign
from postroom.content.distinct import Preview, Row, distinct_texts, in_ranges, summary
from postroom.content.preview_style import STYLE
from postroom.content.rendered import rendered
from postroom.content.rendering import Links, Renderer

__all__ = [
    "Preview",
    "Row",
    "distinct_texts",
    "longest",
    "preview_page",
    "previews",
    "shortest",
    "summary",
]


MOST_ON_A_PAGE = 200
"""Emails: a browser opens that many, and nobody reads more one by one."""


def previews(renderer: Renderer, rows: Iterable[Row], links: Links) -> Iterator[Preview]:
    """Yield the email of each row, in the order of the rows. Raises `TemplateError`."""
    for number, fields in rows:
        yield Preview(renderer.render(fields, links), (number,))


def longest(shown: Iterable[Preview]) -> Preview | None:
    """Return the preview with the longest body, the first of several; None when there are none."""
    return max(shown, key=_length, default=None)


def shortest(shown: Iterable[Preview]) -> Preview | None:
    """Return the preview with the shortest body, the first of several; None when there are none."""
    return min(shown, key=_length, default=None)


def preview_page(
    campaign: Campaign, shown: Sequence[Preview], *, note: str = "", count: str = "", more: int = 0
) -> str:
    """Return an HTML page that shows of each preview the subject, inbox line, email, text, source.

    *count* says how many emails they are of, else one each; *more* is how many are not *shown*.
    It needs nothing but itself, runs no script and may be opened as a file. It holds what the
    recipients' fields hold, so it belongs where only its owner can read it.
    """
    last = len(shown)
    parts = [_one(preview, number, last) for number, preview in enumerate(shown, 1)]
    return _PAGE.format(
        title=f"Preview: {campaign.title}",
        style=Markup(STYLE),  # noqa: S704 our own, and CSS knows no character references
        note=note,
        more=_MORE.format(shown=last, more=f"{more:,}", campaign=campaign.name) if more else "",
        count=count or ("1 email" if last == 1 else f"{last} emails"),
        them="it" if last == 1 and not count else "them",
        contents=_contents(shown),
        parts=Markup("\n").join(parts),
    )


def _length(preview: Preview) -> int:
    return len(preview.email.body.encode())


_PAGE = Markup("""\
<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{count}, as GOV.UK Notify will make {them}. {note} Links in a preview are samples: they open a \
page that does nothing.</p>
{more}</header>
{contents}
<main>
{parts}
</main>
</body>
</html>
""")

_MORE = Markup("""\
<p>These are {shown}; {more} more are not on this page. See any one with: \
<code>outreach preview {campaign} --row N</code></p>
""")

_CONTENTS = Markup("""\
<nav aria-label="Emails on this page">
<ol>
{entries}
</ol>
</nav>""")

_ENTRY = Markup('<li><a href="#email-{number}">{label}</a></li>')

_ONE = Markup("""\
<article id="email-{number}" aria-labelledby="title-{number}">
<h2 id="title-{number}">{label}</h2>
{steps}
{rows}
<dl>
<dt>Subject</dt><dd>{subject}</dd>
<dt>Inbox line</dt><dd>{inbox_line}</dd>
</dl>
<section aria-label="The email" class="email" tabindex="0">
{html}
</section>
<details>
<summary>As plain text</summary>
<pre tabindex="0">{text}</pre>
</details>
<details>
<summary>As it was written (Notify’s Markdown)</summary>
<pre tabindex="0">{source}</pre>
</details>
</article>""")

_ROWS = Markup("<details><summary>All the rows that get it</summary><p>{rows}</p></details>")
_STEP = Markup('<a href="#email-{number}">{word}</a>')


def _contents(shown: Sequence[Preview]) -> Markup:
    if len(shown) < 2:
        return Markup("")
    entries = (
        _ENTRY.format(number=number, label=_capital(preview.label))
        for number, preview in enumerate(shown, 1)
    )
    return _CONTENTS.format(entries=Markup("\n").join(entries))


def _one(preview: Preview, number: int, last: int) -> Markup:
    shown = rendered(preview.email)
    return _ONE.format(
        number=number,
        label=_capital(preview.label),
        steps=_steps(number, last),
        rows=_ROWS.format(rows=in_ranges(preview.rows)) if len(preview.rows) > 1 else "",
        subject=shown.subject,
        inbox_line=shown.inbox_line,
        html=shown.html,
        text=shown.text,
        source=preview.email.body,
    )


def _steps(number: int, last: int) -> Markup:
    steps = []
    if number > 1:
        steps.append(_STEP.format(number=number - 1, word="Previous email"))
    if number < last:
        steps.append(_STEP.format(number=number + 1, word="Next email"))
    return Markup('<p class="steps">{}</p>').format(Markup(" ").join(steps)) if steps else Markup()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
