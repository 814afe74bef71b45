"""Masking: emails as they will be, with a column's name in place of what says who gets them."""

import re
from collections.abc import Callable

from postroom.content.markdown_escaping import escape, escape_subject, escape_url_part
from postroom.content.rendering import Escaping
from postroom.content.template_sandbox import Escape, Typed

_HOLDS_ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")


def masked(is_hidden: Callable[[str], bool]) -> Escaping:
    """Return what shows each value of a column that *is_hidden* as its column's name.

    A blank value is blank, for then there is nothing to hide. A value that holds an email address
    is hidden in whatever column it stands.
    """

    def masking(as_typed: Escape) -> Escape:
        def shown(value: str) -> str:
            column = value.column if isinstance(value, Typed) else "value"
            if value.strip() and (is_hidden(column) or holds_address(value)):
                return stand_in(column)
            return as_typed(value)

        return shown

    return Escaping(masking(escape), masking(escape_subject), masking(escape_url_part))


def holds_address(value: str) -> bool:
    """Return whether there is an email address somewhere in *value*."""
    return _HOLDS_ADDRESS.search(value) is not None


def stand_in(column: str) -> str:
    """Return what is shown in place of a hidden value of *column*."""
    return f"‹{escape(column)}›"
