"""A real database in the test's own folder, and commands run at a desk of its own."""

from tests.databases import database, database_place, keys, now
from tests.terminals import terminal

__all__ = ["database", "database_place", "keys", "now", "terminal"]
