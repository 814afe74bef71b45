"""A story: schools we hold no address of are told by their partner, who answers with numbers."""

import email
import email.policy
import re
import sqlite3

import pytest
from sqlmodel import select

from postroom.commands.desk import open_desk
from postroom.keys import Keys, SignUpLink
from postroom.tables import Approval
from tests.terminals import SECRET

TITLE = "the National Institute of Teaching"
FILES = {
    "1-read-me-first.html",
    "2-email-to-pass-on.eml",
    "2-email-to-pass-on.html",
    "2-email-to-pass-on.txt",
    "3-return-slip.txt",
}


@pytest.fixture
def at_desk(terminal):
    terminal.have_example_campaigns()
    added = terminal.run("partner", "add", "niot", "--title", TITLE)
    assert added.returncode == 0, added.stderr
    return terminal


@pytest.fixture
def make(at_desk):
    def make(*options):
        ended = at_desk.run("partner", "pack", "niot-invite", "niot", "--out", "pack", *options)
        assert ended.returncode == 0, ended.stderr
        folder = at_desk.folder / "pack"
        return {file.name: file.read_bytes().decode() for file in folder.iterdir()}

    return make


def approve(at_desk):
    ended = at_desk.run("approve", "niot-invite", "--yes")
    assert ended.returncode == 0, ended.stderr
    return ended


def opened(files):
    raw = files["2-email-to-pass-on.eml"].encode()
    return email.message_from_bytes(raw, policy=email.policy.default)


def whole(files):
    """Return everything that a reader of the pack can see."""
    message = opened(files)
    parts = [message.get_body((kind,)).get_content() for kind in ("html", "plain")]
    return "\n".join([*parts, *(text for name, text in files.items() if not name.endswith(".eml"))])


def test_until_it_is_approved_every_page_says_draft_and_then_none_does(at_desk, make):
    drafts = make()
    approve(at_desk)
    final = make()

    assert set(drafts) == set(final) == FILES
    assert [name for name, text in drafts.items() if "DRAFT" not in text] == []
    assert [name for name, text in final.items() if "DRAFT" in text] == []


def test_a_changed_word_makes_it_a_draft_again(at_desk, make):
    approve(at_desk)
    file = at_desk.folder / "campaigns" / "niot-invite.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"£876"', '"£877"'), encoding="utf-8")

    assert "DRAFT" in make()["2-email-to-pass-on.txt"]


def test_the_email_opens_as_an_unsent_draft_without_anybody_in_it(at_desk, make):
    approve(at_desk)
    message = opened(make())

    assert message["X-Unsent"] == "1"
    assert [message[name] for name in ("To", "Cc", "Bcc", "From", "Date")] == [None] * 5
    assert message["Subject"].endswith("Action: Get ready to claim general mentor grant funding")
    html = message.get_body(("html",)).get_content()
    text = message.get_body(("plain",)).get_content()
    for part in (html, text):
        assert "£1,076" in part
        assert "sent to you by the National Institute of Teaching on behalf of" in part
        assert "tell the National Institute of Teaching" in part
    assert re.findall(r"<img|crown|govuk-", html, re.IGNORECASE) == []


def test_the_link_names_the_campaign_and_the_route_and_nobody(make):
    files = make()
    links = set(re.findall(r"https://\S+?/p/([\w.-]+)", whole(files)))

    [token] = links
    assert Keys.read(SECRET).read_sign_up_token(token) == SignUpLink("niot-invite", "partner", "")
    assert "/stop/" not in whole(files)
    assert "/r/" not in whole(files)


def test_no_address_but_the_mailbox_to_ask_is_in_it(make):
    addresses = set(re.findall(r"[\w.+-]+@[\w.-]+\w", whole(make())))

    assert addresses == {"ittmentor.funding@education.gov.uk"}


def test_an_open_stop_keeps_the_pack_from_being_made(at_desk):
    file = at_desk.folder / "campaigns" / "niot-invite.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace('"Friday 26 January 2024"', '"TBC: which day"'),
        encoding="utf-8",
    )

    ended = at_desk.run("partner", "pack", "niot-invite", "niot", "--out", "pack")

    assert ended.returncode == 1
    assert "open stops" in ended.stderr
    assert not (at_desk.folder / "pack").exists()


