"""In any order: whatever is done, and whatever goes wrong, nobody twice and nobody lost.

Hypothesis drives a real database and a real local Notify. A crash is a clock that raises: the
clock is read at every step of a run, so the run dies before its claim, between its claims, before
a request or after its answer, and from then on none of its threads does anything more.
"""

import shutil
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from postroom.audience import suppression
from postroom.audience.addresses import normalise
from postroom.database import open_database, upgrade_database
from postroom.delivery import approval as approvals
from postroom.delivery import messages, outbox
from postroom.keys import Keys, new_secret
from postroom.localnotify import Fault, LocalNotify, Service, add_fault, clear_faults
from postroom.research import replaying
from postroom.settings import Mode, read_settings
from postroom.tables import Scope, Status
from postroom.tables.outbox import UNFINISHED
from postroom.workspace import Workspace
from tests.delivery.conftest import CAMPAIGN, TEMPLATE, Post, clock

SETTINGS = """
public_url = "https://outreach.example.com"
rate_per_minute = 30_000
workers = 3
request_seconds = 0.4
landing_seconds = 0.8
lease_seconds = 2.0
"""
LATE = 1.0  # seconds: after our side gave up (0.4), and within what it may still land in (1.2)
TROUBLE = {
    "lost before": Fault(do="drop", when="before", count=1),
    "lost after": Fault(do="drop", when="after", count=1),
    "500 before": Fault(do="answer", status=500, when="before", count=1),
    "504 after": Fault(do="answer", status=504, when="after", count=1),
    "too many": Fault(do="answer", status=429, when="before", count=1),
    "late": Fault(do="wait", seconds=LATE, when="before", count=1),
}
KINDS = st.lists(st.sampled_from(sorted(TROUBLE)), max_size=3)
A_LEASE_AND_ALL = timedelta(seconds=10)  # longer than lease, request and landing together
SENT = {Status.CLAIMED, Status.IN_DOUBT, *Status} - {
    Status.PLANNED,
    Status.SKIPPED,
    Status.REFUSED,
}


class Killed(BaseException):
    """The program ended here."""


class Mortal:
    """A clock that tells the time so many times, and kills whoever asks once more."""

    def __init__(self, tell, readings):
        self._tell, self._left = tell, readings

    def __call__(self):
        self._left -= 1
        if self._left < 0:
            raise Killed
        return self._tell()


