"""The outline of an HTML email: its elements and words in order, whatever frame is around it."""

import re
from html.parser import HTMLParser

KEPT = frozenset({"h1", "h2", "h3", "p", "ul", "ol", "li", "blockquote", "a", "br", "hr", "img"})
HIDDEN = frozenset({"head", "title", "style", "script"})
_SPACE = re.compile(r"[ \t\n\r\f]+")  # HTML's white space; a no-break space is a character

Outline = tuple[str, ...]
"""Each kept start tag as `<tag>` (a link with its address), and each run of words."""


def outline(html: str) -> Outline:
    """Return the outline of *html*. Layout (tables, divs, spans, styles) leaves no trace."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tuple(part for part in reader.parts if part)


def holds(whole: Outline, part: Outline) -> bool:
    """Return whether *part* stands somewhere in *whole*, unbroken and in its order."""
    starts = range(len(whole) - len(part) + 1)
    return any(whole[at : at + len(part)] == part for at in starts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HIDDEN:
            self._hidden += 1
        if tag in KEPT:
            href = dict(attrs).get("href") if tag == "a" else None
            self.parts.append(f"<{tag} {href}>" if href else f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(_SPACE.sub(" ", data).strip(" "))
