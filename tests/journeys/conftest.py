"""Whole stories through the real command line: each command is a process of its own."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from postroom.localnotify import TEMPLATE_ID, LocalNotify, Service, read_ledger
from tests.journeys.forking import Forking
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
CAMPAIGN = "bpn-invite"
LIST = "recipients/example-bpn.csv"
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
KEPT = ("PATH", "LANG", "SYSTEMROOT", "TMPDIR", "LD_LIBRARY_PATH")
ENVIRONMENT = {name: os.environ[name] for name in KEPT if name in os.environ} | {"PYTHONUTF8": "1"}
"""Nothing of the machine's own settings but what a program needs to run at all."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self):
        """All of it, white space as one space: a message may be broken over lines anywhere."""
        return " ".join((self.out + self.err).split())


class Place:
    """A workspace, and a person at its keyboard."""

    def __init__(self, folder, home, forking):
        self.folder, self._forking = folder, forking
        self.env = ENVIRONMENT | {"HOME": str(home)}

    def start(self, *words, **env):
        """Start a command as a shell would, to be watched or broken off."""
        return subprocess.Popen(
            [sys.executable, str(ROOT / "outreach.py"), *map(str, words)],
            cwd=self.folder,
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, *words, **env):
        """Run a command to its end."""
        ended = Ended(*self._forking.run([*map(str, words)], self.folder, self.env | env, PATIENCE))
        assert "Traceback" not in ended.err, ended.err
        return ended

    def do(self, *words, **env):
        """Run what must succeed."""
        ended = self.run(*words, **env)
        assert ended.code == 0, ended.said
        return ended

    def refused(self, *words, code=1, **env):
        """Run what must be refused; return what was said once everything is as it was before."""
        before = self.state()
        ended = self.run(*words, **env)
        assert ended.code == code, ended.said
        assert ended.err.strip(), "refused without a word on standard error"
        assert self.state() == before
        assert not ADDRESS.search(ended.err), ended.err
        return ended.said

    def listed(self, *words, **env):
        return json.loads(self.do(*words, "--json", **env).out)

    def state(self):
        """Return everything the database holds, and how many emails the local Notify took."""
        file = self.folder / "outreach.db"
        if not file.exists():
            return None
        with closing(sqlite3.connect(file)) as connection:
            return "\n".join(connection.iterdump()), len(self.taken())

    def change(self, statement, *values):
        """Change the database as only time could."""
        with closing(sqlite3.connect(self.folder / "outreach.db")) as connection, connection:
            connection.execute(statement, values)

    def taken(self):
        """Return the addresses in the ledger of this workspace's own local Notify."""
        file = self.folder / "local-notify.db"
        return [found.email_address for found in read_ledger(file)] if file.exists() else []

    def kill_when_taken(self, process, number, *, by):
        """Send the signal *by* once *number* emails were taken; return how the process ended."""
        until(lambda: process.poll() is not None or len(self.taken()) >= number)
        process.send_signal(by)
        out, err = process.communicate(timeout=PATIENCE)
        assert by is signal.SIGKILL or "Traceback" not in err, err
        return Ended(process.returncode, out, err)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def edit(self, name, old, new):
        before = (self.folder / name).read_text(encoding="utf-8")
        assert old in before
        self.write(name, before.replace(old, new, 1))

    def at(self, server, key="test", **more):
        """Return the variables that lead to *server*."""
        return {
            "NOTIFY_BASE_URL": server.url,
            f"NOTIFY_{key.upper()}_KEY": server.keys[key],
            "NOTIFY_TEMPLATE_ID": TEMPLATE_ID,
            **more,
        }

    def copy_to(self, folder):
        shutil.copytree(self.folder, folder)
        copy = Place(folder, folder.parent, self._forking)
        copy.env = dict(self.env)  # its own: a test that adds to it must not reach the next
        return copy


@pytest.fixture(scope="session")
def forking():
    process = Forking(ENVIRONMENT)
    yield process
    process.close()


@pytest.fixture(scope="session")
def made(tmp_path_factory, forking):
    """A workspace as `init` leaves it. Never changed: the other fixtures work in copies."""
    home = tmp_path_factory.mktemp("made")
    place = Place(home, home, forking)
    place.do("init", "office")
    place.folder = home / "office"
    return place


@pytest.fixture(scope="session")
def made_with_list(made, tmp_path_factory):
    place = made.copy_to(tmp_path_factory.mktemp("listed") / "office")
    place.do("recipients", "import", LIST, "--list", "example-bpn", "--yes")
    return place


@pytest.fixture(scope="session")
def made_and_approved(made_with_list, tmp_path_factory):
    place = made_with_list.copy_to(tmp_path_factory.mktemp("approved") / "office")
    place.do("approve", CAMPAIGN, "--yes")
    return place


@pytest.fixture
def empty(made, tmp_path):
    """A new workspace: no list yet."""
    return made.copy_to(tmp_path / "office")


@pytest.fixture
def office(made_with_list, tmp_path):
    """A workspace with the example list in it."""
    return made_with_list.copy_to(tmp_path / "office")


@pytest.fixture
def approved(made_and_approved, tmp_path):
    """A workspace where the example campaign is approved in local mode."""
    return made_and_approved.copy_to(tmp_path / "office")


@pytest.fixture
def notify(tmp_path):
    """A local Notify that outlives the commands which talk to it."""
    with LocalNotify(tmp_path / "notify.db", service=Service(rate_limit=None)) as server:
        yield server
