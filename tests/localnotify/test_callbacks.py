"""Delivery receipts, posted to a real receiver."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from postroom.localnotify import (
    CallbackTo,
    Fault,
    LocalNotify,
    Service,
    add_fault,
    end_notification,
)
from postroom.localnotify.callbacks import Messenger
from postroom.localnotify.store import Store
from tests.localnotify.conftest import Hands, send

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Receiver:
    """Takes receipts and answers with the statuses it was told, then with 204."""

    def __init__(self, *statuses: int):
        self.statuses = list(statuses)
        self.receipts: list[dict[str, object]] = []
        self.headers: list[dict[str, str]] = []
        self.came = threading.Event()


@contextmanager
def receiving(receiver: Receiver) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):  # the standard library's own name
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.receipts.append(json.loads(raw))
            receiver.headers.append(dict(self.headers))
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
            self.end_headers()
            receiver.came.set()

        def log_message(self, *said):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/receipts"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def clock() -> Hands:
    return Hands(NOW)


def accepted(database, connect, clock, service, *sends):
    """Accept messages without posting anything, as a server that is killed at once would."""
    quiet = Hands(NOW - timedelta(days=1))
    with LocalNotify(database, service=service, clock=quiet) as notify:
        quiet.now = clock.now
        ids = [send(connect(notify, key), to, reference=to)["id"] for key, to in sends]
        quiet.now = NOW - timedelta(days=1)
    return ids


def posted(database, service, clock):
    """Post everything that is due, and return how many that was."""
    store = Store(database)
    messenger = Messenger(store, service.callback, clock)
    count = 0
    while messenger.post_next(now=clock()):
        count += 1
    messenger.session.close()
    store.close()
    return count


def test_a_receipt_says_what_became_of_a_message(database, connect):
    receiver = Receiver()
    with receiving(receiver) as url:
        service = Service(
            callback=CallbackTo(url, "s3cret"),
            sending_after=timedelta(0),
            final_after=timedelta(0),
        )
        with LocalNotify(database, service=service) as notify:
            sent = send(connect(notify), "Head@Example.com", reference="r-1")["id"]
            assert receiver.came.wait(5)
            [kept] = notify.ledger()

    assert receiver.receipts == [
        {
            "id": sent,
            "reference": "r-1",
            "to": "Head@Example.com",
            "status": "delivered",
            "created_at": kept.created_at,
            "completed_at": kept.completed_at,
            "sent_at": kept.sent_at,
            "notification_type": "email",
            "template_id": kept.template_id,
            "template_version": 1,
        }
    ]
    assert receiver.headers[0]["Authorization"] == "Bearer s3cret"
    assert receiver.headers[0]["Content-Type"] == "application/json"


def test_only_final_statuses_that_come_from_delivery_are_posted(database, connect, clock):
    receiver = Receiver()
    with receiving(receiver) as url:
        service = Service(callback=CallbackTo(url, "t"))
        add_fault(database, Fault("end-as", status="technical-failure", address="tech@*"))
        accepted(
            database,
            connect,
            clock,
            service,
            ("live", "perm-fail@simulator.notify"),
            ("test", "head@example.com"),
            ("live", "tech@example.com"),
            ("live", "simulate-delivered@notifications.service.gov.uk"),
        )
        assert posted(database, service, clock) == 0
        clock.forward(seconds=2)

        assert posted(database, service, clock) == 2

    assert {each["to"]: each["status"] for each in receiver.receipts} == {
        "perm-fail@simulator.notify": "permanent-failure",
        "head@example.com": "delivered",
    }


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_receiver_in_trouble_is_tried_again_five_minutes_later(database, connect, clock, status):
    receiver = Receiver(status)
    with receiving(receiver) as url:
        service = Service(callback=CallbackTo(url, "t"))
        accepted(database, connect, clock, service, ("live", "a@example.com"))
        clock.forward(seconds=2)
        assert posted(database, service, clock) == 1
        clock.forward(seconds=299)
        assert posted(database, service, clock) == 0
        clock.forward(seconds=1)

        assert posted(database, service, clock) == 1
        clock.forward(days=1)
        assert posted(database, service, clock) == 0

    assert receiver.receipts[0] == receiver.receipts[1]


def test_a_receiver_that_stays_in_trouble_is_tried_six_times_in_all(database, connect, clock):
    receiver = Receiver(*[500] * 20)
    with receiving(receiver) as url:
        service = Service(callback=CallbackTo(url, "t"))
        accepted(database, connect, clock, service, ("live", "a@example.com"))
        for _ in range(10):
            clock.forward(seconds=301)
            posted(database, service, clock)

    assert len(receiver.receipts) == 6


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_receiver_that_refuses_is_never_tried_again(database, connect, clock, status):
    receiver = Receiver(status)
    with receiving(receiver) as url:
        service = Service(callback=CallbackTo(url, "t"))
        accepted(database, connect, clock, service, ("live", "a@example.com"))
        for _ in range(3):
            clock.forward(seconds=301)
            posted(database, service, clock)

    assert len(receiver.receipts) == 1


def test_a_receipt_follows_a_status_that_comes_later_than_planned(database, connect, clock):
    receiver = Receiver()
    with receiving(receiver) as url:
        service = Service(callback=CallbackTo(url, "t"))
        [bounced, crashed] = accepted(
            database,
            connect,
            clock,
            service,
            ("live", "a@example.com"),
            ("live", "b@example.com"),
        )
        end_notification(database, bounced, "permanent-failure", at=NOW + timedelta(hours=2))
        end_notification(database, crashed, "technical-failure", at=NOW)
        clock.forward(hours=1)
        assert posted(database, service, clock) == 0
        clock.forward(hours=1)

        assert posted(database, service, clock) == 1

    assert receiver.receipts[0]["status"] == "permanent-failure"


def test_a_fault_can_post_a_receipt_twice_or_let_a_later_one_overtake_it(database, connect, clock):
    receiver = Receiver()
    with receiving(receiver) as url:
        service = Service(callback=CallbackTo(url, "t"))
        add_fault(database, Fault("delay-receipt", seconds=60, address="late@*"))
        add_fault(database, Fault("repeat-receipt", count=1))
        addresses = [("live", "late@example.com"), ("live", "a@example.com")]
        accepted(database, connect, clock, service, *addresses, ("live", "b@example.com"))
        clock.forward(seconds=2)
        posted(database, service, clock)
        clock.forward(seconds=60)
        posted(database, service, clock)

    came = [str(each["to"]) for each in receiver.receipts]
    assert sorted(came[:3]) in (
        ["a@example.com", "a@example.com", "b@example.com"],
        ["a@example.com", "b@example.com", "b@example.com"],
    )
    assert came[3:] == ["late@example.com"]


def test_nobody_listening_is_tried_again_after_a_restart(database, connect, clock):
    with receiving(Receiver()) as url:
        pass
    service = Service(callback=CallbackTo(url, "t"))
    accepted(database, connect, clock, service, ("live", "a@example.com"))
    clock.forward(seconds=2)
    assert posted(database, service, clock) == 1

    receiver = Receiver()
    with receiving(receiver) as url:
        again = Service(callback=CallbackTo(url, "t"))
        clock.forward(seconds=300)
        assert posted(database, again, clock) == 1

    assert len(receiver.receipts) == 1
