"""Fixtures: a real, empty database in the test's own folder."""

from datetime import UTC, datetime

import pytest

from postroom.database import open_database, upgrade_database
from postroom.keys import Keys, new_secret
from postroom.settings import read_settings
from postroom.workspace import Workspace

NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def keys():
    return Keys.read(new_secret())


@pytest.fixture
def database(tmp_path, keys):
    workspace = Workspace(tmp_path)
    workspace.settings_file.write_text("", encoding="utf-8")
    settings = read_settings(workspace)
    upgrade_database(workspace, settings, keys, now=NOW)
    database = open_database(workspace, settings, keys)
    yield database
    database.close()
