"""Looking before sending: who gets which text, in the terminal, on a page and for a program."""

import csv
import json
import os
import select
import subprocess
import sys
from contextlib import suppress

import pytest

from tests.journeys.conftest import CAMPAIGN, ROOT

HELD = "office@larkwhistle.example.com"
TEMPLATE = """{% extends "base.md" %}
{% block subject %}Claim {{ recipient.amount }}{% endblock %}
{% block body %}
Dear {{ recipient.name }},

You can claim {{ recipient.amount }}.
{% endblock %}
"""


def row_of(office, address):
    with (office.folder / "recipients/example-bpn.csv").open(encoding="utf-8", newline="") as file:
        rows = {
            line["email address"]: number for number, line in enumerate(csv.DictReader(file), 2)
        }
    return rows[address]


@pytest.fixture
def many(office):
    """A campaign to 250 people, each with an amount of their own."""
    office.write(
        "recipients/many.csv",
        "email address,name,amount\n"
        + "".join(f"reader{n}@school.example.com,Reader {n},£{n}.05\n" for n in range(250)),
    )
    office.do("recipients", "import", "recipients/many.csv", "--list", "many", "--yes")
    facts = (office.folder / f"campaigns/{CAMPAIGN}.toml").read_text(encoding="utf-8")
    office.write("campaigns/many.toml", facts.replace("example-bpn", "many", 1))
    office.edit("campaigns/many.toml", "bpn-invite.md", "many.md")
    office.write("templates/email/many.md", TEMPLATE)
    return office


def test_a_school_without_a_urn_is_counted_by_its_name_and_alike_from_list_to_report(office):
    office.write(
        "recipients/mixed.csv",
        "email address,name,school,urn\n"
        "ann@example.com,Ann,Oak Primary,900001\n"
        "ben@example.com,Ben,Elm House,\n"
        "cat@example.com,Cat,ELM HOUSE ,\n"
        "dan@example.com,Dan,,\n",
    )
    office.do("recipients", "import", "recipients/mixed.csv", "--list", "mixed", "--yes")
    office.edit(f"campaigns/{CAMPAIGN}.toml", "example-bpn", "mixed")

    [mixed] = [one for one in office.listed("recipients", "list") if one["name"] == "mixed"]
    said = [office.do(*command, CAMPAIGN, "--yes").said for command in (("approve",), ("send",))]

    assert mixed["schools"] == 2
    assert "4 emails to 2 schools" in said[0]
    assert "4 approved to 2 schools" in said[1]
    assert "of 2 reached" in office.do("status", CAMPAIGN).said


def test_whoever_is_held_back_is_in_no_preview_and_their_row_says_why(office):
    office.do("suppress", "add", HELD, "--reason", "Jane Smith rang, on sick leave")
    row = row_of(office, HELD)

    everybody = office.listed("preview", CAMPAIGN)
    one = office.listed("preview", CAMPAIGN, "--row", row)

    assert (everybody["emails"], everybody["left_out"]) == (49, 1)
    assert everybody["texts"][0]["rows"] == [n for n in range(2, 52) if n != row]
    assert one["why_left_out"] == (
        f"Row {row} gets nothing: must get no announcements and no research."
    )
    said = office.do("preview", CAMPAIGN).said
    assert "49 emails, 1 distinct text." in said
    assert "1 row left out: nothing is sent there." in said
    page = (office.folder / f"out/{CAMPAIGN}-preview.html").read_text(encoding="utf-8")
    assert "49 emails, 1 distinct text, as GOV.UK Notify will make them." in page
    office.do("review", CAMPAIGN)
    pack = (office.folder / f"out/{CAMPAIGN}-local-review.html").read_text(encoding="utf-8")
    assert "Left out: 1, must get no announcements and no research." in pack
    assert "Jane" not in pack + page


