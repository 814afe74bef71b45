"""What Notify answers, over real HTTP, grouped by what to do next."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from postroom.content.markdown_escaping import escape_subject
from postroom.content.notify_markdown import render_subject
from postroom.content.rendering import Email
from postroom.delivery import gateway
from postroom.delivery.gateway import Accepted, Notify, Parcel, is_loopback
from postroom.errors import InDoubt, NotifyError, Paused, Refused, SettingsError, Stopped
from postroom.localnotify import (
    KEYS,
    Fault,
    LocalNotify,
    Service,
    add_fault,
    clear_faults,
)
from tests.delivery.conftest import clock

ADDRESS = "head.teacher@example.com"


def parcel(address=ADDRESS, body="Hello"):
    return Parcel(address, "a-reference", Email("Subject", body), "https://example.com/stop")


@contextlib.contextmanager
def answering(status: int, body: str, **headers: str) -> Iterator[str]:
    """A server that is not Notify: it gives one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # the standard library's own name
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET  # noqa: N815  # the same

        def log_message(self, *said):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def trickling(status_line: bytes, gap: float, pieces: int) -> Iterator[str]:
    """A server that gives its answer byte by byte, so many of them with a *gap* (seconds)."""

    def answer(listening):
        with contextlib.suppress(OSError):  # the reader may have gone
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(status_line + b"Content-Type: application/json\r\n\r\n")
                for _ in range(pieces):
                    connection.sendall(b" ")
                    time.sleep(gap)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=answer, args=(listening,))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    thread.join()


def send_five(notify):
    for _ in range(5):
        notify.send(parcel())


def test_an_accepted_message_is_found_by_its_reference(post):
    notify = post.notify()

    accepted = notify.send(parcel())

    assert (accepted.subject, accepted.body) == ("Subject", "Hello")
    assert [found.notify_id for found in notify.find("a-reference")] == [accepted.notify_id]


@given(st.text(st.sampled_from("aA1 \\-–.,;'\"\u200b\u200d\ufeff\u00a0|&<"), max_size=12))
@example("News for North" + escape_subject("\\-South"))
def test_notifys_own_writing_of_any_subject_is_no_difference(subject):
    answered = Accepted("any", subject=render_subject(subject))

    assert answered.tells_of(Email(subject, "any"))
    assert not answered.tells_of(Email(f"{subject} too", "any"))


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
        Fault(do="wait", seconds=2.5, when="before"),
    ],
)
def test_no_reply_and_every_5xx_leave_the_message_in_doubt(post, fault):
    add_fault(post.server.path, fault)

    with pytest.raises(InDoubt) as caught:
        post.notify(timeout=timedelta(seconds=2)).send(parcel())

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
            post.notify(base_url=url, timeout=timedelta(seconds=30)).send(parcel())

        assert time.monotonic() - began < 15


def test_an_answer_that_trickles_in_is_given_up_in_time(post):
    with trickling(b"HTTP/1.1 201 CREATED\r\n", gap=0.1, pieces=200) as url:
        began = time.monotonic()

        with pytest.raises(InDoubt):
            post.notify(base_url=url, timeout=timedelta(seconds=1)).send(parcel())

        assert time.monotonic() - began < 10, "the whole of it takes 20 seconds"


def test_an_answer_of_many_pieces_that_is_whole_in_time_is_read(post):
    with LocalNotify(post.workspace.root / "slow.db", latency=0.2) as server:
        for _ in range(3):  # over one connection, which is used again
            accepted = post.notify(base_url=server.url).send(parcel(body="é" * 400_000))

    assert accepted.body == "é" * 400_000


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_what_somebody_before_notify_refuses_says_nothing_of_all_the_others(post, status):
    with (
        answering(status, "<h1>Blocked</h1>", **{"Content-Type": "text/html"}) as url,
        pytest.raises(InDoubt, match="Check NOTIFY_BASE_URL"),
    ):
        post.notify(base_url=url).send(parcel())


@pytest.mark.parametrize("wrong", [{"id": None}, {"id": "x"}, {"reference": 5}, {"status": None}])
def test_a_list_that_is_none_of_notifys_is_no_traceback(post, wrong):
    record = {
        "id": "00000000-0000-4000-8000-000000000000",
        "reference": "a-reference",
        "status": "delivered",
        "created_at": "2026-01-14T09:30:00.000000Z",
        **wrong,
    }
    with (
        answering(200, json.dumps({"notifications": [record]})) as url,
        pytest.raises(NotifyError, match="is not one of Notify's"),
    ):
        post.notify(base_url=url).find("a-reference")


