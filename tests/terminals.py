"""A fixture: a workspace, and `outreach` run in it as a person would."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import outreach
from postroom.database import upgrade_database
from postroom.keys import Keys
from postroom.settings import read_settings
from postroom.workspace import Workspace

ROOT = Path(__file__).parents[1]
SECRET = f"1:{'ab' * 32}"


@dataclass
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Terminal:
    """Runs `outreach` in a workspace, as a person would; in this process, to be quick."""

    def __init__(self, folder, monkeypatch, capfd):
        self.folder, self._monkeypatch, self._capfd = folder, monkeypatch, capfd

    def run(self, *words):
        self._monkeypatch.setattr(sys, "argv", ["outreach", *words])
        try:
            outreach.main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        printed = self._capfd.readouterr()
        return Ended(code, printed.out, printed.err)

    def talk(self, *words, answers):
        """Run `outreach` at a terminal of 80 columns and type *answers*; return what it showed."""
        ours, theirs = os.openpty()
        command = [sys.executable, ROOT / "outreach.py", *words]
        settings = os.environ | {"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"}
        with subprocess.Popen(
            command, cwd=self.folder, stdin=theirs, stdout=theirs, stderr=theirs, env=settings
        ) as running:
            os.close(theirs)
            typed = "".join(f"{answer}\n" for answer in answers)
            os.write(ours, f"{typed}\x04".encode())  # Ctrl-D: one answer too few ends it
            shown = b""
            with contextlib.suppress(OSError):  # the terminal ends with the command
                while piece := os.read(ours, 4_096):
                    shown += piece
            os.close(ours)
        return Ended(running.returncode, shown.decode(), "")

    def listed(self, *words):
        return json.loads(self.run(*words, "--json").stdout)

    def have_example_campaigns(self):
        for folder in ("campaigns", "templates", "facts"):
            shutil.copytree(ROOT / folder, self.folder / folder)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def terminal(tmp_path, now, database_place, monkeypatch, capfd):
    workspace = Workspace(tmp_path)
    workspace.settings_file.write_text("", encoding="utf-8")
    workspace.secret_file.write_text(SECRET, encoding="ascii")
    upgrade_database(workspace, read_settings(workspace), Keys.read(SECRET), now=now)
    monkeypatch.chdir(tmp_path)
    return Terminal(tmp_path, monkeypatch, capfd)
