"""Every kind of trouble, as a client meets it and as the ledger has it."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from notifications_python_client.errors import HTTPError

from postroom.localnotify import (
    BadFault,
    Fault,
    LocalNotify,
    add_fault,
    clear_faults,
    faults,
    held_requests,
    read_ledger,
    wait_until_held,
)
from postroom.localnotify.faults import forget_dead_followers, read_faults
from postroom.localnotify.faultsfile import LEASE
from postroom.localnotify.store import opened
from tests.localnotify.conftest import process, send
from tests.waiting import until


def failure(call):
    with pytest.raises(HTTPError) as caught:
        call()
    return caught.value


def references(notify):
    return [each.reference for each in notify.ledger()]


@pytest.mark.parametrize(("when", "kept"), [("before", []), ("after", ["r"])])
def test_a_dropped_connection_has_no_answer_and_may_have_been_accepted(notify, client, when, kept):
    add_fault(notify.path, Fault("drop", when=when))

    lost = failure(lambda: send(client, reference="r"))

    assert lost.response is None
    assert lost.status_code == 503  # as the client calls every lost answer
    assert references(notify) == kept


@pytest.mark.parametrize(("when", "kept"), [("before", []), ("after", ["r"])])
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, [{"error": "InterfaceError", "message": "Internal server error"}]),
        (504, [{"error": "SoftEventletTimeout", "message": "Timeout serving request"}]),
        (503, "Request failed"),
        (
            429,
            [
                {
                    "error": "RateLimitError",
                    "message": "Exceeded rate limit for key type LIVE of 3000 requests"
                    " per 60 seconds",
                }
            ],
        ),
    ],
)
def test_an_error_is_answered_before_or_after_accepting(notify, client, when, kept, status, said):
    add_fault(notify.path, Fault("answer", status=status, when=when))

    error = failure(lambda: send(client, reference="r"))

    assert error.response is not None
    assert (error.status_code, error.message) == (status, said)
    assert references(notify) == kept


def test_a_request_can_land_after_its_client_gave_up(notify, connect):
    add_fault(notify.path, Fault("wait", seconds=1.5))
    client = connect(notify, timeout=0.3)

    lost = failure(lambda: send(client, reference="late"))

    assert lost.response is None
    assert references(notify) == []
    until(lambda: references(notify) == ["late"])


def test_a_request_can_be_accepted_long_before_it_is_answered(notify, connect):
    add_fault(notify.path, Fault("wait", seconds=3, when="after"))
    client = connect(notify, timeout=1)

    lost = failure(lambda: send(client, reference="early"))

    assert lost.response is None
    assert references(notify) == ["early"]


@pytest.mark.parametrize(("when", "kept"), [("before", []), ("after", ["r"])])
def test_a_held_request_waits_until_its_fault_is_cleared(notify, client, when, kept):
    number = add_fault(notify.path, Fault("hold", when=when))
    sender = threading.Thread(target=send, args=(client,), kwargs={"reference": "r"})
    sender.start()

    [held] = wait_until_held(notify.path)

    assert (held.reference, held.stage) == ("r", when)
    assert [each.reference for each in read_ledger(notify.path)] == kept
    clear_faults(notify.path, number)
    sender.join(60)
    assert references(notify) == ["r"]
    assert held_requests(notify.path) == []


def test_waiting_for_a_request_that_never_comes_ends(notify):
    with pytest.raises(TimeoutError, match=r"0 requests are held after 0\.1 s, not 1"):
        wait_until_held(notify.path, timeout=0.1)


def test_being_down_stops_reading_too(notify, client):
    number = add_fault(notify.path, Fault("drop", on="any"))

    assert failure(client.get_all_templates).response is None
    assert failure(lambda: send(client)).response is None
    clear_faults(notify.path, number)
    assert client.get_all_templates()


def test_trouble_with_reading_leaves_sending_alone(notify, client):
    add_fault(notify.path, Fault("answer", status=500, on="read"))

    send(client)

    assert failure(client.get_all_notifications).status_code == 500


def test_a_fault_can_be_for_the_next_three_only(notify, client):
    add_fault(notify.path, Fault("answer", status=500, count=3))

    outcomes = [_status(client) for _ in range(5)]

    assert outcomes == [500, 500, 500, 201, 201]


def test_a_fault_can_be_for_one_reference_or_one_address(notify, client):
    add_fault(notify.path, Fault("drop", reference="bad-*"))
    add_fault(notify.path, Fault("drop", address="*@bad.example.com"))

    send(client, reference="good")
    failure(lambda: send(client, reference="bad-1"))
    failure(lambda: send(client, "a@bad.example.com"))

    assert references(notify) == ["good"]


def test_chance_is_drawn_from_a_seed_so_that_a_run_can_be_repeated(tmp_path, connect):
    runs = []
    for name in ("one", "two"):
        with LocalNotify(tmp_path / name) as notify:
            add_fault(notify.path, Fault("answer", status=500, chance=0.5, seed=7))
            client = connect(notify)
            runs.append([_status(client) for _ in range(20)])

    assert runs[0] == runs[1]
    assert 4 < runs[0].count(500) < 16


def test_latency_holds_for_every_call_and_many_can_wait_at_once(database, connect):
    with LocalNotify(database, latency=0.3) as notify:
        clients = [connect(notify) for _ in range(24)]
        began = time.monotonic()
        with ThreadPoolExecutor(24) as pool:
            list(pool.map(send, clients))
        took = time.monotonic() - began

    assert took >= 0.3
    assert took < 24 * 0.3 * 0.8, "one after the other"


def test_a_file_of_faults_is_followed_while_it_is_edited(database, tmp_path, connect):
    file = tmp_path / "faults.json"
    file.write_text('[{"do": "answer", "status": 500}]')
    with LocalNotify(database, faults_file=file) as notify:
        client = connect(notify)
        add_fault(database, Fault("drop", reference="mine"))
        assert _status(client) == 500

        file.write_text("[]")
        until(lambda: _status(client) == 201)
        file.write_text('[{"do": "answer", "status": 504}]')
        until(lambda: _status(client) == 504)
        file.unlink()
        until(lambda: _status(client) == 201)
        assert failure(lambda: send(client, reference="mine")).response is None


def test_a_rule_that_stays_in_the_file_goes_on_counting(database, tmp_path, connect):
    file = tmp_path / "faults.json"
    file.write_text('[{"do": "answer", "status": 500, "count": 3}]')
    with LocalNotify(database, faults_file=file) as notify:
        client = connect(notify)
        assert [_status(client), _status(client)] == [500, 500]

        file.write_text(
            '[{"do": "answer", "status": 500, "count": 3}, {"do": "answer", "status": 504}]'
        )
        until(lambda: _status(client, reference="x") == 504)

        assert _status(client) == 504


def test_what_a_file_says_ends_with_the_server_that_follows_it(database, tmp_path, connect):
    file = tmp_path / "faults.json"
    file.write_text('[{"do": "drop", "on": "any"}]')
    with LocalNotify(database, faults_file=file) as notify:
        assert failure(lambda: send(connect(notify))).response is None

    with LocalNotify(database) as notify:
        assert _status(connect(notify)) == 201


def test_a_server_beside_one_that_follows_a_file_obeys_that_file_too(database, tmp_path, connect):
    file = tmp_path / "faults.json"
    file.write_text('[{"do": "answer", "status": 504}]')
    with LocalNotify(database, faults_file=file), LocalNotify(database) as beside:
        client = connect(beside)
        assert _status(client) == 504

        file.write_text("[]")
        until(lambda: _status(client) == 201)


def test_what_a_file_said_ends_soon_after_its_server_was_killed(database, tmp_path, connect):
    file = tmp_path / "faults.json"
    file.write_text('[{"do": "answer", "status": 504}]')
    with process(database, "--faults", file) as (running, _), LocalNotify(database) as beside:
        client = connect(beside)
        assert _status(client) == 504

        running.kill()
        running.wait()
        until(lambda: _status(client) == 201, patience=LEASE + 60)


def test_a_server_that_slept_long_takes_its_rules_over_again(database, tmp_path, connect):
    file = tmp_path / "faults.json"
    file.write_text('[{"do": "answer", "status": 504}]')
    with LocalNotify(database, faults_file=file) as notify:
        client = connect(notify)
        with opened(database) as connection:
            forget_dead_followers(connection, now=time.time() + 2 * LEASE)
        assert _status(client) == 201

        until(lambda: _status(client) == 504)


def test_a_request_held_by_a_cleared_rule_is_not_held_by_a_later_one(notify, client):
    first = add_fault(notify.path, Fault("hold", reference="r"))
    sender = threading.Thread(target=send, args=(client,), kwargs={"reference": "r"})
    sender.start()
    wait_until_held(notify.path)

    clear_faults(notify.path, first)
    second = add_fault(notify.path, Fault("hold", reference="other"))
    sender.join(60)

    assert second != first
    assert references(notify) == ["r"]


def test_a_file_that_cannot_be_followed_changes_nothing_and_says_why(
    database, tmp_path, connect, capfd
):
    file = tmp_path / "faults.json"
    file.write_text('[{"do": "answer", "status": 500}]')
    with LocalNotify(database, faults_file=file) as notify:
        client = connect(notify)

        file.write_text('[{"do": "explode"}]')
        until(lambda: "explode" in capfd.readouterr().err)

        assert _status(client) == 500


def test_a_file_that_is_no_text_for_a_moment_ends_nothing(database, tmp_path, connect, capfd):
    file = tmp_path / "faults.json"
    file.write_text("[]")
    with LocalNotify(database, faults_file=file) as notify:
        client = connect(notify)

        file.write_bytes(b'[{"do": "dr\xff')
        until(lambda: f"{file}: it cannot be read as text" in capfd.readouterr().err)
        file.write_text('[{"do": "answer", "status": 504}]')

        until(lambda: _status(client) == 504)
        assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "fault: not JSON"),
        ('{"do": "drop"}', "fault: a JSON list of objects is wanted"),
        ('[{"when": "before"}]', "fault: do is missing"),
        ('[{"do": "explode"}]', "fault: do is 'explode', which is none of wait, drop"),
        ('[{"do": "drop", "whn": "after"}]', "fault: there is no whn in a fault"),
        ("[" * 100_000, "fault: not JSON: it is nested too deeply"),
        ('[{"do": "answer", "status": 200}]', "fault: status is 200, which is no whole number fro"),
        ('[{"do": "answer", "status": 500.5}]', "fault: status is 500.5, which is no whole number"),
        ('[{"do": ["drop"]}]', "fault: do is ['drop'], which is none of"),
        ('[{"do": "wait"}]', "fault: seconds is missing, without which wait does nothing"),
        ('[{"do": "wait", "seconds": "x"}]', "fault: seconds is 'x', which is no number from 0"),
        ('[{"do": "wait", "seconds": 1e400}]', "fault: seconds is inf, which is no number from 0"),
        ('[{"do": "wait", "seconds": NaN}]', "fault: seconds is nan, which is no number from 0"),
        ('[{"do": "wait", "seconds": true}]', "fault: seconds is True, which is no number from 0"),
        ('[{"do": "drop", "reference": 5}]', "fault: reference is 5, which is no text"),
        ('[{"do": "drop", "address": null}]', "fault: address is None, which is no text"),
        ('[{"do": "drop", "chance": "0.5"}]', "fault: chance is '0.5', which is no number from"),
        ('[{"do": "drop", "chance": 7}]', "fault: chance is 7, which is no number from 0 to 1"),
        ('[{"do": "drop", "seed": 1.5}]', "fault: seed is 1.5, which is no whole number"),
        ('[{"do": "drop", "count": -3}]', "fault: count is -3, which is no whole number from 1"),
        ('[{"do": "drop", "count": 1e3}]', "fault: count is 1000.0, which is no whole number"),
        ('[{"do": "end-as", "status": "lost"}]', "fault: status is 'lost', which is none of deliv"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused_with_the_reason(text, said):
    with pytest.raises(BadFault) as caught:
        read_faults(text)

    assert str(caught.value).startswith(said)


def test_the_examples_in_the_documentation_can_be_followed():
    lines = [line.strip() for line in (faults.__doc__ or "").splitlines()]
    examples = [line[: line.rindex("}") + 1] for line in lines if line.startswith("{")]

    assert len(examples) == 8
    assert all(read_faults(json.dumps([json.loads(each)])) for each in examples)


def test_a_server_that_ends_drops_what_it_holds(database, connect):
    add_fault(database, Fault("hold"))
    with ThreadPoolExecutor(1) as pool:
        with LocalNotify(database) as notify:
            client = connect(notify)
            lost = pool.submit(failure, lambda: send(client, reference="r"))
            wait_until_held(database)

        assert lost.result().response is None
    assert read_ledger(database) == []


def _status(client, **more):
    try:
        send(client, **more)
    except HTTPError as error:
        return error.status_code
    return 201