def test_a_list_that_repeats_itself_is_no_end_of_the_list(post):
    records = [
        {
            "id": f"00000000-0000-4000-8000-{n:012}",
            "reference": None,
            "status": "delivered",
            "created_at": f"2026-01-14T09:30:{59 - n:02}.000000Z",
        }
        for n in range(5)
    ]
    with (
        answering(200, json.dumps({"notifications": records})) as url,
        pytest.raises(NotifyError, match="repeats itself"),
    ):
        list(post.notify(base_url=url).pages())


def test_a_question_that_changes_nothing_is_asked_again_when_notify_stumbles(post):
    add_fault(post.server.path, Fault(do="answer", status=503, on="read", count=2))

    assert post.notify().template().passes_through


def test_a_notify_that_is_down_is_said_in_one_sentence(post):
    add_fault(post.server.path, Fault(do="drop", on="any"))

    with pytest.raises(NotifyError, match="No answer came from Notify"):
        post.notify().template()
    clear_faults(post.server.path)


@pytest.mark.parametrize(
    "body", ["{}", "[]", "null", "5", '{"id": 5}', '{"notifications": [{"id": "x"}]}', "<html>"]
)
def test_a_server_that_is_not_notify_is_told_from_notify(post, body):
    with answering(200, body) as url:
        notify = post.notify(base_url=url)
        for ask in (
            notify.template,
            lambda: notify.preview(Email("Subject", "Hello")),
            lambda: notify.find("a-reference"),
            lambda: list(notify.pages()),
        ):
            with pytest.raises(NotifyError, match="Check NOTIFY_BASE_URL: is it Notify"):
                ask()


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "null",
        '{"id": "5"}',
        '{"id": "9b0e3c7e-0d4f-4a55-8a54-0c9f7a4e9f10", "content": "x"}',
        '{"id": "9b0e3c7e-0d4f-4a55-8a54-0c9f7a4e9f10", "content": {"body": 5}}',
    ],
)
def test_an_answer_to_a_send_that_is_not_notifys_leaves_the_message_in_doubt(post, body):
    with answering(201, body) as url, pytest.raises(InDoubt):
        post.notify(base_url=url).send(parcel())


def test_a_redirect_is_not_followed_and_says_which_setting_to_look_at(post):
    elsewhere = {"Location": "https://login.example.com/?who=me"}
    with answering(302, "", **elsewhere) as url, pytest.raises(NotifyError) as caught:
        post.notify(base_url=url).template()

    assert str(caught.value) == (
        "Notify said 302: ask somewhere else. "
        "Check NOTIFY_BASE_URL: is it Notify that answers there?"
    )


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("AuthError: Invalid token: API key not found", "and of the service you mean?"),
        ("BadRequestError: Can’t send using a team-only API key", "send --again refused."),
        (
            "BadRequestError: email_reply_to_id X does not exist in database for service id Y",
            "In Notify: Settings, Email reply-to addresses shows each one's ID.",
        ),
        (
            "ValidationError: one_click_unsubscribe_url is not a valid https url",
            "url. Check public_url in outreach.toml, or OUTREACH_PUBLIC_URL.",
        ),
        ("BadRequestError: Your message is empty.", "Your message is empty."),
        ("ValidationError: foo is not of type object", "looks after the program."),
        ("", "Notify said 400: nothing more."),
    ],
)
def test_what_notify_says_comes_with_what_to_do_and_one_full_stop(post, said, ends):
    error, _, message = said.partition(": ")
    errors = [{"error": error, "message": message}]
    body = json.dumps({"status_code": 400, "errors": errors}) if said else "{}"
    with answering(400, body) as url, pytest.raises(NotifyError) as caught:
        post.notify(base_url=url).send(parcel())

    assert str(caught.value).endswith(ends)


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


def test_what_notify_took_at_the_very_moment_at_which_a_page_ends_is_not_left_out(post, tmp_path):
    now = clock()
    moments = [now, now, now, now, now + timedelta(seconds=1), now + timedelta(seconds=1)]
    told = list(moments)
    service = Service(rate_limit=None, page_size=5)
    with LocalNotify(tmp_path / "t.db", service=service, clock=lambda: told[0]) as server:
        notify, sent = post.notify(base_url=server.url), []
        for told[0] in moments:
            sent.append(notify.send(parcel()).notify_id)

        listed = [record.notify_id for page in notify.pages() for record in page]

    assert sorted(listed) == sorted(sent)


def test_a_question_to_a_silent_notify_is_given_up_within_a_minute():
    assert gateway.READ_SECONDS * gateway.READ_TRIES < 60
