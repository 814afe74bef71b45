"""How work that takes long says how far it is."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told, again and again, how much is done and how much there is."""


def unseen(_done: int, _total: int) -> None:
    """Show no progress."""
