"""A run hears what happens elsewhere, a stop or a refusal for pace; a wave ends where it should."""

import threading
import time

import pytest

from postroom.delivery import messages, outbox, pace
from postroom.delivery.sending import see_through
from postroom.errors import NotPermitted
from postroom.localnotify import Fault, add_fault
from postroom.tables import Mailing
from tests.delivery.conftest import addresses, clock
from tests.waiting import until

SLOW = {"rate_per_minute": 60, "lease_seconds": 30.0}
SOON = 6  # seconds: under one where nothing else runs; the letter that waits last has 15 to go


def in_thread(post, sender):
    ended = {}

    def send():
        ended["run"] = see_through(sender, waiting=print)
        ended["at"] = time.monotonic()

    thread = threading.Thread(target=send)
    thread.start()
    return thread, ended


def stop(post, why="wrong figure"):
    with post.database.write() as session:
        outbox.stop(messages.find_mailing(session, "cards", "local"), why=why, now=clock())


def test_a_stop_elsewhere_ends_a_slow_run_within_two_seconds(post):
    post.add_people(*addresses(20))
    post.settings = post.settings.model_copy(update=SLOW)
    thread, ended = in_thread(post, post.sender(post.approve()))
    until(lambda: len(post.arrived()) >= 2)

    stop(post)
    stopped_at, sent = time.monotonic(), len(post.arrived())
    thread.join(timeout=60)

    assert ended["at"] - stopped_at < SOON
    assert ended["run"].ended_because == "it was stopped: wrong figure"
    assert len(post.arrived()) <= sent + SOON
    assert set(post.statuses()) <= {"planned", "created", "sending", "delivered"}


def test_a_stop_elsewhere_ends_a_run_that_waits_to_settle_a_doubt(post):
    post.add_people(*addresses(3))
    post.settings = post.settings.model_copy(update={"landing_seconds": 60.0})
    approval = post.approve()
    add_fault(post.server.path, Fault(do="drop", when="before", count=1))
    thread, ended = in_thread(post, post.sender(approval))
    until(lambda: "in-doubt" in post.statuses() and "planned" not in post.statuses())

    stop(post)
    stopped_at = time.monotonic()
    thread.join(timeout=60)

    assert ended["at"] - stopped_at < SOON
    assert "it was stopped" in ended["run"].ended_because
    assert post.statuses().count("in-doubt") == 1


def test_a_person_who_stops_a_slow_run_does_not_wait_for_letters_in_line(post):
    post.add_people(*addresses(20))
    post.settings = post.settings.model_copy(update=SLOW)
    interrupted = threading.Event()
    thread, ended = in_thread(post, post.sender(post.approve(), interrupted=interrupted))
    until(lambda: len(post.arrived()) >= 1)

    interrupted.set()
    stopped_at = time.monotonic()
    thread.join(timeout=60)

    assert ended["at"] - stopped_at < SOON
    assert not {"claimed", "in-doubt"} & set(post.statuses())


def test_after_a_refusal_elsewhere_letters_that_had_their_time_stay_silent(post):
    post.add_people(*addresses(40))
    post.settings = post.settings.model_copy(update={"rate_per_minute": 600})
    notify = post.notify()
    thread, _ = in_thread(post, post.sender(post.approve(), notify=notify))
    until(lambda: len(post.arrived()) >= 3)

    with post.database.write() as session:
        pace.fall_silent(session, service=notify.service, key_type=notify.key_type, now=clock())
    time.sleep(0.5)  # whoever was on the way has arrived
    before = len(post.arrived())
    time.sleep(0.7)

    assert len(post.arrived()) == before
    stop(post)
    thread.join(timeout=60)


def test_a_wave_sends_to_the_first_of_the_approved_and_holds(post):
    post.add_people(*addresses(12))
    approval = post.approve()
    with post.database.read() as session:
        last_id = messages.end_of_wave(session, approval, 5)

    see_through(post.sender(approval, last_id=last_id), waiting=print)
    first = post.arrived()
    see_through(post.sender(approval), waiting=print)

    assert first == sorted(addresses(12)[:5])
    assert post.arrived() == sorted(addresses(12))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_wave_whose_replies_are_lost_still_reaches_exactly_its_own(post, when):
    post.add_people(*addresses(12))
    approval = post.approve()
    add_fault(post.server.path, Fault(do="drop", when=when, count=2))
    with post.database.read() as session:
        last_id = messages.end_of_wave(session, approval, 5)

    see_through(post.sender(approval, last_id=last_id), waiting=print)

    assert post.arrived() == sorted(addresses(12)[:5])
    assert post.statuses().count("planned") == 7


def test_a_wave_larger_than_what_is_left_is_refused(post):
    post.add_people(*addresses(3))
    approval = post.approve()

    with post.database.read() as session, pytest.raises(NotPermitted, match="more than the 3"):
        messages.end_of_wave(session, approval, 4)


def test_a_mailing_that_was_stopped_before_says_so_at_once(post):
    post.add_people(*addresses(3))
    approval = post.approve()
    stop(post)

    run = see_through(post.sender(approval), waiting=print)

    assert run.ended_because == "it was stopped: wrong figure"
    assert post.arrived() == []
    with post.database.read() as session:
        assert session.get_one(Mailing, approval.mailing_id).stopped_at is not None
