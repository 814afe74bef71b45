"""Serving the local Notify: in a thread of this process, or as a process of its own."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
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
from postroom.localnotify.faultsfile import FaultsFile
from postroom.localnotify.ledger import Notification, read_ledger
from postroom.localnotify.service import KEYS, Service, keys_of
from postroom.localnotify.store import Store
from postroom.localnotify.trouble import Trouble

HOST = "127.0.0.1"  # never anything but this machine
GRACE = 5.0  # seconds that requests under way get to end


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
        """Begin to serve."""
        self._store = Store(self.path)
        with self._store.writing() as connection:
            templates.ensure_pass_through(connection, now=self.clock())
        limit = self.service.rate_limit
        self._trouble = Trouble(self._store, latency=self.latency, rate_limit=limit)
        room = Room(self._store, self.service, self._trouble, self.clock, self.show_links_at)
        self._underway = Underway(make_application(room))
        self._server = self._listen()
        self.port = self._server.server_port
        self._threads = list(self._start())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End: requests that wait are dropped, those under way are let finish."""
        self._server.shutdown()
        self._trouble.stopping.set()
        for thread in self._threads:
            thread.join()
        self._server.server_close()
        if self._underway.wait_until_none(GRACE):
            self._store.close()

    def ledger(self, *, now: datetime | None = None) -> list[Notification]:
        """Return every notification accepted so far, oldest first."""
        return read_ledger(self.path, now=now or self.clock())

    def _listen(self) -> BaseWSGIServer:
        return make_server(
            HOST, self.port, self._underway, threaded=True, request_handler=QuietHandler
        )

    def _start(self) -> Iterator[threading.Thread]:
        for work in self._work():
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            yield thread

    def _work(self) -> Iterator[Callable[[], None]]:
        if self.faults_file:
            follower = FaultsFile(self.faults_file, self._store)
            follower.read()  # before the first request can come
            yield partial(follower.follow, self._trouble.stopping)
        if self.service.callback:
            messenger = Messenger(self._store, self.service.callback, self.clock)
            yield partial(messenger.run, self._trouble.stopping)
        yield partial(self._server.serve_forever, 0.05)


def run(notify: LocalNotify) -> None:
    """Serve *notify* until SIGTERM or SIGINT, and say its address first. For a main thread."""
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        with notify:
            print(f"Local Notify: {notify.url}", flush=True)
            ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