class AnyOrder(RuleBasedStateMachine):
    def __init__(self, server, model):
        super().__init__()
        self.server, self.model = server, model
        self.before_us = len(server.ledger())
        clear_faults(server.path)
        self.folder = TemporaryDirectory()
        self.ahead, self.number = timedelta(0), 0
        self.listed, self.must_not_get, self.opted_out = set(), set(), set()
        self.backup, self.some_are_late = None, False

    @initialize(number=st.integers(2, 6))
    def open_an_office(self, number):
        root = Path(self.folder.name)
        shutil.copytree(self.model, root, dirs_exist_ok=True)
        workspace = Workspace(root)
        keys = Keys.read(new_secret())
        found = read_settings(workspace)
        upgrade_database(workspace, found, keys, now=clock())
        database = open_database(workspace, found, keys)
        self.post = Post(workspace, found, keys, database, self.server)
        self.add_people(number)
        self.plan_and_approve()

    def now(self):
        return clock() + self.ahead

    @rule(number=st.integers(1, 4))
    def add_people(self, number):
        new = [f"reader{self.number + n}@example.com" for n in range(number)]
        self.number += number
        self.post.add_people(*new)
        self.listed.update(new)

    @rule()
    def plan_and_approve(self):
        self.post.approve()
        rows = {row.address for row in self.post.rows()}
        assert rows >= self.listed, "chosen, and without a row"

    @rule(kinds=KINDS)
    def send(self, kinds=()):
        self.make_trouble(kinds)
        self.run(self.now)

    @rule(kinds=KINDS, number=st.integers(1, 4))
    def send_to_more(self, kinds, number):
        self.add_people(number)
        self.plan_and_approve()
        self.send(kinds)

    @rule(kinds=KINDS, readings=st.integers(1, 40), number=st.integers(0, 4))
    def be_killed_sending(self, kinds, readings, number):
        self.add_people(number)
        self.plan_and_approve()
        self.make_trouble(kinds)
        with suppress(Killed):  # or it ended before its time came
            self.run(Mortal(self.now, readings))

    @rule()
    def let_time_pass(self):
        """Wait for what is under way for real, and for the rest by the clock that is passed in."""
        self.wait_for_the_late()
        self.ahead += A_LEASE_AND_ALL
        if approval := self.approval():
            self.sender(approval, self.now).resolve_doubts()

    @precondition(lambda self: not self.is_stopped())
    @rule()
    def stop(self):
        if mailing := self.mailing():
            with self.post.database.write() as session:
                outbox.stop(session.merge(mailing), why="a wrong figure", now=self.now())

    @precondition(lambda self: self.is_stopped())
    @rule()
    def resume(self):
        if mailing := self.mailing():
            with self.post.database.write() as session:
                outbox.resume(session.merge(mailing))

    @precondition(lambda self: self.listed - self.opted_out)
    @rule(choice=st.integers(0))
    def opt_out(self, choice):
        left = sorted(self.listed - self.opted_out)
        address = left[choice % len(left)]
        with self.post.database.write() as session:
            suppression.add(
                session,
                self.post.keys.address_key(normalise(address)),
                scope=Scope.ANNOUNCEMENTS_AND_RESEARCH,
                reason="asked",
                who="themselves",
                now=self.now(),
            )
        self.opted_out.add(address)
        gone = {row.address for row in self.post.rows() if row.status in SENT}
        if address not in gone | set(self.arrived()):
            self.must_not_get.add(address)

    @rule()
    def back_up(self):
        self.post.database.close()
        shutil.copy(self.post.workspace.database_file, self.copy)
        self.reopen()
        self.backup = set(self.listed)

    @precondition(lambda self: self.backup is not None)
    @rule()
    def restore_the_backup(self):
        self.wait_for_the_late()  # nobody restores a database while it is being sent from
        self.post.database.close()
        for leftover in self.post.workspace.root.glob("outreach.db-*"):
            leftover.unlink()
        shutil.copy(self.copy, self.post.workspace.database_file)
        self.reopen()
        self.listed = set(self.backup)

    @invariant()
    def nobody_twice(self):
        assert [a for a, times in Counter(self.arrived()).items() if times > 1] == []

    @invariant()
    def nobody_who_had_opted_out(self):
        assert not self.must_not_get & set(self.arrived())

    @invariant()
    def counts_add_up(self):
        if hasattr(self, "post") and (mailing := self.mailing()):
            with self.post.database.read() as session:
                counted = messages.counts(session, mailing.id)
            assert sum(counted.values()) == len(self.post.rows())

    def teardown(self):
        try:
            if self.listed:
                self.settle()
        finally:
            if hasattr(self, "post"):
                self.post.database.close()
            self.folder.cleanup()

    def settle(self):
        """Once the trouble is over, everybody has what they should have."""
        clear_faults(self.server.path)
        self.some_are_late = True  # one may be, from a fault that was cleared
        self.resume()
        self.let_time_pass()
        self.send()  # what was approved before; then whoever was never planned
        self.let_time_pass()
        self.plan_and_approve()
        for _ in range(3):
            self.send()
            self.let_time_pass()
        assert not UNFINISHED & {row.status for row in self.post.rows()}
        arrived = Counter(self.arrived())
        for address in self.listed - self.opted_out:
            assert arrived[address] == 1, "lost"
        self.nobody_twice()
        self.nobody_who_had_opted_out()

    def make_trouble(self, kinds):
        for kind in kinds:
            add_fault(self.server.path, TROUBLE[kind])
            self.some_are_late |= kind == "late"

    def wait_for_the_late(self):
        if self.some_are_late:
            time.sleep(LATE + 0.4)  # on a busy machine it began late too
            self.some_are_late = False

    @property
    def copy(self):
        return Path(self.folder.name) / "copy-of-outreach.db"

    def reopen(self):
        post = self.post
        post.database = open_database(post.workspace, post.settings, post.keys)

    def arrived(self):
        return [found.email_address for found in self.server.ledger()[self.before_us :]]

    def mailing(self):
        with self.post.database.read() as session:
            return messages.find_mailing(session, "cards", Mode.LOCAL)

    def is_stopped(self):
        return (mailing := self.mailing()) is not None and mailing.stopped_at is not None

    def approval(self):
        with self.post.database.read() as session:
            return approvals.standing_approval(session, "cards", Mode.LOCAL)

    def sender(self, approval, tell):
        return replace(self.post.sender(approval, progress=lambda _run: None), clock=tell)

    def run(self, tell):
        """Do what `outreach send` does, without its questions."""
        approval = self.approval()
        if approval is None:
            return
        replaying.replay(self.post.database, now=tell())
        sender = self.sender(approval, tell)
        sender.read_back(print)
        sender.resolve_doubts()
        sender.send_planned()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The files of a workspace, to be copied."""
    root = tmp_path_factory.mktemp("model")
    (root / "campaigns").mkdir()
    (root / "templates" / "email").mkdir(parents=True)
    Workspace(root).settings_file.write_text(SETTINGS, encoding="utf-8")
    (root / "campaigns" / "cards.toml").write_text(CAMPAIGN, encoding="utf-8")
    (root / "templates" / "email" / "cards.md").write_text(TEMPLATE, encoding="utf-8")
    return root


def test_in_any_order_nobody_gets_two_and_nobody_is_lost(model, tmp_path):
    with LocalNotify(tmp_path / "notify.db", service=Service(rate_limit=None)) as server:
        run_state_machine_as_test(
            lambda: AnyOrder(server, model),
            settings=settings(
                max_examples=10,
                stateful_step_count=12,
                phases=[Phase.generate],  # what depends on real time cannot be made smaller
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
