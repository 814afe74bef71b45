"""What a team does afterwards: send again, replace an address, correct what was wrong, look."""

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from postroom.localnotify import end_notification, read_ledger
from tests.journeys.conftest import ADDRESS, CAMPAIGN

NEW = "new.head@example.com"


def ledger(place):
    return read_ledger(place.folder / "local-notify.db")


def end_all(place, **ends):
    """Let everything sent be delivered, but the first ones as *ends* says how many of."""
    wanted = [status.replace("_", "-") for status, number in ends.items() for _ in range(number)]
    wanted += ["delivered"] * (len(ledger(place)) - len(wanted))
    for sent, status in zip(ledger(place), wanted, strict=True):
        end_notification(place.folder / "local-notify.db", sent.id, status, at=datetime.now(UTC))
    place.do("sync")


@pytest.fixture
def sent(approved):
    approved.do("send", CAMPAIGN, "--yes")
    return approved


def test_only_what_failed_for_the_moment_is_sent_again(sent):
    end_all(sent, temporary_failure=3, permanent_failure=2)
    failed = [found.email_address for found in ledger(sent)[:3]]

    said = sent.do("send", CAMPAIGN, "--again", "temporary-failure", "--yes").said

    assert "3 emails of bpn-invite came back for the moment" in said
    assert sorted(sent.taken()[50:]) == sorted(failed)
    standing = sent.listed("status", CAMPAIGN)
    assert standing["total"] == 50
    assert sum(standing["schools"].values()) == 50
    sent.refused("send", CAMPAIGN, "--again", "permanent-failure", "--yes", code=2)


def test_whom_notify_refused_is_sent_to_again_when_a_person_says_so(sent):
    sent.change(
        "UPDATE messages SET status = 'refused', notify_id = NULL, accepted_at = NULL, "
        "reason = 'not among the guests of the service' WHERE id = 7"
    )

    assert "finished" in sent.do("send", CAMPAIGN, "--yes").said
    said = sent.do("send", CAMPAIGN, "--again", "refused", "--yes").said

    assert "1 email of bpn-invite never left: Notify refused the address" in said
    assert len(sent.taken()) == 51
    said = sent.do("send", CAMPAIGN, "--again", "refused", "--yes").said
    assert "Nobody of bpn-invite in local mode was refused by Notify" in said


def test_whom_notify_could_not_send_to_by_a_fault_of_its_own_is_sent_to_again(sent):
    end_all(sent, technical_failure=2)
    failed = [found.email_address for found in ledger(sent)[:2]]

    said = sent.do("send", CAMPAIGN, "--again", "technical-failure", "--yes").said

    assert "2 emails of bpn-invite never left: Notify had a fault" in said
    assert sorted(sent.taken()[50:]) == sorted(failed)


def test_sending_again_asks_first_and_with_nobody_failed_does_nothing(sent):
    end_all(sent, temporary_failure=1)
    assert sent.run("send", CAMPAIGN, "--again", "temporary-failure").code == 1
    assert len(sent.taken()) == 50

    sent.do("send", CAMPAIGN, "--again", "temporary-failure", "--yes")
    sent.do("sync")
    said = sent.do("send", CAMPAIGN, "--again", "temporary-failure", "--yes").said

    assert "Nobody of bpn-invite" in said
    assert len(sent.taken()) == 51


def test_a_replaced_address_is_an_addition_and_is_approved_alone(sent):
    old = sent.taken()[0]

    sent.do(
        "recipients",
        "replace",
        old,
        NEW,
        "--list",
        "example-bpn",
        "--reason",
        "she left",
        "--yes",
    )
    assert "1 more address would get it by now" in sent.do("send", CAMPAIGN, "--yes").said
    said = sent.do("approve", CAMPAIGN, "--yes").said
    assert "1 email to" in said
    sent.do("send", CAMPAIGN, "--yes")

    assert sent.taken()[50:] == [NEW]
    standing = sent.listed("status", CAMPAIGN)
    assert standing["total"] == 51
    assert sum(standing["schools"].values()) == 50


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("nobody@example.com", NEW, "is not on the list"),
        ("", NEW, ""),
        ("FIRST", "SECOND", "is on the list example-bpn already"),
        ("FIRST", "not an address", ""),
    ],
)
def test_a_replacement_that_cannot_be_changes_nothing(sent, old, new, words):
    first, second, *_ = sent.taken()
    named = {"FIRST": first, "SECOND": second}

    said = sent.refused(
        "recipients",
        "replace",
        named.get(old, old),
        named.get(new, new),
        "--list",
        "example-bpn",
        "--reason",
        "she left",
        "--yes",
    )

    assert words in said


