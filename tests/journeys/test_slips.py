"""A slip of the hand is answered in words, and does no harm."""

import os
import stat
from pathlib import Path

import pytest

from tests.journeys.conftest import CAMPAIGN, LIST


@pytest.mark.parametrize(
    "command",
    [
        ("report", CAMPAIGN, "--out"),
        ("review", CAMPAIGN, "--out"),
        ("preview", CAMPAIGN, "--html"),
        ("preview", CAMPAIGN, "--text"),
    ],
    ids=" ".join,
)
def test_a_folder_named_as_a_file_is_refused_and_stays_as_it_was(approved, command):
    folder = approved.folder / "shared"
    folder.mkdir(mode=0o755)

    said = approved.refused(*command, folder)

    assert "is a folder. Name a file in it" in said
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_what_is_thrown_away_takes_no_permission_from_the_bin(approved):
    before = Path(os.devnull).stat().st_mode

    approved.do("report", CAMPAIGN, "--out", os.devnull)

    assert Path(os.devnull).stat().st_mode == before


def test_a_wrong_number_of_a_fact_is_wrong_usage(office):
    said = office.refused("approve", CAMPAIGN, "--yes", "--facts", "abc", code=2)

    assert "give numbers like 1,2,5, or all" in said


def test_a_page_that_cannot_be_written_is_said_so(office):
    office.write("taken", "")

    said = office.refused("preview", CAMPAIGN, "--html", "taken/page.html")

    assert "taken" in said
    assert "Mend that, or name another place" in said


def test_an_address_that_is_none_is_not_served_at(office):
    said = office.refused("serve", "--host", "300.1.1.1")

    assert "Cannot listen on 300.1.1.1: there is no such address" in said


@pytest.mark.parametrize("command", ["stop", "resume", "status"])
def test_a_misspelt_campaign_is_said_to_be_unknown(approved, command):
    said = approved.refused(command, "bpn-invit")

    assert "did you mean bpn-invite?" in said


def test_how_to_go_on_is_said_with_the_mode(approved):
    approved.do("stop", CAMPAIGN, "--reason", "wrong figure")

    said = approved.refused("send", CAMPAIGN, "--yes")

    assert f"outreach resume {CAMPAIGN} --mode local" in said


def test_status_of_all_campaigns_keeps_to_the_mode_that_is_asked_for(approved):
    assert [row["mode"] for row in approved.listed("status")] == ["local"]
    assert approved.listed("status", "--mode", "test") == []
    assert "in test mode" in approved.do("status", "--mode", "test").said


def test_stopped_confirmations_stand_in_status_and_are_not_stopped_twice(approved):
    approved.do("stop", CAMPAIGN, "--confirmations", "--reason", " a wrong word ")

    said = approved.do("status", CAMPAIGN).said
    again = approved.refused("stop", CAMPAIGN, "--confirmations")

    assert f"stopped: a wrong word. To go on: outreach resume {CAMPAIGN} --confirmations" in said
    assert "stopped in local mode already" in again
    approved.do("resume", CAMPAIGN, "--confirmations")
    assert "a wrong word" not in approved.do("status", CAMPAIGN).said


def test_who_sends_by_hand_is_told_of_the_time_that_was_set(approved):
    approved.do("send", CAMPAIGN, "--at", "2099-01-14 09:30", "--yes")

    said = approved.do("send", CAMPAIGN, "--wave", "1", "--yes").said

    assert "It is set for 14 January 2099 at 9:30am in London" in said


def test_the_reason_for_a_stop_that_may_stand_is_shown_wherever_the_stop_is(empty):
    template = "templates/email/bpn-invite.md"
    empty.edit(template, "{% block body %}", "{% block body %}\nCome on 31 November 2024.\n")
    answer = ("--answer", "no-such-date", "--because", "it is a riddle")

    before = empty.run("check", CAMPAIGN, *answer).said
    empty.do("recipients", "import", LIST, "--list", "example-bpn", "--yes")

    assert "1 stop of no-such-date may stand" in before
    for command in (("check", CAMPAIGN), ("approve", CAMPAIGN, "--yes")):
        assert "It may stand, says" in (said := empty.do(*command).said)
        assert "it is a riddle" in said


def test_a_secret_that_cannot_be_read_is_not_said_to_be_missing(approved):
    secret = approved.folder / "outreach.secret"
    secret.unlink()
    secret.mkdir()

    said = approved.run("status").said

    assert "cannot be read" in said
    assert "outreach init" not in said
