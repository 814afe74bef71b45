"""Before approved mail goes, everybody's email is made and checked again where something changed
since, and only there.
"""

import pytest

from tests.journeys.conftest import CAMPAIGN, LIST

FIRST = "z.brackenrill@tallowick.example.com"
UNSEEN = "UPDATE recipients SET address_key = randomblob(32)"
"""A change that leaves no trace, as no command makes one: who looks meets none but strangers."""
OTHER_LIST = "email address,name\nsomebody@elsewhere.example.com,Somebody\n"


def refused_or_sent(place, **env):
    """Send; return what was said and how many emails Notify took."""
    ended = place.run("send", CAMPAIGN, "--yes", **env)
    return ended.said, len(place.taken())


def test_where_nothing_changed_nobody_is_looked_at_and_the_mail_goes_as_approved(approved):
    approved.change(UNSEEN)

    said, sent = refused_or_sent(approved)

    assert sent == 50, said


def test_a_send_that_goes_on_looks_at_nobody_either(approved):
    approved.do("send", CAMPAIGN, "--wave", "5", "--yes")
    approved.do("sync")
    approved.change(UNSEEN)

    approved.do("send", CAMPAIGN, "--yes")

    assert len(approved.taken()) == 50


def import_the_list_again(place):
    place.do("recipients", "import", LIST, "--list", "example-bpn", "--yes")


def import_another_list(place):
    place.write("elsewhere.csv", OTHER_LIST)
    place.do("recipients", "import", "elsewhere.csv", "--list", "elsewhere", "--yes")


def add_to_the_calendar(place):
    place.write("facts/calendar.toml", (place.folder / "facts/calendar.toml").read_text() + "\n#\n")


def replace_an_address(place):
    new = "new@tallowick.example.com"
    words = ("--list", "example-bpn", "--reason", "she left", "--yes")
    place.do("recipients", "replace", FIRST, new, *words)


@pytest.mark.parametrize("change", [import_the_list_again, add_to_the_calendar, replace_an_address])
def test_where_something_changed_everybody_is_looked_at(approved, change):
    change(approved)
    approved.change(UNSEEN)

    said, sent = refused_or_sent(approved)

    assert "50 new on the list since the approval" in said
    assert sent == 0


def test_a_list_that_has_nothing_to_do_with_it_is_none_of_its_business(approved):
    import_another_list(approved)
    approved.change(UNSEEN)

    assert refused_or_sent(approved)[1] == 50


@pytest.mark.parametrize("change", [import_the_list_again, add_to_the_calendar])
def test_what_changed_and_makes_no_difference_is_looked_at_once_and_let_go(approved, change):
    change(approved)
    approved.do("send", CAMPAIGN, "--wave", "5", "--yes")
    approved.change(UNSEEN)

    approved.do("send", CAMPAIGN, "--yes")

    assert len(approved.taken()) == 50


def test_a_template_that_others_build_on_is_looked_at(approved):
    approved.edit("templates/email/base.md", "\n", "\n\n")

    said = approved.refused("send", CAMPAIGN, "--yes")

    assert "templates/email/base.md was changed after the approval" in said


def test_whoever_was_left_out_and_may_be_written_to_again_must_be_approved(office):
    why = ("--reason", "asked by telephone")
    office.do("suppress", "add", FIRST, *why)
    office.do("approve", CAMPAIGN, "--yes")
    office.do("suppress", "lift", FIRST, *why)

    said = office.refused("send", CAMPAIGN, "--yes")

    assert "1 new on the list since the approval" in said


def test_a_shorter_list_of_allowed_addresses_holds_at_once(approved):
    said, sent = refused_or_sent(approved, OUTREACH_ALLOWED_ADDRESSES="@tallowick.example.com")

    assert "49 not among allowed_addresses" in said
    assert sent == 0


def test_a_list_whose_day_came_takes_its_campaign_with_it(approved):
    approved.change("UPDATE lists SET gone_by = '2026-01-01'")
    approved.do("retention", "--apply", "--yes")

    said, sent = refused_or_sent(approved)

    assert "There is no list" in said
    assert sent == 0
