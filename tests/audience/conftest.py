"""A real database in the test's own folder."""

from tests.databases import database, keys, now

__all__ = ["database", "keys", "now"]
