"""The demo: the first thing a newcomer runs."""

import csv

from tests.journeys.conftest import ADDRESS, CAMPAIGN, ROOT, Place

HOSTILE = {
    "NOTIFY_BASE_URL": "https://notify.example.com",
    "NOTIFY_LIVE_KEY": "somebody-00000000-0000-0000-0000-000000000000-real",
    "NOTIFY_TEMPLATE_ID": "not an id",
    "OUTREACH_MODE": "live",
    "OUTREACH_DATABASE_URL": "postgresql://database.example.com/real",
    "OUTREACH_PUBLIC_URL": "http://example.com",
    "OUTREACH_SECRET": "somebody's",
    "OUTREACH_WORKSPACE": "/nowhere",
}


def listed_addresses():
    with (ROOT / "recipients" / "example-bpn.csv").open(encoding="utf-8", newline="") as file:
        return sorted(row["email address"] for row in csv.DictReader(file))


def assert_ran(ended, shown):
    assert ended.code == 0, ended.said
    assert "48 of 50 reached" in ended.said
    assert shown.listed("status", CAMPAIGN)["counts"] == {
        "delivered": 48,
        "permanent-failure": 1,
        "temporary-failure": 1,
    }
    assert sorted(shown.taken()) == listed_addresses()


def test_the_demo_sends_to_everybody_once_and_follows_them_to_the_last_word(tmp_path, forking):
    person = Place(tmp_path, tmp_path, forking)
    ended = person.run("demo", "--in", "shown")
    shown = Place(tmp_path / "shown", tmp_path, forking)

    assert_ran(ended, shown)
    standing = shown.listed("status", CAMPAIGN)
    assert (standing["finished"], standing["settled"], standing["signups"]) == (True, True, 2)
    assert len(shown.listed("signups", "list", CAMPAIGN)) == 2
    [report] = (shown.folder / "out").glob("*report*.html")
    page = report.read_text(encoding="utf-8")
    assert "48" in page
    assert not ADDRESS.search(page)
    assert str(report) in ended.said
    assert "outreach local-notify" in ended.said


def test_what_the_demo_shows_under_a_command_is_what_that_command_says(tmp_path, forking):
    shown = Place(tmp_path / "shown", tmp_path, forking)
    out = Place(tmp_path, tmp_path, forking).do("demo", "--in", "shown").out

    for words in (("status", CAMPAIGN), ("sync",)):  # `sync` last: it changes when that was
        under = f"  $ outreach {' '.join(words)}\n{shown.do(*words).out}\n"
        assert under in out


def test_a_demo_run_again_among_real_settings_stays_on_this_machine(made, tmp_path, forking):
    # Run from a workspace in use, whose own settings and database it must not meet.
    person = made.copy_to(tmp_path / "office")
    before = person.state()

    ended = person.run("demo", "--in", tmp_path / "again", **HOSTILE)

    assert_ran(ended, Place(tmp_path / "again", tmp_path, forking))
    assert person.state() == before


def test_a_demo_does_not_touch_a_folder_that_is_in_use(empty):
    before = empty.state()

    ended = empty.run("demo", "--in", ".")

    assert ended.code != 0
    assert empty.state() == before
