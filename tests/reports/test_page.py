"""The report of a campaign: schools and numbers, and markup that nobody typed."""

from collections import Counter
from datetime import UTC, datetime

from bs4 import BeautifulSoup

from postroom.reports.counts import SchoolOutcome, Standing
from postroom.reports.page import report_page
from postroom.tables import Status

NOW = datetime(2024, 7, 22, 9, 5, tzinfo=UTC)


def standing(**changes):
    given = {
        "campaign": "cards",
        "mode": "live",
        "counts": {Status.DELIVERED: 3, Status.PERMANENT_FAILURE: 1, Status.SKIPPED: 1},
        "left_out": {"asked not to be emailed": 1},
        "not_sent": {},
        "schools": [
            SchoolOutcome("900001", "<b>Bold</b> School", Counter({Status.DELIVERED: 3}), 2),
            SchoolOutcome("900002", "Second School", Counter({Status.PERMANENT_FAILURE: 1}), 0),
        ],
        "doubt_until": None,
        "lost_track": 0,
        "stopped_why": None,
        "synced_at": NOW,
        "oldest_moving_at": NOW,
        "lost_track_at": None,
        "tried": {},
        "signups": 2,
    }
    return Standing(**{**given, **changes})


def page(found):
    return BeautifulSoup(report_page(found, title="Cards & <fees>", now=NOW), "html.parser")


def test_counts_add_up_to_everyone_who_was_chosen():
    found = standing()

    assert found.total == 5
    assert "5 chosen" in " ".join(page(found).get_text(" ").split())


def test_a_school_is_reached_once_one_email_was_delivered():
    text = " ".join(page(standing()).get_text(" ").split())

    assert "1 of 2 schools reached" in text
    assert "1 not reached" in text


def test_a_school_whose_emails_all_wait_here_is_not_said_to_have_one_on_its_way():
    outcomes = {
        "not yet sent": Counter({Status.PLANNED: 2, Status.PERMANENT_FAILURE: 1}),
        "on its way": Counter({Status.PLANNED: 1, Status.IN_DOUBT: 1}),
        "reached": Counter({Status.PLANNED: 1, Status.DELIVERED: 1}),
        "not reached": Counter({Status.PERMANENT_FAILURE: 1, Status.SKIPPED: 1}),
    }
    schools = [
        SchoolOutcome(f"90000{n}", wanted, statuses, 0)
        for n, (wanted, statuses) in enumerate(outcomes.items())
    ]

    assert [school.outcome for school in schools] == list(outcomes)
    text = " ".join(page(standing(schools=schools)).get_text(" ").split())
    assert "1 not yet sent to: every email to them waits here." in text
    assert "delivered or on its way" not in text


def test_what_people_typed_is_text_and_never_markup():
    shown = page(standing())

    assert "<b>Bold</b> School" in shown.get_text()
    assert shown.title.get_text() == "Cards & <fees> – report"
    assert not shown.find_all("b")


def test_times_are_london_times():
    assert "22 July 2024 at 10:05am" in page(standing()).get_text()


def test_a_rehearsal_says_that_it_is_one():
    assert "A rehearsal" in page(standing(mode="local")).get_text()
    assert "A rehearsal" not in page(standing()).get_text()


def test_settled_means_that_every_last_word_is_in_or_known_to_be_lost():
    moving = {Status.DELIVERED: 1, Status.SENDING: 1}

    assert not standing(counts=moving).settled
    assert standing(counts=moving, lost_track=1).settled
    assert not standing(counts={Status.IN_DOUBT: 1}).finished
