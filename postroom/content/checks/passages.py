"""Passages: the parts of an email between blank lines, and what Notify makes of each."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from postroom.content.dates import DateMention, dates_in
from postroom.content.markdown_escaping import UNSEEN
from postroom.content.mentions import LinkMention, links_in
from postroom.content.notify_markdown import render_html, render_subject, render_text

LONGEST_PASSAGE = 20_000  # characters that stand together without a blank line
MOST_PASSAGES = 1_000  # the seed's email has 25

_BLANK_LINES = re.compile(r"(\n(?:[ \t]*\n)+)")
# A mark and a space; or a mark straight before a letter, unless it is one of a pair of stars.
_LIST_LINE = re.compile(
    r"\s*(?:\^\s*)*(?:(?:[*•-]|\d{1,2}\.)\s+\S|(?:[•-]|\d{1,2}\.|\*(?!.*\w\*))(?=[^\W\d_]))"
)
_HEADING_LINE = re.compile(r" {0,3}(#{1,6})\s+\S")
_DRAWN_LINE = re.compile(r"[ \t]*(?:-+|=+|\*+|_+|(?:[-*_][ \t]+){2,}[-*_])[ \t]*")
_MARKER = re.compile(r"[ \t]*(?:#{1,6}\s+|(?:[*•+-]|\d{1,2}\.)\s+|\^\s*)+")
_ESCAPED = re.compile(r"\\([\\`*{}\[\]()#+\-.!_~|])")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")
_TAG = re.compile(r"<[^>]*>")
_BLOCK = re.compile(r"</?(?:p|h2|h3|li|blockquote|ul|ol|br|hr)\b[^>]*>")
_HREF = re.compile(r'<a [^>]*?href="([^"]*)"')
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"\w(?:[\w '’.,&()/:-]*\w)?")


@dataclass(frozen=True)
class Passage:
    """A paragraph, list or heading as its author wrote it, and as Notify shows it."""

    source: str

    def render(self) -> None:
        """Render both parts, and keep them. Raises `RenderingError` where Notify could not."""
        _ = self.html, self.text

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Its lines that hold something, without the space around them."""
        return tuple(line.strip() for line in self.source.splitlines() if line.strip())

    @cached_property
    def html(self) -> str:
        return render_html(self.source)

    @cached_property
    def text(self) -> str:
        return render_text(self.source)

    @cached_property
    def shown(self) -> str:
        """What a reader of the HTML part sees."""
        return html.unescape(_TAG.sub("", _BLOCK.sub("\n", self.html)))

    @cached_property
    def dates(self) -> tuple[DateMention, ...]:
        """The dates that a reader of the HTML part sees."""
        return tuple(dates_in(self.shown))

    @cached_property
    def links(self) -> tuple[LinkMention, ...]:
        """The links its author meant."""
        return tuple(links_in(self.source))

    @cached_property
    def hrefs(self) -> tuple[str, ...]:
        """Where the links that Notify makes lead, in order."""
        return tuple(html.unescape(href) for href in _HREF.findall(self.html))

    @cached_property
    def headings_meant(self) -> tuple[int, ...]:
        matches = (_HEADING_LINE.match(line) for line in self.source.splitlines())
        return tuple(len(match[1]) for match in matches if match)

    @cached_property
    def headings(self) -> tuple[int, ...]:
        """The levels of the headings that Notify makes: 1 for `#`, 2 for `##`."""
        return tuple(int(level) - 1 for level in re.findall(r"<h([23]) ", self.html))

    @cached_property
    def list_lines(self) -> tuple[str, ...]:
        """The lines whose author meant a list."""
        lines = self.source.splitlines()
        return tuple(
            line.strip()
            for line in lines
            if _LIST_LINE.match(line) and not _DRAWN_LINE.fullmatch(line)
        )

    @property
    def listed(self) -> int:
        """How many list items Notify makes."""
        return self.html.count("<li ")

    @cached_property
    def words_meant(self) -> list[str]:
        return _WORD.findall(self.meant)

    @cached_property
    def words_shown(self) -> list[str]:
        return _WORD.findall(self.shown)

    @cached_property
    def meant(self) -> str:
        """What someone who reads the source expects a reader to see."""
        source = self.source
        for link in sorted(self.links, key=lambda link: link.start, reverse=True):
            if link.label:
                source = source[: link.start] + link.label + source[link.end :]
        for unseen in UNSEEN:
            source = source.replace(unseen, "")
        lines = (line.strip() for line in source.splitlines())
        return "\n".join(_meant(line) for line in lines if not _DRAWN_LINE.fullmatch(line))

    @cached_property
    def shape(self) -> str:
        """The passage with its words taken out: what the passages around it could be joined by."""
        return _RUN.sub("w", self.source)


@dataclass(frozen=True)
class SubjectLine(Passage):
    """A subject, for the checks that ask what words say: it has no Markdown, and no links."""

    @cached_property
    def html(self) -> str:
        return html.escape(render_subject(self.source))

    @cached_property
    def text(self) -> str:
        return render_subject(self.source)

    @cached_property
    def links(self) -> tuple[LinkMention, ...]:
        return ()


def _meant(line: str) -> str:
    marker = _MARKER.match(line)
    line = _ESCAPED.sub(r"\1", line[marker.end() :] if marker else line)
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), line)


def split(body: str) -> Iterator[str]:
    """Yield the passages of *body*. A list stays in one piece over single blank lines."""
    parts = _BLANK_LINES.split(body)
    passage = parts[0]
    for gap, part in zip(parts[1::2], parts[2::2], strict=True):
        if gap.count("\n") == 2 and _continues(passage, part):
            passage += gap + part
            continue
        if passage.strip():
            yield passage
        passage = part
    if passage.strip():
        yield passage


def _continues(before: str, part: str) -> bool:
    return bool(_LIST_LINE.match(before) and (_LIST_LINE.match(part) or part.startswith("  ")))


def passages_of(body: str) -> int:
    """Return how many passages *body* has."""
    return sum(1 for _ in split(body))


def too_much_to_read(body: str) -> str:
    """Return why nobody could read *body*, so that it is not rendered either; or nothing."""
    if body.count("\n\n") >= MOST_PASSAGES and passages_of(body) > MOST_PASSAGES:
        return f"There are more than {MOST_PASSAGES:,} paragraphs: shorten the email."
    if len(body) > LONGEST_PASSAGE and any(len(p) > LONGEST_PASSAGE for p in split(body)):
        return (
            f"More than {LONGEST_PASSAGE:,} characters stand together without a blank line: break "
            "them up."
        )
    return ""
