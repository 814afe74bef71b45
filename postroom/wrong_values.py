"""What is wrong with a value that somebody wrote in a file or a variable, in plain words."""

from collections.abc import Mapping
from typing import Any

_WORDS = {
    # a kind of pydantic's, whole or its first part (int_parsing: int): what is said of it
    "missing": "is missing",
    "value_error": "{error}",
    "enum": "must be {expected}",
    "string": "must be text in straight quotes",
    "bool": "must be true or false, without quotes",
    "int": "must be a whole number, like 20",
    "float": "must be a number, like 0.5",
    "date": "must be a date without quotes, like 2024-01-22",
    "uuid": "must be an id as Notify shows it: 32 letters and digits in five groups",
    "list": 'must be a list, like ["one", "two"]',
    "tuple": 'must be a list, like ["one", "two"]',
    "dict": "must be a table of its own, in square brackets",
    "model": "must be a table of its own, in square brackets",
    "greater_than": "must be more than {gt:,g}",
    "greater_than_equal": "must be {ge:,g} or more",
    "less_than": "must be less than {lt:,g}",
    "less_than_equal": "must be {le:,g} or less",
    "too_short": "must name at least {min_length}",
    "too_long": "must name at most {max_length}",
}


def in_words(mistake: Mapping[str, Any]) -> str:
    """Return what is wrong, as the end of a sentence that begins with the field's name.

    *mistake* is one of `pydantic.ValidationError.errors()`. The value itself is never in it: it
    may be a key pasted under the wrong name.
    """
    kind = str(mistake["type"])
    words = _WORDS.get(kind) or _WORDS.get(kind.partition("_")[0])
    if words is None:
        said = str(mistake["msg"])
        return f"{said[:1].lower()}{said[1:]}"
    said = words.format(**mistake.get("ctx", {}))
    return said.replace("'", '"') if kind == "enum" else said
