"""What Notify answers, over real HTTP, grouped by what to do next."""

import contextlib
import socket
import time
from datetime import timedelta

import pytest

from postroom.content.rendering import Email
from postroom.delivery.gateway import Notify, Parcel, is_loopback
from postroom.errors import InDoubt, NotifyError, Paused, Refused, SettingsError, Stopped
from postroom.localnotify import (
    KEYS,
    Fault,
    LocalNotify,
    Service,
    add_fault,
    clear_faults,
)

ADDRESS = "head.teacher@example.com"


def parcel(address=ADDRESS, body="Hello"):
    return Parcel(address, "a-reference", Email("Subject", body), "https://example.com/stop")


def send_five(notify):
    for _ in range(5):
        notify.send(parcel())


def test_an_accepted_message_is_found_by_its_reference(post):
    notify = post.notify()

    accepted = notify.send(parcel())

    assert (accepted.subject, accepted.body) == ("Subject", "Hello")
    assert [found.notify_id for found in notify.find("a-reference")] == [accepted.notify_id]


def test_the_one_click_header_and_the_reply_to_travel_along(post):
    post.notify().send(parcel())

    assert post.server.ledger()[0].one_click_unsubscribe_url == "https://example.com/stop"


@pytest.mark.parametrize("address", ["not an address", "a@b"])
def test_a_bad_address_is_refused_for_that_message_only(post, address):
    with pytest.raises(Refused):
        post.notify().send(parcel(address))


def test_a_body_over_two_million_bytes_is_refused_for_that_message_only(post):
    with pytest.raises(Refused, match="too long"):
        post.notify().send(parcel(body="x" * 2_000_001))


def test_a_wrong_key_stops_the_run(post):
    wrong = KEYS["live"][:-4] + "0000"
    notify = Notify(
        wrong,
        base_url=post.server.url,
        key_type="live",
        template_id=post.notify().template_id,
        reply_to_id=None,
        timeout=post.notify().timeout,
    )
    with pytest.raises(Stopped, match="403"):
        notify.send(parcel())


def test_a_template_that_is_gone_stops_the_run(post):
    notify = post.notify(template_id="00000000-0000-4000-8000-000000000000")

    with pytest.raises(Stopped, match="Template not found"):
        notify.send(parcel())


def test_a_reply_to_that_notify_does_not_know_stops_the_run(post):
    notify = post.notify(reply_to_id="00000000-0000-4000-8000-000000000000")

    with pytest.raises(Stopped, match="reply_to"):
        notify.send(parcel())


@pytest.mark.parametrize(
    ("service", "error", "words"),
    [
        (Service(rate_limit=1), Paused, "RateLimitError"),
        (Service(daily_limit=0), Stopped, "resets at 00:00 UTC"),
        (Service(trial_mode=True), Stopped, "trial mode"),
    ],
)
def test_limits_and_trial_mode_are_told_apart(post, tmp_path, service, error, words):
    with LocalNotify(tmp_path / "other.db", service=service) as server:
        notify = post.notify(base_url=server.url)

        with pytest.raises(error, match=words):
            send_five(notify)


def test_a_recipient_outside_the_team_is_refused_for_that_message_only(post):
    with pytest.raises(Refused, match="team-only"):
        post.notify("team").send(parcel())


@pytest.mark.parametrize(
    "fault",
    [
        Fault(do="drop", when="before"),
        Fault(do="drop", when="after"),
        Fault(do="answer", status=500, when="before"),
        Fault(do="answer", status=500, when="after"),
        Fault(do="answer", status=504, when="after"),
        Fault(do="wait", seconds=1.5, when="before"),
    ],
)
def test_no_reply_and_every_5xx_leave_the_message_in_doubt(post, fault):
    add_fault(post.server.path, fault)

    with pytest.raises(InDoubt) as caught:
        post.notify().send(parcel())

    assert ADDRESS not in str(caught.value)


def test_a_connection_that_nobody_answers_is_given_up_long_before_an_answer_would_be(post):
    with socket.socket() as deaf, contextlib.ExitStack() as queue:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(4):  # until no more fit in the queue of those that wait to be accepted
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        began = time.monotonic()

        with pytest.raises(InDoubt):
            post.notify(base_url=url, timeout=timedelta(seconds=8)).send(parcel())

        assert time.monotonic() - began < 4


def test_a_question_that_changes_nothing_is_asked_again_when_notify_stumbles(post):
    add_fault(post.server.path, Fault(do="answer", status=503, on="read", count=2))

    assert post.notify().template().passes_through


def test_a_notify_that_is_down_is_said_in_one_sentence(post):
    add_fault(post.server.path, Fault(do="drop", on="any"))

    with pytest.raises(NotifyError, match="no answer came from Notify"):
        post.notify().template()
    clear_faults(post.server.path)


def test_a_key_cut_short_is_refused_without_being_shown():
    with pytest.raises(SettingsError) as caught:
        Notify(
            "short-key",
            base_url="http://127.0.0.1:1",
            key_type="test",
            template_id="",
            reply_to_id=None,
            timeout=None,
        )
    assert "short-key" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:6011", True),
        ("http://localhost:6011", True),
        ("http://[::1]:6011", True),
        ("https://api.notifications.service.gov.uk", False),
        ("http://127.0.0.1.example.com", False),
    ],
)
def test_only_this_machine_is_loopback(url, here):
    assert is_loopback(url) is here
