"""A partner's pack in live mode: somebody else approves it by a code before it is handed over."""

import re

import pytest

PEOPLE = """
people = ["researcher@example.com"]
approvers = ["head.of.policy@example.com"]
"""
PACK = ("partner", "pack", "niot-invite", "niot", "--out", "pack")


@pytest.fixture
def live(office, notify):
    office.write("outreach.toml", PEOPLE)
    office.env |= office.at(
        notify,
        "live",
        OUTREACH_MODE="live",
        OUTREACH_PERSON="researcher@example.com",
        OUTREACH_PUBLIC_URL="https://outreach.example.org",
    )
    office.do("partner", "add", "niot", "--title", "the National Institute of Teaching")
    return office


def words(live):
    return (live.folder / "pack" / "2-email-to-pass-on.txt").read_text(encoding="utf-8")


def code_asked(live, notify):
    live.do("review", "niot-invite", "--email", "head.of.policy@example.com")
    asked = notify.ledger()[-1]
    assert asked.email_address == "head.of.policy@example.com"
    assert "this pack for the National Institute of Teaching" in asked.body
    return re.search(r"\b\w{4}-\w{4}-\w{4}\b", asked.body)[0]


def test_a_live_pack_is_a_draft_until_another_person_gave_their_code(live, notify):
    live.do(*PACK)
    assert "DRAFT" in words(live)
    assert "somebody else approves" in live.refused("approve", "niot-invite", "--yes")

    code = code_asked(live, notify)
    live.do("approve", "niot-invite", "--code", code, "--facts", "all", "--yes")
    live.do(*PACK)

    assert "DRAFT" not in words(live)
    assert words(live).startswith("Subject: Action: Get ready")
    assert "https://outreach.example.org/p/" in words(live)
    again = ("approve", "niot-invite", "--code", code, "--facts", "all", "--yes")
    assert "used already" in live.refused(*again)


def test_a_code_is_void_once_a_word_of_the_note_was_changed(live, notify):
    code = code_asked(live, notify)

    live.edit("campaigns/niot-invite.toml", "Friday 26 January 2024", "Friday 2 February 2024")
    said = live.refused("approve", "niot-invite", "--code", code, "--facts", "all", "--yes")

    assert "changed since the approver was asked" in said
    live.do(*PACK)
    assert "DRAFT" in words(live)


def test_the_contact_gets_an_approved_live_pack_once_without_any_mark_of_a_test(live, notify):
    live.do("approve", "niot-invite", "--code", code_asked(live, notify), "--facts=all", "--yes")
    send = (*PACK[:4], "--email", "contact@example.com", "--yes")

    live.do(*send)
    live.do(*send)

    [_, sent] = notify.ledger()
    assert sent.email_address == "contact@example.com"
    assert sent.subject.startswith("Action by Friday 26 January 2024")
    assert "Subject: Action: Get ready to claim" in sent.body
