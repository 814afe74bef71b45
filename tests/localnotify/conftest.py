"""A local Notify over a file of its own, and official clients of it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from notifications_python_client.notifications import NotificationsAPIClient

from postroom.localnotify import TEMPLATE_ID, LocalNotify

Connect = Callable[..., NotificationsAPIClient]
TOO_DEEP = "[" * 1_500 + "x" + "](https://a.example.com)" * 500  # Notify cannot render this
WORDS = {"subject": "Mentoring", "body": "Dear colleague"}


class Hands:
    """A clock that a test moves by hand."""

    def __init__(self, start: datetime):
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "notify.sqlite"


@pytest.fixture
def notify(database: Path) -> Iterator[LocalNotify]:
    with LocalNotify(database) as serving:
        yield serving


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes an official client of a local Notify, with the key of a type."""
    made: list[NotificationsAPIClient] = []

    def make(
        serving: LocalNotify, key_type: str = "live", *, timeout: float = 30
    ) -> NotificationsAPIClient:
        client = NotificationsAPIClient(serving.keys[key_type], serving.url, timeout=timeout)
        client.request_session.trust_env = False
        made.append(client)
        return client

    yield make
    for client in made:
        client.request_session.close()


@pytest.fixture
def client(notify: LocalNotify, connect: Connect) -> NotificationsAPIClient:
    return connect(notify)


@contextmanager
def process(database: Path, *options: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the local Notify as a process of its own, and lend it and its address."""
    command = [sys.executable, "-m", "postroom.localnotify", "--database", database, *options]
    with subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running, running.stdout.readline().split()[-1]
        finally:
            running.kill()


def send(client: NotificationsAPIClient, to: str = "head@example.com", **more: Any) -> Any:
    """Send one email through the pass-through template."""
    more.setdefault("personalisation", WORDS)
    return client.send_email_notification(to, TEMPLATE_ID, **more)
