"""`serve`: a real server in a process of its own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from postroom.database import upgrade_database
from postroom.keys import Keys
from postroom.settings import read_settings
from postroom.workspace import Workspace

FRONT_DOOR = Path(__file__).parents[2] / "outreach.py"
SECRET = f"1:{'cd' * 32}"


@pytest.fixture
def folder(tmp_path, now):
    workspace = Workspace(tmp_path)
    workspace.settings_file.write_text("", encoding="utf-8")
    workspace.secret_file.write_text(SECRET, encoding="ascii")
    upgrade_database(workspace, read_settings(workspace), Keys.read(SECRET), now=now)
    return tmp_path


def serve(folder, *words):
    return subprocess.Popen(
        [sys.executable, "-u", str(FRONT_DOOR), "serve", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_site_answers_and_a_second_one_on_its_port_is_refused_in_words(folder):
    with serve(folder, "--port", "0") as server:
        try:
            address = re.search(r"http://\S+", server.stdout.readline()).group()
            assert "database" in requests.get(f"{address}/health", timeout=60).json()
            with serve(folder, "--port", address.rpartition(":")[2]) as second:
                said = second.communicate(timeout=60)[1]
                assert (second.returncode, "Name another" in said) == (1, True), said
        finally:
            server.terminate()
            server.communicate(timeout=120)


PAGE = "Written.\n"


def test_outside_local_nothing_is_served_while_a_page_has_a_gap(folder):
    (folder / "pages").mkdir()
    for name in ("privacy", "contact"):
        (folder / "pages" / f"{name}.md").write_text(PAGE, encoding="utf-8")
    with_a_gap = PAGE + "Tested on [GAP: date].\n"
    (folder / "pages" / "accessibility.md").write_text(with_a_gap, encoding="utf-8")

    with serve(folder, "--mode", "live", "--port", "0") as server:
        said = server.communicate(timeout=60)[1]

    assert server.returncode == 1
    assert "pages/accessibility.md:2: still to be written: date" in said
    assert "privacy" not in said


def test_a_page_that_is_missing_counts_as_a_gap(folder):
    with serve(folder, "--mode", "test", "--port", "0") as server:
        said = server.communicate(timeout=60)[1]

    assert server.returncode == 1
    assert "pages/privacy.md is missing" in said
