"""Answers from another form: a large import that is killed, run again, and repeated."""

import csv
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from tests.journeys.conftest import CAMPAIGN, PATIENCE
from tests.research.exports import LAST_YEAR, last_year
from tests.waiting import until

ANSWERS = 2_000
WITHOUT_PERMISSION = ANSWERS // 10
HEADINGS = (
    "Timestamp",
    "Email Address",
    "What is your name?",
    "Where do you work?",
    "What is your main role?",
    "How would you like to take part?",
    "Can we contact you about research?",
)
IMPORT = ("signups", "import", "answers.csv", "--form", "volunteers", "--yes")


@pytest.fixture
def with_answers(empty):
    """A workspace with a large export, and the mapping file that a small one of its kind left."""
    last_year("google-forms.csv", empty.folder)
    empty.do(*IMPORT[:2], "google-forms.csv", *IMPORT[3:], "--campaign", CAMPAIGN)
    with (empty.folder / "answers.csv").open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow([*HEADINGS, "Which ITT providers do you work with?"])
        for number in range(ANSWERS):
            person = (f"person{number}@example.com", f"Person {number}", "Oak, 900003")
            chosen = ("General mentor", "Survey, By phone", "No" if number % 10 == 0 else "Yes")
            writer.writerow([f"{LAST_YEAR}-09-21 09:00", *person, *chosen, ""])
    return empty


def wait_until_it_writes(place, process):
    """Return once *process* holds the write lock of the database."""
    with closing(sqlite3.connect(place.folder / "outreach.db", timeout=0)) as connection:

        def is_held():
            assert process.poll() is None, "it ended before it wrote anything"
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.rollback()
            return False

        until(is_held, every=0.002)


def test_an_import_killed_in_the_middle_leaves_nothing_and_run_again_brings_everybody_in(
    with_answers,
):
    before = with_answers.state()
    process = with_answers.start(*IMPORT)
    wait_until_it_writes(with_answers, process)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
    assert with_answers.state() == before

    begun = time.monotonic()
    ended = with_answers.do(*IMPORT)
    took = time.monotonic() - begun
    after = with_answers.state()
    again = with_answers.do(*IMPORT)

    assert f"{ANSWERS - WITHOUT_PERMISSION:,} new" in ended.said
    assert took < 30, "two thousand answers take seconds"
    assert "Nothing is new in it: nothing was changed" in again.said
    assert with_answers.state() == after


def test_two_imports_at_once_bring_everybody_in_once(with_answers):
    both = [with_answers.start(*IMPORT) for _ in range(2)]
    for process in both:
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, out + err

    listed = with_answers.listed("signups", "list", CAMPAIGN)

    assert len(listed) == ANSWERS - WITHOUT_PERMISSION + 3
    assert len({line["address"] for line in listed}) == len(listed)


def test_nothing_of_anybody_is_in_what_a_refusal_prints(empty):
    empty.write(
        "answers.csv",
        f"{','.join(HEADINGS)}\n{LAST_YEAR}-09-21,person at example.com,Ada Bell,Oak,,,Yes\n",
    )

    ended = empty.run(*IMPORT, "--campaign", CAMPAIGN)

    assert ended.code == 1
    assert "Ada" not in ended.err
    assert "person at" not in ended.err
