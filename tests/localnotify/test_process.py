"""The local Notify as a process of its own, and several over one file."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest
import requests
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient

from postroom.localnotify import (
    KEYS,
    Fault,
    LocalNotify,
    add_fault,
    clear_faults,
    read_ledger,
    wait_until_held,
)
from postroom.localnotify.__main__ import local_notify, main, parser
from tests.localnotify.conftest import process, send


def connect(url):
    client = NotificationsAPIClient(KEYS["live"], base_url=url)
    client.request_session.trust_env = False
    return client


def send_through(client, **more):
    try:
        return send(client, **more)
    finally:
        client.request_session.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_serves_and_ends_cleanly(database, number):
    with process(database) as (running, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        send_through(connect(url), reference="r")

        running.send_signal(number)

        assert running.wait(10) == 0
    assert [each.reference for each in read_ledger(database)] == ["r"]


def test_what_was_answered_is_kept_when_it_is_killed(database):
    with process(database) as (running, url):
        for n in range(20):
            send_through(connect(url), reference=f"r-{n}")

        running.kill()
        running.wait()

    assert len(read_ledger(database)) == 20
    with LocalNotify(database) as notify:
        assert len(connect_and_list(notify.url)) == 20


def connect_and_list(url):
    client = connect(url)
    try:
        return client.get_all_notifications()["notifications"]
    finally:
        client.request_session.close()


def test_a_sender_can_be_killed_while_its_request_is_held_and_it_lands_later(database):
    script = (
        "import sys; from notifications_python_client.notifications import *;"
        "from postroom.localnotify import KEYS, TEMPLATE_ID;"
        "NotificationsAPIClient(KEYS['live'], sys.argv[1]).send_email_notification("
        "'a@example.com', TEMPLATE_ID, {'subject': 's', 'body': 'b'}, 'r')"
    )
    with process(database) as (_, url):
        fault = add_fault(database, Fault("hold"))
        sender = subprocess.Popen([sys.executable, "-c", script, url], env=os.environ)
        wait_until_held(database)
        sender.kill()
        sender.wait()
        assert read_ledger(database) == []

        clear_faults(database, fault)
        wait_for_ledger(database, 1)


def wait_for_ledger(database, count):
    gone = threading.Event()
    for _ in range(500):
        if len(read_ledger(database)) == count:
            return
        gone.wait(0.01)
    raise AssertionError(f"{len(read_ledger(database))} in the ledger, not {count}")


def test_two_processes_over_one_file_lose_nothing(database):
    with (
        process(database, "--lift-limit") as (_, one),
        process(database, "--lift-limit") as (
            _,
            other,
        ),
    ):
        threads = [threading.Thread(target=send_many, args=(url, 25)) for url in (one, other) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(connect_and_list(one)) == len(connect_and_list(other)) == 100


def send_many(url, count):
    client = connect(url)
    for _ in range(count):
        send(client)
    client.request_session.close()


def test_the_same_file_can_be_opened_by_many_at_once_for_the_first_time(database):
    failures = []

    def open_it():
        try:
            with LocalNotify(database):
                pass
        except Exception as error:  # noqa: BLE001  # whatever it is, the test is to see it
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def test_the_command_line_says_what_it_can_do_with_an_example(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    assert "example:" in capsys.readouterr().out


def test_the_options_of_the_command_line_reach_the_service(tmp_path):
    typed = (
        "--rate 60 --daily-limit 5 --trial-mode --team Me@Example.com --guest You@example.com"
        " --latency 0.2 --reply-to id=r@example.com --sending-after 2 --final-after 9"
        " --retention-days 3 --callback-url http://127.0.0.1/c --callback-token t"
        " --callback-retry-after 1 --show-links-at https://a.example.com=http://b:1"
    )
    asked = parser().parse_args(["--database", str(tmp_path / "n"), *typed.split()])

    made = local_notify(asked)

    assert (made.service.rate_limit, made.service.daily_limit) == (60, 5)
    assert made.service.trial_mode
    assert made.service.team == {"me@example.com"}
    assert made.service.guests == {"you@example.com"}
    assert made.service.reply_to["id"] == "r@example.com"
    assert (made.service.sending_after.seconds, made.service.final_after.seconds) == (2, 9)
    assert made.service.retention.days == 3
    assert made.service.callback.url == "http://127.0.0.1/c"
    assert made.service.callback.retry_after.seconds == 1
    assert made.latency == 0.2
    assert made.show_links_at == {"https://a.example.com": "http://b:1"}


def test_lifting_the_limit_lifts_both(tmp_path):
    made = local_notify(parser().parse_args(["--database", str(tmp_path / "n"), "--lift-limit"]))

    assert (made.service.rate_limit, made.service.daily_limit) == (None, None)


def test_what_keeps_it_from_serving_is_said_in_one_line(tmp_path, database, capsys):
    file = tmp_path / "faults.json"
    file.write_text('[{"do": "explode"}]')
    damaged = tmp_path / "damaged"
    damaged.write_bytes(b"no database" * 1_000)

    def said(*options, path=database):
        assert main(["--database", str(path), *map(str, options)]) == 1
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        return err

    assert f"{file}: fault: do is 'explode'" in said("--faults", file)
    assert "none.json: there is no such file" in said("--faults", tmp_path / "none.json")
    assert "99999 is no port" in said("--port", 99999)
    assert "damaged is damaged, or is no file of the local Notify" in said(path=damaged)
    assert "cannot be used" in said(path=tmp_path)
    with LocalNotify(database) as notify:
        taken = said("--port", notify.port, path=tmp_path / "other")
    assert "in use" in taken
    assert "name another port" in taken


def test_a_file_that_is_damaged_while_it_serves_is_named_and_no_more(database, capfd):
    with LocalNotify(database) as notify:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("ALTER TABLE notification RENAME created_at TO lost")

        page = requests.get(notify.url, timeout=60)
        with pytest.raises(HTTPError) as caught:
            connect_and_list(notify.url)

    assert page.status_code == caught.value.status_code == 500
    assert caught.value.message[0]["error"] == "OperationalError"
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 2
    assert f"{database} cannot be used: no such column" in said[0]