def test_a_correction_goes_to_exactly_those_who_may_have_the_old_words(approved):
    approved.do("send", CAMPAIGN, "--wave", "10", "--yes")
    end_all(approved, permanent_failure=2)
    reached = sorted(approved.taken()[2:])
    approved.do(
        "recipients",
        "replace",
        reached[0],
        NEW,
        "--list",
        "example-bpn",
        "--reason",
        "left",
        "--yes",
    )

    approved.do("new", "put-right", "--correct", CAMPAIGN)
    checked = approved.run("check", "put-right", "--json")
    file = approved.folder / "campaigns" / "put-right.toml"
    text = file.read_text(encoding="utf-8")

    assert f'was_sent = "{CAMPAIGN}@' in text
    assert 'list = "example-bpn"' in text
    assert checked.code == 1  # the gaps are still to be filled in
    assert '"emails": 8' in checked.out


def test_after_a_stop_what_is_unsent_is_approved_anew_with_the_words_put_right(approved):
    approved.do("send", CAMPAIGN, "--wave", "10", "--yes")
    approved.do("stop", CAMPAIGN, "--reason", "wrong figure")
    approved.edit(f"campaigns/{CAMPAIGN}.toml", "£876", "£900")
    approved.do("resume", CAMPAIGN)
    assert "was changed after the approval" in approved.refused("send", CAMPAIGN, "--yes")

    approved.do("approve", CAMPAIGN, "--yes")
    approved.do("send", CAMPAIGN, "--yes")

    assert sorted(Counter(approved.taken()).values()) == [1] * 50
    bodies = [json.loads(found.personalisation)["body"] for found in ledger(approved)]
    assert sum("£900" in body for body in bodies) == 40


@pytest.fixture
def put_right_half_way(approved):
    """Ten have a text with a wrong figure, and thirty the text that was put right."""
    approved.do("send", CAMPAIGN, "--wave", "10", "--yes")
    approved.do("stop", CAMPAIGN, "--reason", "wrong figure")
    approved.edit(f"campaigns/{CAMPAIGN}.toml", "£876", "£900")
    approved.do("resume", CAMPAIGN)
    approved.do("approve", CAMPAIGN, "--yes")
    approved.do("send", CAMPAIGN, "--wave", "30", "--yes")
    return approved


def gets_it(place, name):
    return json.loads(place.run("check", name, "--json").out)["emails"]


def test_a_correction_goes_to_nobody_who_had_the_text_that_was_put_right(put_right_half_way):
    place = put_right_half_way
    said = place.do("new", "put-right", "--correct", CAMPAIGN).said
    assert f"{CAMPAIGN} went out in 2 texts" in said
    assert "10 people" in said
    assert "30 people" in said

    place.do("send", CAMPAIGN, "--yes")  # the rest gets the new text, and so no correction

    assert gets_it(place, "put-right") == 10


def test_a_correction_of_one_text_goes_to_those_who_may_have_that_one(put_right_half_way):
    place = put_right_half_way
    said = place.refused("new", "put-right", "--correct", CAMPAIGN, "--text", "12345678")
    old, new = said.rpartition("Its texts: ")[2].rstrip(".").split(", ")

    place.do("new", "both", "--correct", CAMPAIGN, "--text", new, "--text", old)
    place.do("new", "newest", "--correct", CAMPAIGN, "--text", new)

    assert gets_it(place, "both") == 40
    assert gets_it(place, "newest") == 30


def test_what_went_to_nobody_needs_no_correction(approved):
    assert "was sent to nobody" in approved.refused("new", "put-right", "--correct", CAMPAIGN)


def test_status_as_csv_has_one_row_a_message_no_person_and_no_formula(sent):
    sent.change("UPDATE messages SET school_name = '=HYPERLINK(1)', reason = '-1' WHERE id = 1")

    out = sent.do("status", CAMPAIGN, "--csv").out
    rows = list(csv.DictReader(io.StringIO(out)))

    assert len(rows) == 50
    assert not ADDRESS.search(out)
    assert (rows[0]["school"], rows[0]["reason"]) == ("'=HYPERLINK(1)", "'-1")
    assert all(row["accepted at (UTC)"].endswith("Z") for row in rows)
    with_people = sent.do("status", CAMPAIGN, "--csv", "--addresses").out
    first = next(csv.DictReader(io.StringIO(with_people)))
    assert first["email address"] in sent.taken()
