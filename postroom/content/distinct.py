"""Distinct texts: every text that the recipients of a campaign get, once, with who gets it.

What says who somebody is, or at which school, is shown as its column's name. Two emails that
differ in that alone are one text; a figure, a date or a sentence from the list makes another.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from postroom.content.editions import Edition
from postroom.content.identity import is_a_persons, is_a_place
from postroom.content.masking import masked, stand_in
from postroom.content.places import Place, file_of, row_of
from postroom.content.rendering import Email, Links, Renderer
from postroom.content.template_sandbox import Typed

RANGES_NAMED = 12
VALUES_NAMED = 3
_LONGEST_VALUE = 40  # characters: a longer one tells a reader no more
_MOST_TOLD_APART = 20  # texts: more are not told apart by a word or two each

Row = tuple[Place, Mapping[str, str]]
"""A row's place and its fields."""


@dataclass(frozen=True)
class Preview:
    """An email to look at, and the rows of the list that get it."""

    email: Email
    rows: tuple[Place, ...]
    column: str = ""
    """The column whose values tell this text from the others, where one does."""
    values: tuple[str, ...] = ()
    """What that column holds in the rows that get this text."""
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    """What stands, in one row or another, where the text shows the column of a school."""

    @property
    def where(self) -> str:
        """What the column that tells texts apart holds here, in words."""
        named = [value or "blank" for value in self.values[:VALUES_NAMED]]
        more = len(self.values) - len(named)
        return ", ".join(named) + (f" and {more} more" if more > 0 else "")

    @property
    def label(self) -> str:
        """Whose email this is, in words: "row 7", or "33 emails, region London: rows 2–34"."""
        if self.rows == (0,):
            return "everybody it reaches: none of them is held here"
        apart = f", {self.column.replace('_', ' ')} {self.where}" if self.column else ""
        if len(self.rows) == 1:
            return f"row {self.rows[0]}{apart}"
        return f"{len(self.rows):,} emails{apart}: rows {in_ranges(self.rows, RANGES_NAMED)}"


def in_ranges(rows: Sequence[Place], most: int | None = None) -> str:
    """Return "2–14, 16, 20–33"; of more than *most* ranges the first ones and "…"."""
    numbered = enumerate(sorted(rows))
    runs = [[row for _, row in run] for _, run in groupby(numbered, _run)]
    shown = [str(run[0]) if len(run) == 1 else f"{row_of(run[0])}–{run[-1]}" for run in runs[:most]]
    return ", ".join(shown) + (" …" if len(runs) > len(shown) else "")


def _run(numbered: tuple[int, Place]) -> tuple[str, int]:
    """Return what is the same for rows that follow each other in one spreadsheet."""
    number, place = numbered
    return file_of(place), row_of(place) - number


def distinct_texts(
    edition: Edition,
    rows: Sequence[Row],
    links: Links,
    *,
    subject_prefix: str = "",
    personal: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> list[Preview]:
    """Return each text that the rows get, once, with its rows; the one most people get first.

    *personal* names columns that hold people's names or addresses under another heading than the
    usual ones; *progress* is told how many of the rows are done. Raises `TemplateError`.
    """
    hides = masked(lambda column: is_hidden(column, personal))
    renderer = Renderer(edition, subject_prefix, escaping=hides)
    texts: dict[Email, list[Row]] = {}
    for done, row in enumerate(rows):
        if progress is not None:
            progress(done, len(rows))
        known = {name: Typed.of(name, value) for name, value in row[1].items()}
        texts.setdefault(renderer.render(known, links), []).append(row)
    sheaves = sorted(texts.items(), key=lambda pair: (-len(pair[1]), pair[1][0][0]))
    column = _telling_apart([sheaf for _, sheaf in sheaves], renderer.fields_used, personal)
    places = [name for name in sorted(renderer.fields_used) if is_a_place(name)]
    return [
        Preview(
            email,
            tuple(number for number, _ in sheaf),
            column,
            tuple(sorted({fields[column].strip() for _, fields in sheaf})) if column else (),
            {name: _values(name, sheaf) for name in places if _shows(email, name)},
        )
        for email, sheaf in sheaves
    ]


def summary(
    edition: Edition,
    rows: Sequence[Row],
    texts: Sequence[Preview],
    *,
    personal: Collection[str] = (),
) -> str:
    """Return, in a sentence, how many emails there are, how many texts, and how these differ."""
    if [number for number, _ in rows] == [0]:
        return "1 text. Nobody it reaches is held here."
    said = f"{_plural(len(rows), 'email')}, {_plural(len(texts), 'distinct text')}"
    if len(texts) < 2:
        return f"{said}."
    if column := texts[0].column:
        parts = ", ".join(f"{text.where} {len(text.rows):,}" for text in texts)
        return f"{said} by {column.replace('_', ' ')}: {parts}."
    used = Renderer(edition).fields_used
    counts = {name: len({fields.get(name, "") for _, fields in rows}) for name in sorted(used)}
    several = {n: c for n, c in counts.items() if c > 1 and not is_hidden(n, personal)}
    everywhere = [name for name, number in several.items() if number == len(rows)]
    if everywhere:
        verb = "column {} differs" if len(everywhere) == 1 else "columns {} differ"
        return f"{said}: {verb.format(' and '.join(everywhere))} in every one."
    values = ", ".join(f"{name} has {number:,} values" for name, number in several.items())
    return f"{said}: {values}." if values else f"{said}."


def is_hidden(column: str, personal: Collection[str] = ()) -> bool:
    """Return whether an approver is shown the name of *column* in place of what it holds."""
    return column in personal or is_a_persons(column) or is_a_place(column)


def _telling_apart(
    sheaves: Sequence[Sequence[Row]], fields_used: Iterable[str], personal: Collection[str]
) -> str:
    """Return the column with the fewest values of which each gets one text only, or nothing."""
    if not 1 < len(sheaves) <= _MOST_TOLD_APART:
        return ""
    found: dict[str, int] = {}
    for name in sorted(fields_used):
        by_text = [{fields[name].strip() for _, fields in sheaf} for sheaf in sheaves]
        values = set().union(*by_text)
        apart = sum(map(len, by_text)) == len(values)
        short = all(len(value) <= _LONGEST_VALUE for value in values)
        if apart and short and not is_hidden(name, personal):
            found[name] = len(values)
    return min(found, key=lambda name: found[name], default="")


def _values(name: str, sheaf: Iterable[Row]) -> tuple[str, ...]:
    return tuple(sorted({value for _, fields in sheaf if (value := fields[name].strip())}))


def _shows(email: Email, name: str) -> bool:
    mark = stand_in(name)
    return mark in email.subject or mark in email.body


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else noun + 's'}"
