"""Filling in a template's ((placeholders)), in one pass, as Notify does."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from postroom.localnotify.addresses import ENDS, INVISIBLE

PLACEHOLDER = re.compile(r"\(\(([^()]+)\)\)")
YES = {"yes", "y", "true", "t", "1", "include", "show"}


def key_of(name: str) -> str:
    """Return *name* as Notify compares it: case, spaces, `_` and `-` make no difference."""
    return re.sub(r"[ _-]", "", name).lower()


def by_key(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return *values* under their compared names. Of `body` and `BODY`, the last wins."""
    return {key_of(name): value for name, value in values.items()}


def placeholders(*texts: str) -> list[str]:
    """Return the names that *texts* ask for, in order, each once, without any `??` text."""
    names: dict[str, str] = {}
    for text in texts:
        for inside in PLACEHOLDER.findall(text):
            name = inside.partition("??")[0]
            names.setdefault(key_of(name), name)
    return list(names.values())


def missing(names: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    """Return those of *names* that have no value in *values* (or None)."""
    known = by_key(values)
    return [name for name in names if known.get(key_of(name)) is None]


def fill_subject(template: str, values: Mapping[str, Any]) -> str:
    """Return *template* filled in, with a list written as "a, b and c"."""
    return _fill(template, values, in_body=False)


def fill_body(template: str, values: Mapping[str, Any]) -> str:
    """Return *template* filled in, with a list written as Markdown bullets."""
    return _fill(template, values, in_body=True)


def _fill(template: str, values: Mapping[str, Any], *, in_body: bool) -> str:
    known = by_key(values)

    def value_of(match: re.Match[str]) -> str:
        name, conditional, text = match[1].partition("??")
        value = known.get(key_of(name))
        if conditional:
            return text if str(value).lower() in YES else ""
        if isinstance(value, list):
            return _bullets(value) if in_body else _sentence(value)
        return str(value)

    # One pass: a ((placeholder)) inside a value stays as it is.
    return PLACEHOLDER.sub(value_of, template)


def _present(values: Sequence[Any]) -> Iterator[str]:
    """Yield the items of a list that are shown, without what nobody sees in them."""
    tidy = (str(value).translate(INVISIBLE).strip(ENDS) for value in values if value is not None)
    return filter(None, tidy)


def _bullets(values: Sequence[Any]) -> str:
    return "\n\n" + "\n".join(f"* {value}" for value in _present(values))


def _sentence(values: Sequence[Any]) -> str:
    *first, last = list(_present(values)) or [""]
    return f"{', '.join(first)} and {last}" if first else last
