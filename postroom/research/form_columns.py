"""The columns of an export beside those that a mapping file names: what is read, and what never."""

from collections.abc import Iterator

from postroom.content import form_mapping
from postroom.content.form_mapping import FormMapping
from postroom.content.near_words import did_you_mean, nearest_words, quoted
from postroom.errors import AudienceError
from postroom.research.form_exports import Export
from postroom.research.form_tools import ADDED_BY_TOOL, Column

NAMED = 40  # columns that an error lists
SHORT = 60  # letters of a heading that is shown


def check(export: Export, mapping: FormMapping, text: str) -> None:
    """Raise `ContentError` where *mapping*, read from *text*, does not fit the columns."""
    if mistakes := list(_mistakes(export, mapping)):
        raise form_mapping.told(mapping.form, text, mistakes)
    if not export.rows and not export.previews and not export.unfinished:
        raise AudienceError(f"{export.path}: there is no answer in it.")


def dropped(export: Export, mapping: FormMapping) -> list[str]:
    """Return the headings of what is left out in any case: addresses of machines, places, marks,
    and what the tool adds by itself, where the mapping file does not name it."""
    used = _used(export, mapping)
    added = set(ADDED_BY_TOOL.get(export.shape.tool, ()))
    found = []
    for column in export.columns:
        if set(column.at) & used:
            continue
        by_itself = column.compressed in added
        added.discard(column.compressed)  # the tool's own stands first
        if column.is_always_dropped or by_itself:
            found.append(shortened(column.heading))
    return found


def not_read(export: Export, mapping: FormMapping) -> list[str]:
    """Return the headings of all other columns that the mapping file does not name."""
    left_out = set(dropped(export, mapping))
    seen = _used(export, mapping)
    found = []
    for column in export.columns:
        if not set(column.at) & seen and shortened(column.heading) not in left_out:
            found.append(shortened(column.label))
            seen |= set(column.at)
    return found


def shortened(heading: str) -> str:
    """Return *heading*, cut where it is long: a whole question can stand there."""
    return heading if len(heading) <= SHORT else heading[: SHORT - 1].rstrip() + "…"


def _mistakes(export: Export, mapping: FormMapping) -> Iterator[tuple[tuple[str, ...], str]]:
    for place, heading in mapping.headings.items():
        found = export.called(heading)
        if not found:
            yield place, _missing(export, heading)
        elif len(found) > 1:
            yield place, f"“{heading}” stands over {len(found)} columns. Rename one in the file"
        elif found[0].is_always_dropped:
            yield place, f"“{heading}” is never brought in. Name another column, or take this out"


def _missing(export: Export, heading: str) -> str:
    there = [name for column in export.columns for name in (column.heading, column.label)]
    likely = nearest_words(heading, there)
    meant = did_you_mean(quoted(likely))
    headings = dict.fromkeys(shortened(column.label) for column in export.columns)
    named = ", ".join(f"“{one}”" for one in list(headings)[:NAMED])
    return f"no column is headed “{heading}”.{meant} The columns are: {named}"


def _used(export: Export, mapping: FormMapping) -> set[int]:
    columns: list[Column] = [c for h in mapping.headings.values() for c in export.called(h)]
    return {at for column in columns for at in column.at}
