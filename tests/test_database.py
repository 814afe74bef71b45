"""What a database says that cannot be written to, on each engine."""

import pytest

from postroom.database import open_database
from postroom.errors import DatabaseError
from postroom.settings import read_settings
from postroom.workspace import Workspace
from tests.databases import database, database_place, keys, now

__all__ = ["database", "database_place", "keys", "now"]


def test_whoever_waits_in_vain_is_told_how_long_it_was(database, tmp_path, keys):
    workspace = Workspace(tmp_path)
    other = open_database(workspace, read_settings(workspace), keys, busy_seconds=0.3)

    with database.write(), pytest.raises(DatabaseError) as refused, other.write():
        pass

    other.close()
    assert "held the database for more than 0.3 seconds" in str(refused.value)
