"""A researcher is told who is still missing: every Monday, once, in numbers."""

from datetime import UTC, datetime, timedelta

import pytest

from postroom.content.campaign_file import read_campaign
from postroom.content.notify_markdown import render_text
from postroom.reports.weekly_summary import summary_email
from postroom.research import weekly
from postroom.research.who_is_missing import Count
from tests.databases import database, database_place, keys, now

__all__ = ["database", "database_place", "keys", "now"]

MONDAY_AT_9 = datetime(2026, 6, 15, 8, tzinfo=UTC)  # summer time in London
CAMPAIGN = read_campaign(
    "bpn-invite",
    """
title = "Mentor *research*"
kind = "research"
template = "invite.md"
route = "direct"
list = "bpn"
send_on = 2026-06-09
author = "policy@example.com"
researcher = "researcher@example.com"
""",
)


def week_due(database, at, campaign=CAMPAIGN, mode="live"):
    with database.read() as session:
        return weekly.week_due(session, campaign, mode, now=at)


def claim(database, at, mode="live"):
    with database.write() as session:
        return weekly.claim(session, CAMPAIGN, mode, week_due(database, at, mode=mode), now=at)


@pytest.mark.parametrize(
    ("at", "week"),
    [
        (MONDAY_AT_9 - timedelta(minutes=1), None),
        (MONDAY_AT_9, "2026-W25"),
        (MONDAY_AT_9 + timedelta(days=6), "2026-W25"),  # the worker was off: better late
        (MONDAY_AT_9 + timedelta(days=7), "2026-W26"),
        (MONDAY_AT_9 - timedelta(days=7), None),  # it was not sent yet
        (MONDAY_AT_9 + timedelta(days=84), "2026-W37"),
        (MONDAY_AT_9 + timedelta(days=91), None),  # its links have ended
    ],
)
def test_it_is_due_from_monday_at_nine_in_london_while_people_can_sign_up(database, at, week):
    assert week_due(database, at) == week


def test_it_is_sent_once_a_week_and_mode_whoever_looks(database):
    assert claim(database, MONDAY_AT_9)
    assert week_due(database, MONDAY_AT_9 + timedelta(days=1)) is None
    with database.write() as session:
        assert not weekly.claim(session, CAMPAIGN, "live", "2026-W25", now=MONDAY_AT_9)

    assert week_due(database, MONDAY_AT_9, mode="local") == "2026-W25"
    assert week_due(database, MONDAY_AT_9 + timedelta(days=7)) == "2026-W26"


def test_what_notify_did_not_take_is_due_again(database):
    claim(database, MONDAY_AT_9)
    with database.write() as session:
        weekly.give_back(session, CAMPAIGN, "live", "2026-W25", now=MONDAY_AT_9)

    assert week_due(database, MONDAY_AT_9) == "2026-W25"
    assert claim(database, MONDAY_AT_9)
    assert week_due(database, MONDAY_AT_9) is None


def test_it_says_first_who_is_missing_and_then_every_count():
    counts = [
        Count("role", "General mentor", 0, 4),
        Count("role", "Headteacher", 3, 2),
        Count("route", "direct", 3),
    ]

    email = summary_email(CAMPAIGN, "live", counts, signed_up=3, this_week=1)

    assert email.subject == "1 still missing: Mentor *research*"
    text = render_text(email.body)
    assert "3 signed up so far, 1 of them in the last 7 days." in text
    assert text.index("General mentor: none of 4") < text.index("By role")
    assert "Headteacher: 3 of 2" in text
    assert "direct: 3" in text
    assert "outreach signups list bpn-invite --mode live" in text


def test_with_everybody_there_it_says_so():
    counts = [Count("role", "General mentor", 4, 4)]

    email = summary_email(CAMPAIGN, "live", counts, signed_up=4, this_week=0)

    assert email.subject == "Nobody still missing: Mentor *research*"
    assert "Everybody wanted has signed up." in email.body
