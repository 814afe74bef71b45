"""Reading TOML files, and finding the line that an error is about."""

import re
import tomllib
from collections.abc import Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from postroom.errors import ContentError

_MARK = "\ufdd0here\ufdd0"
_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


def line_of(text: str, path: Sequence[str | int]) -> int:
    """Return the line, from 1, of the value at *path* in the TOML *text*.

    Where there is no such value the line of the nearest table around it is returned, and 1 where
    there is none. The text must be valid TOML.
    """
    for length in range(len(path), 0, -1):
        line = _line_of_value(text, path[:length])
        if line is not None:
            return line
    return 1


def read_toml(file: str, text: str, refusal: type[ContentError] = ContentError) -> dict[str, Any]:
    """Return what *text*, the content of *file*, says. Raises *refusal* with file and line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, meaning = _syntax_error(text, error)
        raise refusal(f"{file}:{line}: {meaning}") from error
    except RecursionError as error:
        raise refusal(f"{file}:1: is nested too deeply to read") from error


def _syntax_error(text: str, error: ValueError) -> tuple[int, str]:
    """Return the line and the meaning of what `tomllib` said about *text*."""
    said = str(error)
    place = _PLACE.search(said)
    lines = text.splitlines() or [""]
    number = int(place["line"]) if place and place["line"] else len(lines)
    meaning = _PLACE.sub("", said)
    line = lines[min(number, len(lines)) - 1]
    hint = ' Curly quotes cannot hold a value: use straight ones, ".' if _curly(line) else ""
    return number, f"this is not valid TOML: {meaning[:1].lower()}{meaning[1:]}.{hint}"


def _curly(line: str) -> bool:
    return bool(re.search(r"=\s*\{?[^\"]*[“”‘’]", line))


def _line_of_value(text: str, path: Sequence[str | int]) -> int | None:
    # tomlkit keeps every character, so all before a mark stays where it was.
    try:
        document = tomlkit.parse(text)
        _mark(document, path)
        marked = tomlkit.dumps(document)
    except (TOMLKitError, LookupError, TypeError, ValueError):
        return None
    before, found, _ = marked.partition(_MARK)
    return before.count("\n") + 1 if found else None


def _mark(document: Any, path: Sequence[str | int]) -> None:
    around = document
    for key in path[:-1]:
        around = around[key]
    value = around[path[-1]]
    if isinstance(value, Table):
        value.trivia.comment_ws, value.trivia.comment = " ", f"# {_MARK}"
    else:
        around[path[-1]] = _MARK
