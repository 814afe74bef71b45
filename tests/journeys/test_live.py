"""A live send: somebody else approves by a code, and the sender says how many."""

import re

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
    office.do("approve", CAMPAIGN, "--code", code, "--facts", "all", "--yes")

    for count in ((), ("--approved", "49")):
        said = office.refused("send", CAMPAIGN, *count, "--yes")
        assert "--approved 50" in said
    assert len(notify.ledger()) == 1

    office.do("send", CAMPAIGN, "--approved", "50", "--yes")

    assert len({each.email_address for each in notify.ledger()}) == 51
    assert not any("[" in each.subject for each in notify.ledger()[1:])


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
