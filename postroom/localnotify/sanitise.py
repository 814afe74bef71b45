"""`sanitise_content_for`: taking links and Markdown out of a value, as far as Notify does."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from postroom.localnotify.answers import crashed
from postroom.localnotify.personalisation import key_of

# What Notify takes for a link: a host that ends in an ASCII top-level domain, with or without a
# scheme, and everything after its slash up to a blank. So http://localhost, numbers and a host
# behind an @ stay, which are gaps of the real one too, and an email address is left alone.
LINK = re.compile(
    r"\b(?<![@.])(?:https?://)?(?:[\w-]+\.)+[a-z]{2,63}(?!@)\b(?:[/?#][^<\s]*)?", re.IGNORECASE
)
BARE_HOST = re.compile(r"[a-zA-Z0-9.-]+")
MARKDOWN = re.compile(r"[\\`*_(){}\[\]<>#+\-.!|]")


def sanitised(value: str) -> str:
    """Return *value* without links, and with every Markdown character escaped."""
    return MARKDOWN.sub(r"\\\g<0>", LINK.sub(_without_link, value))


def sanitise_values(
    values: Mapping[str, Any], names: Sequence[Any]
) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """Return *values* with those of *names* sanitised, and what changed, as Notify reports it.

    Raises `Refusal` (500) for a value or a name that is not text, as the real one does.
    """
    if not all(isinstance(name, str) for name in names):
        raise crashed("TypeError")
    wanted = {key_of(name) for name in names}
    changed: dict[str, dict[str, str]] = {}
    result = dict(values)
    for name, value in values.items():
        if key_of(name) not in wanted:
            continue
        if not isinstance(value, str):
            raise crashed("TypeError")
        result[name] = sanitised(value)
        if result[name] != value:
            changed[name] = {"unsanitised": value, "sanitised": result[name]}
    return result, changed


def _without_link(match: re.Match[str]) -> str:
    return match[0].replace(".", ". ") if BARE_HOST.fullmatch(match[0]) else ""
