"""Reasons that people type for the record, which outlive those they are about."""

import re

from postroom.errors import NotPermitted

_address = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def stated(reason: str, option: str) -> str:
    """Return *reason*, typed as *option*, without outer spaces.

    Raises `NotPermitted` when it says nothing, or holds an address: a reason is kept and shown to
    colleagues, also after everything else about a person was deleted.
    """
    said = reason.strip()
    if not said:
        raise NotPermitted(f"Say why, in words a colleague will understand: {option} TEXT")
    if _address.search(said):
        raise NotPermitted(
            f"Say why without an email address: what stands in {option} is kept, also after the "
            "person's details are deleted. “Email of 3 May” will do."
        )
    return said
