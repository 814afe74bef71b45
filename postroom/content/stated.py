"""What any value that people write in a campaign file must be: text, an address, a link."""

import re
from typing import Annotated

from pydantic import AfterValidator, ConfigDict

# TOML says what is a number and what is a date; nothing is taken for something else.
STRICT = ConfigDict(frozen=True, extra="forbid")


def _says_something(value: str) -> str:
    if not value.strip():
        raise ValueError("is blank")
    if not value.isprintable():
        raise ValueError("holds a line break or a character that cannot be seen")
    return value


def _address(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+", value):
        raise ValueError("must be an email address")
    return value


def _https(value: str) -> str:
    if not re.fullmatch(r"https://[^\s/]+\S*", value):
        raise ValueError("must be a link that begins with https://")
    return value


_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def is_name(name: str) -> bool:
    """Return whether a campaign, a form, a list or a partner can be called *name*."""
    return bool(_NAME.fullmatch(name))


def no_name(name: str, of: str, like: str) -> str:
    """Return what to say of a *name* that cannot be one."""
    return (
        f"{name!r} cannot be a {of}'s name. Use small letters, digits and hyphens, at most 60, "
        f'like "{like}".'
    )


Text = Annotated[str, AfterValidator(_says_something)]
Address = Annotated[str, AfterValidator(_address)]
Link = Annotated[str, AfterValidator(_https)]