def test_a_text_that_a_partner_passes_on_is_nobodys_row(office):
    said = office.do("preview", "niot-invite").said

    assert "For: everybody it reaches: none of them is held here" in said
    assert "row 0" not in said


def test_every_row_is_in_the_json_and_a_page_shows_so_many_emails_as_a_person_reads(many):
    told = many.listed("preview", "many")
    texts_page = many.folder / "out/many-preview.html"
    texts = texts_page.read_text(encoding="utf-8")
    many.do("preview", "many", "--all")
    single = texts_page.read_text(encoding="utf-8")

    assert told["summary"] == (
        "250 emails, 250 distinct texts: column amount differs in every one."
    )
    assert sorted(row for text in told["texts"] for row in text["rows"]) == list(range(2, 252))
    for page in (texts, single):
        assert page.count("<article") == 200
        assert "These are 200; 50 more are not on this page." in page
    pack = many.folder / "pack.html"
    many.run("review", "many", "--out", pack)
    assert all(f"£{n}.05" in pack.read_text(encoding="utf-8") for n in range(250))


def test_an_amount_from_the_list_is_named_in_the_check(many):
    found = json.loads(many.run("check", "many", "--json").out)["problems"]

    amounts = [problem for problem in found if problem["check"] == "undeclared-amount"]
    assert "“£7.05”" in " ".join(problem["text"] for problem in amounts)
    assert len(amounts) < 250


def test_rows_of_two_lists_are_told_with_the_spreadsheet_they_are_in(many):
    many.write(
        "recipients/extra.csv", "email address,name,amount\nz@school.example.com,Zed,£9999.05\n"
    )
    many.do("recipients", "import", "recipients/extra.csv", "--list", "extra", "--yes")
    many.edit("campaigns/many.toml", 'list = "many"', 'list = ["many", "extra"]')

    found = json.loads(many.run("check", "many", "--json").out)["problems"]

    rows = [row for problem in found for row in problem["rows"]]
    assert {"2 of many.csv", "2 of extra.csv"} <= set(rows)
    assert all(isinstance(row, str) for row in rows)


def test_a_campaign_fresh_from_new_is_checked_before_its_list_is_here(empty):
    empty.do("new", "spring", "--from", "reminder")

    ended = empty.run("check", "spring")
    told = json.loads(empty.run("check", "spring", "--json").out)

    assert ended.code == 1
    assert "spring: its list is not here yet. Its text was checked" in ended.said
    assert "“TBC” was left in" in ended.said
    assert "There is no list “spring”" in ended.err
    assert told["blocked"]
    assert told["emails"] == 0


def test_schools_without_a_urn_are_counted_as_schools(many):
    many.write(
        "recipients/named.csv",
        "email address,name,amount,school\n"
        + "".join(f"reader{n}@school.example.com,Reader,£1,School {n % 3}\n" for n in range(9)),
    )
    many.do("recipients", "import", "recipients/named.csv", "--list", "many", "--yes", "--replace")

    assert "9 emails to 3 schools" in many.run("check", "many").said


SLOW = """
import time
from postroom.commands.printing import slow_bar
with slow_bar("Checking") as progress:
    for done in range({steps}):
        progress(done, {steps})
        time.sleep(0.1)
"""


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal of its own")
@pytest.mark.parametrize(("steps", "is_shown"), [(3, False), (20, True)])
def test_a_bar_is_shown_in_a_terminal_for_what_takes_more_than_a_second(steps, is_shown):
    here, there = os.openpty()
    run = subprocess.run(
        [sys.executable, "-c", SLOW.format(steps=steps)],
        cwd=ROOT,
        stderr=there,
        stdout=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        check=True,
    )
    os.close(there)
    said = b""
    with suppress(OSError):  # nothing was written
        said = b"" if not select.select([here], [], [], 0)[0] else os.read(here, 100_000)
    os.close(here)

    assert (b"Checking" in said) is is_shown
    assert run.stdout == b""
