"""Segments by what happened before: who signed up, and who had an email lately."""

from datetime import date, timedelta

import pytest

from postroom.audience import segments
from postroom.content.campaign_file import read_campaign
from postroom.errors import AudienceError, CampaignError
from postroom.tables import (
    Edition,
    Mailing,
    Membership,
    Message,
    Recipient,
    RecipientList,
    SignUp,
    Status,
    Volunteer,
)

TODAY = date(2026, 1, 12)
HERE = {"mode": "local", "today": TODAY}
FILE = """
title = "A reminder"
kind = "research"
template = "reminder.md"
route = "direct"
list = {lists}
send_on = 2026-01-22
author = "ana@example.com"

[segment]
{segment}
"""


def campaign(segment="", lists='"bpn"'):
    return read_campaign("reminder", FILE.format(lists=lists, segment=segment))


@pytest.fixture
def schools(database, keys, now):
    """On a list: Oak had an email today, Elm 20 days ago, Ash signed up, Yew is new."""
    with database.write() as session:
        session.add(RecipientList(id=1, name="bpn", imported_at=now))
        session.add(RecipientList(id=2, name="extra", imported_at=now))
        session.add(Edition(id=1, digest=b"d" * 32, files={}, made_at=now))
        session.add(Mailing(id=1, campaign="invite", mode="local", made_at=now))
        session.flush()
        for row, name in enumerate(("oak", "elm", "ash", "yew"), 2):
            add_recipient(session, keys, name, row)
        for name, days in (("oak", 0), ("elm", 20)):
            session.add(message(keys, name, now - timedelta(days=days)))
        session.add(volunteer(keys, 1, "oak@example.com", now))
        session.add(volunteer(keys, 2, "a.mentor@example.com", now))
        session.flush()
        session.add(sign_up(1, "invite", "", now))
        session.add(sign_up(2, "invite", "urn-ash", now))
    return database


def add_recipient(session, keys, name, row, list_id=1):
    address = f"{name}@example.com"
    known = Recipient(address=address, address_key=keys.address_key(address))
    session.add(known)
    session.flush()
    place = {"list_id": list_id, "recipient_id": known.id, "row": row}
    session.add(
        Membership(**place, school_urn=f"urn-{name}", school_name=name.title(), fields={"a": "b"})
    )


def message(keys, name, at):
    return Message(
        mailing_id=1,
        address=f"{name}@example.com",
        address_key=keys.address_key(f"{name}@example.com"),
        school_urn=f"urn-{name}",
        fields={},
        edition_id=1,
        content_hash=b"c" * 32,
        reference=name,
        status=Status.DELIVERED,
        planned_at=at,
        accepted_at=at,
    )


def volunteer(keys, number, address, now):
    return Volunteer(
        id=number,
        address=address,
        address_key=keys.address_key(address),
        name="A Mentor",
        first_signed_up_at=now,
    )


def sign_up(volunteer_id, of, school_urn, now):
    return SignUp(
        reference=f"UR-{volunteer_id}",
        volunteer_id=volunteer_id,
        campaign=of,
        mode="local",
        route="direct",
        school_urn=school_urn,
        signed_up_at=now,
    )


def audience(database, *said, mode="local"):
    with database.read() as session:
        found = segments.audience_of(session, campaign(*said), mode=mode, today=TODAY)
    return [one.address.partition("@")[0] for one in found.chosen], {
        one.address.partition("@")[0]: why for one, why in found.others
    }


def test_those_who_signed_up_are_left_out_by_address_and_by_school(schools):
    chosen, others = audience(schools, 'not_signed_up_to = "invite"')

    assert chosen == ["elm", "yew"]
    assert others == {
        "oak": "they signed up to invite",
        "ash": "their school signed up to invite",
    }


@pytest.mark.parametrize(
    ("within", "chosen"),
    [
        ("14 days", ["elm", "ash", "yew"]),
        ("1 day", ["elm", "ash", "yew"]),
        ("3 weeks", ["ash", "yew"]),
    ],
)
def test_those_who_had_an_email_lately_are_left_out(schools, within, chosen):
    found, others = audience(schools, f'not_sent_within = "{within}"')

    assert found == chosen
    assert others["oak"] == f"had invite within {within}"


def test_conditions_about_what_happened_and_fields_hold_together(schools):
    chosen, _ = audience(
        schools, 'a = "B"\nnot_sent_within = "14 days"\nnot_signed_up_to = "invite"'
    )

    assert chosen == ["elm", "yew"]


def test_what_happened_in_one_mode_counts_in_no_other(schools):
    with pytest.raises(AudienceError, match="invite was not sent in live mode"):
        audience(schools, 'not_signed_up_to = "invite"', mode="live")
    chosen, _ = audience(schools, 'not_sent_within = "14 days"', mode="live")

    assert len(chosen) == 4


@pytest.mark.parametrize("said", ["soon", "0 days", "14"])
def test_a_time_that_is_none_is_answered_with_how_to_write_it(schools, said):
    with pytest.raises(AudienceError, match=r"segment: not_sent_within: .*“" + said):
        audience(schools, f'not_sent_within = "{said}"')


def test_a_campaign_that_nobody_knows_is_answered_with_those_there_are(schools):
    with pytest.raises(AudienceError, match="Campaigns in local mode: invite"):
        audience(schools, 'not_signed_up_to = "invit"')


def test_when_nobody_is_left_it_says_what_left_them_out(schools):
    with pytest.raises(AudienceError) as refusal:
        audience(schools, 'was_sent = "invite"\nnot_sent_within = "52 weeks"')

    assert "2 left out: had invite within 52 weeks." in str(refusal.value)


def test_a_campaign_can_go_to_several_lists_and_to_each_person_once(schools, keys):
    with schools.write() as session:
        add_recipient(session, keys, "fir", 2, list_id=2)
        session.add(Membership(list_id=2, recipient_id=1, row=3, fields={"a": "c"}))
    with schools.read() as session:
        found = segments.recipients_of(session, campaign(lists='["bpn", "extra"]'), **HERE)

    assert [(str(one.row), one.address, one.fields["a"]) for one in found] == [
        ("2 of bpn", "oak@example.com", "b"),
        ("3 of bpn", "elm@example.com", "b"),
        ("4 of bpn", "ash@example.com", "b"),
        ("5 of bpn", "yew@example.com", "b"),
        ("2 of extra", "fir@example.com", "b"),
    ]


def test_lists_that_are_no_names_are_refused_by_line():
    with pytest.raises(CampaignError, match=r"reminder\.toml:6: list: must be the name of a list"):
        campaign(lists="5")


def test_each_condition_is_counted_by_itself_and_all_of_them_together(schools):
    said = campaign('a = ["b", "x"]\nnot_sent_within = "14 days"\nnot_signed_up_to = "invite"')
    with schools.read() as session:
        found = segments.counts(session, said, mode="local", today=TODAY)

    assert [(count.condition, count.people, count.schools) for count in found] == [
        ("on bpn", 4, 4),
        ("a is b", 4, 4),
        ("a is x", 0, 0),
        ("not_signed_up_to invite", 2, 2),
        ("not_sent_within 14 days", 3, 3),
        ("all of it together", 2, 2),
    ]
