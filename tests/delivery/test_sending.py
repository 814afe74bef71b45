"""Everybody once: whatever the network, the process or a second sender does."""

import json
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from postroom.database import open_database
from postroom.delivery import pace, recording
from postroom.delivery.preparing import prepare
from postroom.delivery.sending import see_through
from postroom.errors import DatabaseError, NotPermitted
from postroom.localnotify import (
    TEMPLATE_ID,
    Fault,
    add_fault,
    clear_faults,
    edit_template,
)
from postroom.tables import Message, Status
from postroom.tables.outbox import UNFINISHED
from tests.delivery.conftest import IMPATIENT, addresses, clock
from tests.waiting import until

SEND = [sys.executable, "tests/delivery/send_cards.py"]


def send(post, approval, **changes):
    return see_through(post.sender(approval, **changes), waiting=print)


def test_everybody_approved_gets_exactly_one_email(post):
    post.add_people(*addresses(40))

    run = send(post, post.approve())

    assert post.arrived() == sorted(addresses(40))
    assert run.tally["accepted"] == 40
    assert not UNFINISHED & set(post.statuses())


def test_a_second_run_sends_nothing(post):
    post.add_people(*addresses(5))
    approval = post.approve()
    send(post, approval)

    run = send(post, approval)

    assert len(post.arrived()) == 5
    assert not run.tally


def test_what_arrives_is_what_was_approved(post):
    post.add_people("reader@example.com")
    send(post, post.approve())

    (caught,) = post.server.ledger()

    sent = json.loads(caught.personalisation)
    assert sent["subject"] == "[LOCAL] Your card, Reader 2"
    assert "A card costs £4." in sent["body"]
    assert caught.one_click_unsubscribe_url in sent["body"]


# Fewer at a time than the five in a row that end a run: in which order answers come is chance.
@pytest.mark.parametrize(
    "fault",
    [
        Fault(do="drop", when="before", chance=0.3, seed=1, count=4),
        Fault(do="drop", when="after", chance=0.3, seed=2, count=4),
        Fault(do="answer", status=500, when="before", chance=0.3, seed=3, count=4),
        Fault(do="answer", status=504, when="after", chance=0.3, seed=4, count=4),
    ],
    ids=["lost before", "lost after", "500 before", "504 after"],
)
def test_a_lost_or_failed_reply_sends_no_one_twice_and_loses_no_one(post, fault):
    post.add_people(*addresses(30))
    approval = post.approve()
    add_fault(post.server.path, fault)

    run = send(post, approval)

    assert run.tally["in doubt"]
    assert post.arrived() == sorted(addresses(30))
    assert not UNFINISHED & set(post.statuses())


@pytest.mark.parametrize("when", ["before", "after"])
def test_one_that_always_fails_is_asked_for_three_times_and_holds_nobody_up(post, when):
    post.add_people(*addresses(12))
    approval = post.approve()
    add_fault(
        post.server.path, Fault(do="answer", status=500, when=when, address="reader3@example.com")
    )

    run = send(post, approval)

    if when == "after":  # it was taken each time: nothing is wrong but the answer
        assert (run.ended_because, post.arrived()) == ("", sorted(addresses(12)))
        return
    assert "for 1 of the emails no usable answer came" in run.ended_because
    assert "asked for 3 times: Notify said 500" in run.ended_because
    assert post.arrived() == sorted(set(addresses(12)) - {"reader3@example.com"})
    (left,) = [row for row in post.rows() if row.status is Status.PLANNED]
    assert "Notify said 500" in left.reason


def test_one_that_was_taken_at_the_last_try_is_not_said_to_wait(post):
    post.add_people(*addresses(6))
    approval = post.approve()
    for when in ("before", "before", "after"):
        always = Fault(do="drop", when=when, address="reader3@example.com", count=1)
        add_fault(post.server.path, always)

    run = send(post, approval)

    assert (run.ended_because, post.arrived()) == ("", addresses(6))


def test_the_next_run_asks_for_it_again(post):
    post.add_people(*addresses(3))
    approval = post.approve()
    always = Fault(do="answer", status=500, when="before", address="reader1@example.com")
    add_fault(post.server.path, always)
    send(post, approval)
    clear_faults(post.server.path)

    run = send(post, approval)

    assert (run.ended_because, post.arrived()) == ("", addresses(3))
    assert {row.reason for row in post.rows()} == {""}


def test_five_identical_failures_in_a_row_end_the_run_though_they_come_in_several_passes(post):
    post.add_people(*addresses(2))
    approval = post.approve()
    add_fault(post.server.path, Fault(do="answer", status=500, when="before"))

    run = send(post, approval)

    assert "5 in a row came to the same: Notify said 500" in run.ended_because


