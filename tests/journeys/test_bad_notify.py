"""Keys, templates and servers that do not work, and modes that are not ready."""

import socket
from datetime import UTC, datetime

import pytest

from postroom.localnotify import TEMPLATE_ID, LocalNotify, Service, edit_template
from tests.journeys.conftest import CAMPAIGN

SENDING = ("send", CAMPAIGN, "--yes")
SITE = {"OUTREACH_PUBLIC_URL": "https://127.0.0.1:1"}  # nobody answers there


@pytest.fixture
def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_wrong_key_is_said_to_be_one(office, notify):
    other = notify.keys["test"][:-1] + ("0" if notify.keys["test"][-1] != "0" else "1")
    there = office.at(notify, NOTIFY_TEST_KEY=other)

    said = office.refused(*SENDING, "--mode", "test", **there)

    assert "403" in said
    assert "NOTIFY_TEST_KEY" in said
    assert other not in said
    assert notify.ledger() == []


def test_a_key_that_is_not_whole_is_said_to_be_so(office, notify):
    said = office.refused(*SENDING, "--mode", "test", **office.at(notify, NOTIFY_TEST_KEY="abc"))

    assert "not whole" in said
    assert "abc" not in said


def test_a_missing_key_or_template_is_named_with_the_way_to_get_it(office, notify):
    said = office.refused(*SENDING, "--mode", "team")
    assert "NOTIFY_TEAM_KEY" in said
    assert "outreach doctor" in said

    said = office.refused(*SENDING, "--mode", "test", NOTIFY_TEST_KEY=notify.keys["test"])
    assert "NOTIFY_TEMPLATE_ID" in said
    assert "((subject))" in said


def test_a_notify_that_does_not_answer_is_named(office, notify, closed_port):
    nowhere = f"http://127.0.0.1:{closed_port}"
    there = office.at(notify, NOTIFY_BASE_URL=nowhere)

    said = office.refused(*SENDING, "--mode", "test", **there)

    assert nowhere in said
    assert "answer" in said


def test_a_template_that_adds_something_of_its_own_is_refused(office, notify):
    edit_template(
        notify.path,
        TEMPLATE_ID,
        subject="((subject))",
        body="Hello ((body))",
        now=datetime.now(UTC),
    )

    said = office.refused(*SENDING, "--mode", "test", **office.at(notify))

    assert "not a pass-through" in said
    assert "((body))" in said
    assert notify.ledger() == []


def test_a_template_id_that_notify_does_not_know_is_said_to_be_unknown(office, notify):
    there = office.at(notify, NOTIFY_TEMPLATE_ID="00000000-0000-4000-8000-000000000000")

    said = office.refused(*SENDING, "--mode", "test", **there)

    assert "404" in said
    assert "NOTIFY_TEMPLATE_ID" in said


def test_doctor_finds_a_service_in_trial_mode(office, tmp_path):
    service = Service(rate_limit=None, trial_mode=True)
    with LocalNotify(tmp_path / "trial.db", service=service) as trial:
        ended = office.run("doctor", "--mode", "live", **office.at(trial, "live"), **SITE)

    assert ended.code == 1
    assert "trial mode" in ended.said
    assert "request to go live" in ended.said


def test_a_send_to_a_service_in_trial_mode_ends_with_the_reason(office, tmp_path):
    service = Service(rate_limit=None, trial_mode=True)
    with LocalNotify(tmp_path / "trial.db", service=service) as trial:
        ended = office.run(*SENDING, "--mode", "team", **office.at(trial, "team"), **SITE)

        assert ended.code == 1
        assert trial.ledger() == []
    assert "approve" in ended.err


def test_local_mode_never_leaves_this_machine(office):
    said = office.refused(*SENDING, NOTIFY_BASE_URL="https://notify.example.com")

    assert "this machine only" in said
    assert "NOTIFY_BASE_URL" in said


def test_a_damaged_file_of_the_local_notify_is_named_with_what_to_do(office):
    (office.folder / "local-notify.db").write_bytes(b"no database" * 1_000)

    for words in (("sync",), ("doctor",), ("local-notify", "--port", "0")):
        ended = office.run(*words)

        assert ended.code == 1
        assert "local-notify.db is damaged" in ended.said
        assert "delete it" in ended.said


def test_the_local_notify_says_what_keeps_it_from_serving(office, notify):
    port = notify.url.rpartition(":")[2]
    office.write("faults.json", '[{"do": "explode"}]')

    assert "in use" in office.refused("local-notify", "--port", port)
    assert "65535" in office.refused("local-notify", "--port", 99999, code=2)
    said = office.refused("local-notify", "--port", 0, "--faults", "faults.json")
    assert "faults.json: fault: do is 'explode'" in said


def test_live_mode_needs_a_person_who_may(office, notify):
    there = office.at(notify, "live", OUTREACH_MODE="live")

    said = office.refused(*SENDING, **there)
    assert "OUTREACH_PERSON" in said
    assert "people" in said

    office.edit("outreach.toml", "# people = [", "people = [")
    person = {"OUTREACH_PERSON": "researcher@example.com"}
    said = office.refused(*SENDING, "--approved", "50", **there, **person, **SITE)
    assert "not approved in live mode" in said
    assert notify.ledger() == []