def test_a_note_that_lacks_a_day_is_named_with_where_to_say_it(at_desk):
    file = at_desk.folder / "campaigns" / "niot-invite.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"^tell_us_by.*\n", "", text, flags=re.MULTILINE), encoding="utf-8")

    ended = at_desk.run("partner", "pack", "niot-invite", "niot")

    assert ended.returncode == 1
    assert "facts.tell_us_by" in ended.stderr
    assert "[covering_note]" in ended.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["send", "niot-invite"], "outreach partner pack niot-invite"),
        (["partner", "pack", "bpn-invite", "niot"], "route = "),
        (["partner", "pack", "niot-invite", "nobody"], "There are: niot"),
        (["partner", "pack", "niot-invite", "niot", "--mode", "team"], "OUTREACH_PUBLIC_URL"),
        (["partner", "pack", "niot-invite", "niot", "--email", "c@example.com"], "Approve it"),
        (["approve", "niot-invite", "--mode", "live", "--yes"], ""),
    ],
)
def test_what_may_not_be_is_refused_in_words(at_desk, words, said):
    ended = at_desk.run(*words)

    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_partner_of_another_campaign_gets_no_pack_of_this_one(at_desk):
    at_desk.run("partner", "add", "rowan", "--title", "Rowan Hub")

    ended = at_desk.run("partner", "pack", "niot-invite", "rowan")

    assert "a campaign of its own" in ended.stderr


def test_a_refusal_stands_until_something_changes(at_desk):
    at_desk.run("approve", "niot-invite", "--refuse", "The amounts are old")

    ended = at_desk.run("approve", "niot-invite", "--yes")

    assert ended.returncode == 1
    assert "The amounts are old" in ended.stderr


def test_the_review_shows_both_texts_and_every_fact(at_desk):
    ended = at_desk.run("review", "niot-invite")

    page = (at_desk.folder / "out" / "niot-invite-local-review.html").read_text(encoding="utf-8")
    assert ended.returncode == 0, ended.stderr
    assert "to pass on" in page
    assert "note pass on by" in page
    assert "the covering note to the National Institute of Teaching" in page


def test_the_contact_gets_note_and_text_in_one_email_once_and_is_not_kept(at_desk):
    approve(at_desk)
    words = ("partner", "pack", "niot-invite", "niot", "--email", "c@example.com", "--yes")

    first, second = at_desk.run(*words), at_desk.run(*words)

    assert "Sent the pack" in first.stdout, first.stderr
    assert "already" in second.stdout
    with sqlite3.connect(at_desk.folder / "local-notify.db") as ledger:
        stored = "\n".join(ledger.iterdump())
    ledger.close()
    assert stored.count("c@example.com") >= 1
    assert "Please pass on an email to your schools" in stored
    assert "Subject: [LOCAL] Action: Get ready to claim" in stored


def test_a_pack_leaves_only_as_it_was_approved_to_travel(at_desk):
    approve(at_desk)
    desk = open_desk(at_desk.folder)
    with desk.database.write() as session:  # as a changed template does
        approval = session.exec(select(Approval)).one()
        approval.terms = {**approval.terms, "template_version": 99}
    desk.database.close()

    ended = at_desk.run(
        "partner", "pack", "niot-invite", "niot", "--email", "c@example.com", "--yes"
    )

    assert ended.returncode == 1
    assert "template version was 99, now 1" in ended.stderr
    assert "Nothing was sent" in ended.stderr


def test_the_numbers_a_partner_gives_are_in_the_report_and_the_status(at_desk):
    words = ("partner", "record", "niot-invite", "niot", "--sent-to", "248", "--on", "2024-01-24")

    recorded = at_desk.run(*words)
    at_desk.run("report", "niot-invite")

    assert "248" in recorded.stdout
    assert (
        "Passed on by the National Institute of Teaching: 248"
        in at_desk.run("status", "niot-invite").stdout
    )
    page = (at_desk.folder / "out" / "niot-invite-local-report.html").read_text(encoding="utf-8")
    assert "<strong>248</strong> sent by the National Institute of Teaching" in page
    assert "chosen" not in page
    [sent] = at_desk.listed("status", "niot-invite")["partners"]
    assert sent["sent_to"] == 248


def test_a_partners_list_is_refused_at_the_desk_before_anybody_is_asked(at_desk):
    at_desk.write("list.csv", "email address\na@example.com\n")

    ended = at_desk.run(
        "recipients", "import", "list.csv", "--list", "theirs", "--partner", "niot", "--yes"
    )

    assert ended.returncode == 1
    assert "may not be held here" in ended.stderr
    assert at_desk.listed("recipients", "list") == []