def test_what_is_shown_of_a_run_only_grows_through_all_its_passes(post):
    post.add_people(*addresses(12))
    approval = post.approve()
    add_fault(post.server.path, Fault(do="drop", when="after", chance=0.3, seed=2, count=3))
    add_fault(post.server.path, Fault(do="drop", when="before", chance=0.2, seed=5, count=1))
    shown = []

    def show(run):
        shown.append((run.tally["accepted"], len(run.open_doubts)))

    run = send(post, approval, progress=show)

    assert run.tally["in doubt"] >= 2
    assert [accepted for accepted, _ in shown] == sorted(accepted for accepted, _ in shown)
    assert max(doubts for _, doubts in shown) > 0
    assert shown[-1] == (12, 0)


def test_a_request_that_lands_after_we_gave_it_up_is_not_sent_again(post):
    post.add_people(*addresses(3))
    approval = post.approve()
    # Our side waits 2 s; it lands after 3, within the 2 s that it may.
    post.settings = post.settings.model_copy(update={**IMPATIENT, "landing_seconds": 2.0})
    add_fault(post.server.path, Fault(do="wait", seconds=3.0, when="before", count=1))

    run = send(post, approval)

    assert run.tally["in doubt"] == 1
    assert post.arrived() == sorted(addresses(3))


def test_at_the_rate_limit_everybody_waits_and_nobody_is_lost(post):
    post.add_people(*addresses(20))
    approval = post.approve()
    add_fault(post.server.path, Fault(do="answer", status=429, when="before", count=3))

    run = send(post, approval)

    assert run.tally["asked to slow down"] >= 1
    assert post.arrived() == sorted(addresses(20))


def test_a_notify_that_refuses_for_pace_for_ever_ends_the_run_and_says_why(post, monkeypatch):
    monkeypatch.setattr(pace, "SILENCE", timedelta(seconds=0.05))  # or this takes over a minute
    post.add_people(*addresses(40))
    approval = post.approve()
    add_fault(post.server.path, Fault(do="wait", seconds=0.3))  # so that many are in flight
    add_fault(post.server.path, Fault(do="answer", status=429, when="before"))

    run = send(post, approval)

    assert "7 times in a row Notify refused for pace" in run.ended_because
    assert "rate_per_minute" in run.ended_because
    # One burst, and six emails that tried; or twice as many, where the machine is busy.
    assert run.tally["asked to slow down"] <= 2 * (post.settings.workers + 6)
    assert set(post.statuses()) == {"planned"}


def test_turns_given_before_a_silence_count_no_more_after_it(post, monkeypatch):
    monkeypatch.setattr(pace, "SILENCE", timedelta(seconds=0.2))
    monkeypatch.setattr(pace, "TRY_EVERY", timedelta(seconds=2))
    post.settings = post.settings.model_copy(update={"rate_per_minute": 600})  # 1 s of them
    post.add_people(*addresses(10))
    approval = post.approve()
    add_fault(post.server.path, Fault(do="answer", status=429, when="before", count=1))
    add_fault(post.server.path, Fault(do="drop", when="before", count=1))  # the one that tries

    began = clock()

    run = send(post, approval)

    assert (run.tally["asked to slow down"], run.tally["in doubt"]) == (1, 1)
    assert post.arrived() == sorted(addresses(10))
    first = datetime.fromisoformat(post.server.ledger()[0].created_at)
    assert first >= began + pace.TRY_EVERY


@pytest.mark.parametrize("senders", [1, 3])
def test_at_a_slow_pace_nobody_waits_in_line_until_the_lease_runs_out(post, senders):
    post.add_people(*addresses(20))
    approval = post.approve()
    slow = {**IMPATIENT, "rate_per_minute": 240, "lease_seconds": 1.0, "workers": 16}
    post.settings = post.settings.model_copy(update=slow)
    threads = [threading.Thread(target=send, args=(post, approval)) for _ in range(senders)]
    began = time.monotonic()

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert post.arrived() == sorted(addresses(20))
    assert time.monotonic() - began > 19 * 0.25


@contextmanager
def held_by_another(post):
    """Let another program hold the database's lock."""
    holding, done = threading.Event(), threading.Event()

    def hold():
        with post.database.write():
            holding.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(60)
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.fixture
def impatient(post):
    """`post`, whose database waits a fifth of a second for another program, and not ten."""
    post.database.close()
    post.database = open_database(post.workspace, post.settings, post.keys, busy_seconds=0.2)
    return post


def send_while(post, condition, during):
    """Send; once *condition* holds of how many arrived, do *during* beside it."""
    ended = {}

    def run():
        try:
            ended["run"] = send(post, approval)
        except DatabaseError as error:
            ended["error"] = error

    approval = post.approve()
    post.settings = post.settings.model_copy(update={"rate_per_minute": 1_200})
    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: condition(len(post.arrived())), every=0.01)
    during()
    thread.join(timeout=60)
    return approval, ended


def test_a_database_that_is_held_for_a_moment_loses_nothing_and_the_run_goes_on(impatient):
    post = impatient
    post.add_people(*addresses(40))

    def hold_a_moment():
        with held_by_another(post):
            time.sleep(0.6)

    _, ended = send_while(post, lambda arrived: arrived >= 5, hold_a_moment)

    assert (ended["run"].ended_because, post.arrived()) == ("", sorted(addresses(40)))
    assert not {"claimed", "in-doubt"} & set(post.statuses())


