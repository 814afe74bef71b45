"""A live send: somebody else approves by a code, and the sender says how many."""

import os
import re
import shutil
import subprocess

import pytest

from postroom.localnotify import Fault, add_fault
from tests.journeys.conftest import CAMPAIGN

PEOPLE = """
people = ["policy.officer@example.com", "researcher@example.com"]
approvers = ["head.of.policy@example.com"]
"""
ELSEWHERE = """
form = "https://forms.example.com/take-part"
stop_address = "stop@example.com"

[facts]
"""


def test_live_mail_leaves_only_after_another_persons_code_and_the_right_count(office, notify):
    office.write("outreach.toml", PEOPLE)
    office.edit(f"campaigns/{CAMPAIGN}.toml", "\n[facts]\n", ELSEWHERE)
    office.env |= office.at(
        notify, "live", OUTREACH_MODE="live", OUTREACH_PERSON="researcher@example.com"
    )
    said = office.refused("send", CAMPAIGN, "--approved", "50", "--yes")
    assert "not approved in live mode" in said

    office.do("review", CAMPAIGN, "--email", "head.of.policy@example.com")
    [asked] = notify.ledger()
    assert asked.email_address == "head.of.policy@example.com"
    code = re.search(r"\b\w{4}-\w{4}-\w{4}\b", asked.body)[0]
    numbers = ",".join(map(str, range(1, 15)))
    said = office.refused("approve", CAMPAIGN, "--code", code, "--facts", f"{numbers},99", "--yes")
    assert "There is no fact 99: they run from 1 to 15." in said
    office.do("approve", CAMPAIGN, "--code", code, "--facts", "all", "--yes")

    for count in ((), ("--approved", "49")):
        said = office.refused("send", CAMPAIGN, *count, "--yes")
        assert "--approved 50" in said
    assert len(notify.ledger()) == 1

    office.do("send", CAMPAIGN, "--approved", "50", "--yes")

    assert len({each.email_address for each in notify.ledger()}) == 51
    assert not any("[" in each.subject for each in notify.ledger()[1:])


def git(office, *words, who):
    # The machine's own settings are no part of this story.
    env = office.env | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    identity = ("-c", f"user.email={who}", "-c", "user.name=Somebody")
    subprocess.run(
        ["git", *identity, *words], cwd=office.folder, env=env, check=True, capture_output=True
    )


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_whoever_committed_the_last_change_to_the_email_may_not_approve_it(office, notify):
    approver, template = "head.of.policy@example.com", "templates/email/bpn-invite.md"
    office.write("outreach.toml", PEOPLE)
    office.edit(f"campaigns/{CAMPAIGN}.toml", "\n[facts]\n", ELSEWHERE)
    office.env |= office.at(
        notify, "live", OUTREACH_MODE="live", OUTREACH_PERSON="researcher@example.com"
    )
    git(office, "init", "-q", who=approver)
    git(office, "add", "campaigns", "templates", "facts", who=approver)
    git(office, "commit", "-qm", "All of it", who=approver)

    said = office.refused("review", CAMPAIGN, "--email", approver)
    assert "Whoever changed the files of bpn-invite last, as git has it, may not approve" in said
    assert notify.ledger() == []

    office.edit(template, "How it works", "How all of it works")
    git(office, "commit", "-qam", "A word", who="colleague@example.com")
    office.do("review", CAMPAIGN, "--email", approver)
    assert [each.email_address for each in notify.ledger()] == [approver]


def test_a_code_is_void_once_a_source_or_the_author_was_changed(office, notify):
    campaign = f"campaigns/{CAMPAIGN}.toml"
    office.write("outreach.toml", PEOPLE)
    office.edit(campaign, "\n[facts]\n", ELSEWHERE)
    office.env |= office.at(
        notify, "live", OUTREACH_MODE="live", OUTREACH_PERSON="researcher@example.com"
    )
    office.do("review", CAMPAIGN, "--email", "head.of.policy@example.com")
    code = re.search(r"\b\w{4}-\w{4}-\w{4}\b", notify.ledger()[0].body)[0]

    office.edit(campaign, 'author = "policy.officer@', 'author = "head.of.policy@')
    ended = office.run("approve", CAMPAIGN, "--code", code, "--facts", "all", "--yes")

    assert ended.code == 1
    assert "changed since the approver was asked" in ended.said


def test_doctor_finds_the_way_to_a_live_send_clear_only_once_it_is(office, notify):
    office.write("outreach.toml", 'people = ["researcher@example.com"]\n')
    office.env |= office.at(notify, "live", OUTREACH_PUBLIC_URL="https://127.0.0.1:1")

    ended = office.run("doctor", "--mode", "live", OUTREACH_PERSON="somebody@example.com")

    assert ended.code == 1
    assert "stop person In live mode OUTREACH_PERSON must be one of" in ended.said
    assert "stop approvers nobody is named" in ended.said
    assert "stop links https://127.0.0.1:1/health does not answer" in ended.said

    office.write("outreach.toml", PEOPLE)
    office.edit(f"campaigns/{CAMPAIGN}.toml", "\n[facts]\n", ELSEWHERE)
    (office.folder / "campaigns" / "niot-invite.toml").unlink()
    found = office.listed("doctor", "--mode", "live", OUTREACH_PERSON="researcher@example.com")
    assert "stop" not in {each["verdict"] for each in found}
    assert {"links", "person", "clock", "Notify"} <= {each["about"] for each in found}


def test_the_refusal_of_a_stranger_says_who_may_type_an_approvers_code(office, notify):
    office.write("outreach.toml", PEOPLE)
    there = office.at(notify, "live", OUTREACH_PERSON="head.of.policy@example.com")

    said = office.refused("approve", CAMPAIGN, "--mode", "live", "--code", "abcd", **there)

    assert "somebody in `people` types the approver's code" in said


def test_doctor_tells_a_copy_without_its_secret_how_to_get_one(office):
    (office.folder / "outreach.secret").unlink()
    (office.folder / "outreach.db").unlink()

    ended = office.run("doctor")

    assert ended.code == 1
    assert f"stop secret There is no secret at {office.folder}" in ended.said
    assert f"stop database none yet. Make it: outreach init {office.folder}" in ended.said
    office.do("init", office.folder)
    assert "note clock it is " in office.do("doctor").said


@pytest.mark.parametrize("part", [(), ("--confirmations",)])
def test_an_approver_whose_request_got_no_answer_may_have_it_and_is_asked(office, notify, part):
    office.write("outreach.toml", PEOPLE)
    office.edit(f"campaigns/{CAMPAIGN}.toml", "\n[facts]\n", ELSEWHERE)
    office.env |= office.at(
        notify, "live", OUTREACH_MODE="live", OUTREACH_PERSON="researcher@example.com"
    )
    add_fault(notify.path, Fault(do="drop", when="after", count=1))

    ended = office.run("review", CAMPAIGN, *part, "--email", "head.of.policy@example.com")

    assert ended.code == 1
    assert "may have arrived all the same: ask the approver" in ended.err
    assert len(notify.ledger()) == 1
