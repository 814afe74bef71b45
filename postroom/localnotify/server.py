"""Serving the local Notify: in a thread of this process, or as a process of its own."""

import os
import signal
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from postroom.localnotify import templates
from postroom.localnotify.api import Room
from postroom.localnotify.application import make_application
from postroom.localnotify.callbacks import Messenger
from postroom.localnotify.clock import Clock, utc_now
from postroom.localnotify.faults import BadFault, forget_dead_followers
from postroom.localnotify.faultsfile import FaultsFile
from postroom.localnotify.ledger import Notification, read_ledger
from postroom.localnotify.service import KEYS, TEMPLATE_ID, Service, keys_of
from postroom.localnotify.store import Store
from postroom.localnotify.trouble import Trouble

HOST = "127.0.0.1"  # never anything but this machine
BACKLOG = 512  # connections that may wait to be taken up
ONE_AT_A_TIME = threading.Lock()
"""Routes are compiled, and in Python 3.11 threads that compile at once trip over each other: seen
as `SystemError: AST constructor recursion depth mismatch`."""
GRACE = 5.0  # seconds that requests under way get to end


class CannotServe(Exception):
    """The local Notify cannot begin. The text says why, and what to do."""


class QuietHandler(WSGIRequestHandler):
    """One connection: no line on the terminal, and no waiting to fill a packet."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def log(self, *_said: Any) -> None:
        """Say nothing: a client that went away is what the faults are for."""


class Underway:
    """A WSGI application that knows how many of its requests are not answered yet."""

    def __init__(self, application: Any):
        self.application = application
        self.count = 0
        self.changed = threading.Condition()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request."""
        with self.changed:
            self.count += 1
        try:
            return self.application(environ, start_response)
        finally:
            with self.changed:
                self.count -= 1
                self.changed.notify_all()

    def wait_until_none(self, timeout: float) -> bool:
        """Wait until no request is under way; return whether that came within *timeout* s."""
        with self.changed:
            return self.changed.wait_for(lambda: self.count == 0, timeout)


class LocalNotify:
    """A local Notify over the file at *path*, served by threads of this process.

        with LocalNotify(path) as notify:
            client = NotificationsAPIClient(notify.keys["live"], base_url=notify.url)

    *port* 0 takes a free one. *latency* (seconds) is added to every call of the API. *faults_file*
    is read again whenever it changes. *show_links_at* says where the inbox's links lead, by the
    address that was sent. Several may serve one file.
    """

    def __init__(
        self,
        path: Path,
        *,
        port: int = 0,
        service: Service | None = None,
        latency: float = 0.0,
        faults_file: Path | None = None,
        show_links_at: Mapping[str, str] | None = None,
        clock: Clock = utc_now,
    ):
        self.path = path
        self.service = service or Service()
        self.keys = keys_of(self.service.id) if service else dict(KEYS)
        self.port = port
        self.latency = latency
        self.faults_file = faults_file
        self.show_links_at = dict(show_links_at or {})
        self.clock = clock

    @property
    def url(self) -> str:
        """The base address, without a slash at its end. Known once it serves."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        """Begin to serve. Raises `CannotServe`."""
        try:
            with ExitStack() as stack:
                self._begin(stack)
                self._ending = stack.pop_all()
        except BadFault as error:
            raise CannotServe(str(error)) from error
        except sqlite3.DatabaseError as error:
            raise CannotServe(_file_in_words(self.path, error)) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End: requests that wait are dropped, those under way are let finish."""
        self._ending.close()

    def ledger(self, *, now: datetime | None = None) -> list[Notification]:
        """Return every notification accepted so far, oldest first."""
        return read_ledger(self.path, now=now or self.clock())

    def _begin(self, stack: ExitStack) -> None:
        store = stack.enter_context(closing(Store(self.path)))
        with store.writing() as connection:
            templates.ensure_pass_through(connection, now=self.clock())
            forget_dead_followers(connection, now=time.time())
        trouble = Trouble(store, latency=self.latency, rate_limit=self.service.rate_limit)
        room = Room(store, self.service, trouble, self.clock, self.show_links_at)
        with ONE_AT_A_TIME:
            underway = Underway(make_application(room))
        stack.callback(underway.wait_until_none, GRACE)
        server = stack.enter_context(self._listen(underway))
        for work in self._work(store, server, trouble.stopping, stack):
            stack.enter_context(_running(work))
        stack.callback(server.shutdown)
        stack.callback(trouble.stopping.set)
        self.port = server.socket.getsockname()[1]

    def _listen(self, application: Underway) -> BaseWSGIServer:
        if self.port not in range(65_536):
            raise CannotServe(f"{self.port} is no port: name one from 0 to 65535.")
        # A socket of our own: werkzeug would end the whole program over a port that is taken.
        try:
            listening = socket.create_server((HOST, self.port), backlog=BACKLOG)
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise CannotServe(
                f"Port {self.port} of this machine cannot be used: {why}. Another local Notify may "
                "have it: end that one, or name another port (0 takes a free one)."
            ) from error
        with listening:
            return make_server(
                HOST,
                listening.getsockname()[1],
                application,
                threaded=True,
                request_handler=QuietHandler,
                fd=listening.fileno(),
            )

    def _work(
        self, store: Store, server: BaseWSGIServer, stopping: threading.Event, stack: ExitStack
    ) -> Iterator[Callable[[], None]]:
        if self.faults_file:
            # Read before the first request can come, and only by a server that has its port.
            follower = stack.enter_context(FaultsFile(self.faults_file, store))
            yield partial(follower.follow, stopping)
        if self.service.callback:
            messenger = Messenger(store, self.service.callback, self.clock)
            yield partial(messenger.run, stopping)
        yield partial(server.serve_forever, 0.05)


def _file_in_words(path: Path, error: sqlite3.DatabaseError) -> str:
    if isinstance(error, sqlite3.OperationalError):
        return f"{path} cannot be used: {error}. Look whether it and its folder are yours to write."
    return (
        f"{path} is damaged, or is no file of the local Notify ({error}). It holds mail of "
        f"rehearsals only: delete it, with {path.name}-wal and {path.name}-shm if they are there, "
        "and run this again."
    )


@contextmanager
def _running(work: Callable[[], None]) -> Iterator[None]:
    """Do *work* in a thread during the block, and wait for its end after it."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def run(notify: LocalNotify) -> None:
    """Serve *notify* until SIGTERM or SIGINT. For a main thread.

    Prints its address first, and what opens it. Raises `CannotServe`.
    """
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        with notify:
            print(f"Local Notify: {notify.url}")
            print(f"Template: {TEMPLATE_ID}")
            for key_type, key in notify.keys.items():
                print(f"Key ({key_type}): {key}")
            sys.stdout.flush()
            ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
