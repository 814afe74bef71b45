"""A real database in the test's own folder, and commands run at a desk of its own."""

from tests.databases import database, keys, now
from tests.terminals import terminal

__all__ = ["database", "keys", "now", "terminal"]