def test_a_database_that_refuses_at_once_is_given_as_long_as_one_that_is_waited_for():
    trouble = recording.Trouble()

    assert not any(trouble.lasts_too_long(1_000.0 + second) for second in range(30))
    assert trouble.lasts_too_long(1_030.0)


def test_two_moments_far_apart_in_which_the_database_is_away_end_no_run():
    trouble = recording.Trouble()

    assert not trouble.lasts_too_long(1_000.0)
    assert not trouble.lasts_too_long(1_600.0)


def test_a_database_that_is_held_too_long_ends_the_run_which_says_what_is_open(
    impatient, monkeypatch
):
    monkeypatch.setattr(recording, "PATIENCE", timedelta(seconds=3))  # or this takes half a minute
    post = impatient
    post.add_people(*addresses(60))

    def hold_until_given_up():
        with held_by_another(post):
            time.sleep(6)

    approval, ended = send_while(post, lambda arrived: arrived >= 5, hold_until_given_up)

    said = str(ended["error"])
    assert "Nothing was changed" not in said
    assert "could not be recorded: they are looked up at Notify" in said
    assert "run outreach send again" in said
    send(post, approval)
    assert post.arrived() == sorted(addresses(60))


class SetBack:
    """A clock that somebody sets back by an hour after so many looks at it."""

    def __init__(self, looks):
        self._left = looks

    def __call__(self):
        self._left -= 1
        return clock() - timedelta(hours=self._left < 0)


@pytest.mark.parametrize("looks", [8, 40, 60])
def test_a_clock_set_back_in_mid_run_stops_nothing(post, looks):
    post.add_people(*addresses(40))
    post.settings = post.settings.model_copy(update={"rate_per_minute": 1_200})
    sender = replace(post.sender(post.approve()), clock=SetBack(looks))

    run = see_through(sender, waiting=print)

    assert (run.ended_because, post.arrived()) == ("", sorted(addresses(40)))


def test_two_senders_at_once_share_the_work_without_repeating_it(post):
    post.add_people(*addresses(60))
    approval = post.approve()
    threads = [threading.Thread(target=send, args=(post, approval)) for _ in range(2)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert post.arrived() == sorted(addresses(60))


def test_an_interrupted_run_leaves_nothing_claimed_and_goes_on_later(post):
    post.add_people(*addresses(40))
    approval, interrupted = post.approve(), threading.Event()

    def interrupt(run):
        if run.tally["accepted"] >= 8:
            interrupted.set()

    run = send(post, approval, interrupted=interrupted, progress=interrupt)
    between = post.statuses()
    send(post, approval)

    assert run.ended_because == "you stopped it"
    assert not {"claimed", "in-doubt"} & set(between)
    assert post.arrived() == sorted(addresses(40))


def test_a_run_ends_itself_on_the_first_answer_that_will_not_change(post):
    post.add_people(*addresses(30))
    approval = post.approve()
    patience = timedelta(seconds=20)  # thirty ask at once, and on a busy machine all must be heard
    gone = post.notify(template_id="00000000-0000-4000-8000-000000000000", timeout=patience)

    run = send(post, approval, notify=gone)

    assert "Template not found" in run.ended_because
    assert post.arrived() == []
    assert set(post.statuses()) == {"planned"}


def test_a_run_ends_itself_when_the_same_refusal_comes_again_and_again(post):
    post.add_people(*addresses(30))

    run = send(post, post.approve(), notify=post.notify("team"))

    assert "in a row" in run.ended_because
    assert post.statuses().count("planned") > 0


def test_a_template_changed_in_notify_during_the_run_ends_it(post):
    post.add_people(*addresses(30))
    approval = post.approve()
    edit_template(
        post.server.path,
        TEMPLATE_ID,
        subject="((subject))",
        body="Hello\n\n((body))",
        now=clock(),
    )

    run = send(post, approval)

    assert "the template in Notify was changed" in run.ended_because
    assert len(post.arrived()) < 30


def test_a_message_whose_words_are_not_the_approved_ones_never_leaves(post):
    post.add_people(*addresses(3))
    approval = post.approve()
    with post.database.write() as session:
        session.get(Message, post.rows()[1].id).fields = {"name": "Somebody else"}

    with pytest.raises(NotPermitted, match="would not say what was approved"):
        send(post, approval)

    assert post.arrived() == []
    assert set(post.statuses()) == {"planned"}


def test_outside_live_mail_goes_only_to_allowed_addresses(post):
    post.add_people("in@team.example.com", "out@example.com")
    limited = post.settings.model_copy(update={"allowed_addresses": ("@team.example.com",)})
    post.settings = limited

    with post.database.read() as session:
        prepared = prepare(session, post.edition(), post.office, today=date(2026, 1, 14))

    assert [draft.address for draft in prepared.to_send] == ["in@team.example.com"]
    assert "allowed_addresses" in prepared.left_out[0].left_out
