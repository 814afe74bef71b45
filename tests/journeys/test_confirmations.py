"""Confirmations reach people by themselves: in a rehearsal at once, in live once switched on."""

import re
import signal
import sqlite3
import time
from contextlib import closing, contextmanager

import pytest
import requests

from postroom.localnotify import Fault, add_fault
from tests.journeys.conftest import CAMPAIGN, PATIENCE
from tests.journeys.test_worker import FAST, working
from tests.waiting import until

PEOPLE = """
people = ["researcher@example.com"]
approvers = ["head.of.policy@example.com"]
"""
VOLUNTEER = ("--name", "Ada Bell", "--email", "ada.bell@example.com", "--method", "telephone")


@contextmanager
def serving(place, *words, **env):
    process = place.start("serve", "--port", "0", *words, **FAST, **env)
    try:
        yield re.search(r"http://\S+", process.stdout.readline())[0]
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in err, err
        assert "Ended." in out


def test_in_a_rehearsal_serve_sends_the_confirmation_of_a_sign_up_at_once(office):
    said = office.do("signups", "add", CAMPAIGN, *VOLUNTEER).said
    assert "An email that confirms it goes to them" in said
    assert office.taken() == []
    assert "1 confirmation of bpn-invite has waited" in office.do("doctor").said

    with serving(office) as address:
        until(lambda: office.taken() == ["ada.bell@example.com"])
        page = requests.get(f"{address}/your-details", timeout=PATIENCE)

    assert "The Department for Education" in page.text
    assert "confirmation" not in office.do("doctor").said
    assert office.listed("signups", "list", CAMPAIGN)[0]["name"] == "Ada Bell"


def test_a_campaign_without_confirmations_sends_the_link_to_ones_details_all_the_same(office):
    file = office.folder / "campaigns" / f"{CAMPAIGN}.toml"
    stated, rest = file.read_text(encoding="utf-8").split("[confirmations]")
    file.write_text(stated + rest[rest.index("[wanted.role]") :], encoding="utf-8")
    assert "confirms it" not in office.do("signups", "add", CAMPAIGN, *VOLUNTEER).said
    assert "bpn-invite has no [confirmations]" in office.do("doctor").said

    with serving(office) as address, requests.Session() as browser:
        page = browser.get(f"{address}/your-details", timeout=PATIENCE).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
        asked = {"csrf_token": token, "email": "ada.bell@example.com"}
        browser.post(f"{address}/your-details", data=asked, timeout=PATIENCE)
        until(lambda: office.taken() == ["ada.bell@example.com"])


def test_stopped_confirmations_wait_until_they_may_go_on(office):
    office.do("signups", "add", CAMPAIGN, *VOLUNTEER)
    office.do("stop", CAMPAIGN, "--confirmations", "--reason", "a wrong word")
    assert "they are stopped (a wrong word)" in office.do("doctor").said

    with working(office):
        office.do("resume", CAMPAIGN, "--confirmations")
        until(lambda: office.taken() == ["ada.bell@example.com"])


@pytest.mark.parametrize("at_work", [serving, working])
def test_a_campaign_file_that_cannot_be_read_holds_up_its_own_until_it_is_mended(office, at_work):
    file = office.folder / "campaigns" / f"{CAMPAIGN}.toml"
    sound = file.read_text(encoding="utf-8")
    office.write("campaigns/later.toml", sound)  # comes after the other by its name
    office.do("signups", "add", CAMPAIGN, *VOLUNTEER)
    office.do("signups", "add", "later", *VOLUNTEER, "--email", "ben@example.com")
    file.write_text("title ==", encoding="utf-8")

    with at_work(office):
        until(lambda: office.taken() == ["ben@example.com"])
        file.write_text(sound, encoding="utf-8")
        until(lambda: office.taken() == ["ben@example.com", "ada.bell@example.com"])


MANY = 1_000


def struck(server):
    """Return how many requests met the one rule that makes them go wrong."""
    with closing(sqlite3.connect(server.path)) as connection:
        [(left,)] = connection.execute("SELECT remaining FROM fault")
    return MANY - left


def test_when_notify_refuses_everything_it_is_not_asked_every_second(office, notify):
    add_fault(notify.path, Fault("answer", status=403, count=MANY))
    office.do("signups", "add", CAMPAIGN, *VOLUNTEER)

    with working(office, NOTIFY_BASE_URL=notify.url):
        until(lambda: struck(notify) == 1)
        time.sleep(6)

        assert struck(notify) == 1


def test_one_that_notify_cannot_answer_is_asked_for_less_and_less_and_holds_up_no_other(
    office, notify
):
    add_fault(notify.path, Fault("answer", status=500, address="ada.*", count=MANY))
    office.do("signups", "add", CAMPAIGN, *VOLUNTEER)

    with working(office, NOTIFY_BASE_URL=notify.url):
        until(lambda: struck(notify) == 1)
        began = time.monotonic()
        office.do("signups", "add", CAMPAIGN, *VOLUNTEER, "--email", "ben@example.com")
        until(lambda: [one.email_address for one in notify.ledger()] == ["ben@example.com"])
        until(lambda: struck(notify) == 2)

    assert time.monotonic() - began > 8


@pytest.fixture
def live(office, notify):
    """A workspace that works live, whose links lead to its own `serve`."""
    office.write("outreach.toml", PEOPLE)
    form = 'form = "https://forms.example.com/take-part"\nstop_address = "stop@example.com"\n'
    office.edit(f"campaigns/{CAMPAIGN}.toml", "\n[facts]\n", f"\n{form}\n[facts]\n")
    office.env |= office.at(
        notify, "live", OUTREACH_MODE="live", OUTREACH_PERSON="researcher@example.com"
    )
    return office


def test_in_live_they_wait_for_another_persons_code_and_for_being_switched_on(live, notify):
    live.do("signups", "add", CAMPAIGN, *VOLUNTEER)
    assert "their texts are not approved" in live.run("doctor").said
    assert "somebody else approves" in live.refused("approve", CAMPAIGN, "--confirmations", "--yes")

    live.do("review", CAMPAIGN, "--confirmations", "--email", "head.of.policy@example.com")
    [asked] = notify.ledger()
    assert "You have signed up for research on Claim funding" in asked.body
    code = re.search(r"\b\w{4}-\w{4}-\w{4}\b", asked.body)[0]
    live.do("approve", CAMPAIGN, "--confirmations", "--code", code, "--facts", "all", "--yes")
    assert "approved, and not switched on" in live.run("doctor").said

    held = live.start("worker")  # nobody is there to say yes
    until(lambda: "not switched on" in held.stderr.readline())
    held.send_signal(signal.SIGTERM)
    held.communicate(timeout=PATIENCE)
    assert len(notify.ledger()) == 1
    assert "--approved 5" in live.refused("worker", "--yes")

    process = live.start("worker", "--yes", "--approved", "5")
    until(lambda: len(notify.ledger()) == 2)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    told = notify.ledger()[-1]
    assert told.email_address == "ada.bell@example.com"
    assert told.subject == "You have signed up for research on Claim funding for mentor training"
    assert live.listed("status", CAMPAIGN)["confirmations"]["waiting"] == 0
