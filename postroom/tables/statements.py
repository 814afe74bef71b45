"""Statements that every room writes: an insert that may meet a row, and a few keys at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

KEYS_A_QUERY = 1_000  # SQLite takes at most 32,766 values in one statement

Key = TypeVar("Key")


def insert_into(
    table: type[object] | sa.TableClause, dialect: sa.Dialect
) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that can say what to do with a row that is there already.

    It is the one statement whose spelling differs between the two databases.
    """
    if dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def batches(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """Yield *keys*, in their order, in lists that one statement takes."""
    rest = iter(keys)
    while some := list(islice(rest, KEYS_A_QUERY)):
        yield some
