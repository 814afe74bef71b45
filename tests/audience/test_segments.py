"""Segments: who of a list a campaign is for."""

from datetime import date

import pytest

from postroom.audience import importing, lists, segments
from postroom.audience.segments import Chosen
from postroom.content.campaign_file import Campaign
from postroom.errors import AudienceError
from tests.databases import TODAY


def person(row, **fields):
    return Chosen(row, f"p{row}@example.com", bytes([row]) * 16, "", "", fields)


PEOPLE = [
    person(2, region="London", phase="Primary"),
    person(3, region="Leeds", phase="Primary"),
    person(4, region="london ", phase="Secondary"),
]


def rows(segment):
    return [one.row for one in segments.choose(PEOPLE, segment)]


def test_without_a_segment_everybody_is_chosen():
    assert rows({}) == [2, 3, 4]


def test_a_field_chooses_without_regard_to_case_and_spaces():
    assert rows({"region": ["LONDON"]}) == [2, 4]


def test_several_values_mean_any_and_several_fields_mean_all():
    assert rows({"region": ["London", "Leeds"], "phase": ["primary"]}) == [2, 3]


def test_a_field_that_the_list_has_not_is_answered_with_those_it_has():
    with pytest.raises(AudienceError, match="It has: phase, region"):
        rows({"funding_band": ["inner"]})


def test_a_value_that_nobody_has_is_told_with_those_there_are(database, bpn):
    with database.read() as session:
        found = segments.audience_of(session, campaign(segment={"region": ["London", "Leds"]}))

    assert found.of_nobody == {"region": ["Leds"]}


def test_a_segment_of_nobody_is_answered_with_the_values_there_are():
    with pytest.raises(AudienceError, match="region is one of: Leeds, London, london"):
        rows({"region": ["Londn"]})


def campaign(**fields):
    usual = {
        "name": "bpn-invite",
        "title": "An invitation",
        "kind": "announcement",
        "template": "bpn-invite.md",
        "route": "direct",
        "list": "bpn",
        "send_on": date(2026, 1, 22),
        "author": "ana@example.com",
    }
    return Campaign(**(usual | fields))


@pytest.fixture
def bpn(database, keys, tmp_path, now):
    file = tmp_path / "bpn.csv"
    file.write_text(
        "region,school,email\nLeeds,Oak,a@example.com\nLondon,Elm,B@example.com\n", encoding="utf-8"
    )
    with importing.read_import(
        database, keys, file, list_name="bpn", progress=lambda *_: None, today=TODAY
    ) as found:
        importing.apply(
            database,
            found,
            terms=lists.Terms(),
            leave_out_bad=False,
            replace=False,
            who="ana",
            now=now,
        )


def test_a_campaign_gets_its_list_in_the_order_of_the_spreadsheet(database, keys, bpn):
    with database.read() as session:
        chosen = segments.recipients_of(session, campaign())

    assert [(one.row, one.address) for one in chosen] == [
        (2, "a@example.com"),
        (3, "B@example.com"),
    ]
    assert chosen[1].address_key == keys.address_key("b@example.com")
    assert chosen[1].fields == {"region": "London", "school": "Elm"}


def test_a_campaign_with_a_segment_gets_that_part_of_its_list(database, bpn):
    with database.read() as session:
        chosen = segments.recipients_of(session, campaign(segment={"region": "London"}))

    assert [one.school_name for one in chosen] == ["Elm"]


def test_a_segment_that_cannot_be_names_the_campaign_file(database, bpn):
    with (
        database.read() as session,
        pytest.raises(AudienceError, match=r"bpn-invite\.toml: segment: town: "),
    ):
        segments.recipients_of(session, campaign(segment={"town": ["Leeds"]}))


def test_an_unknown_list_is_answered_with_the_lists_there_are(database, bpn):
    with database.read() as session, pytest.raises(AudienceError, match="lists are: bpn"):
        segments.recipients_of(session, campaign(list="bpm"))


def test_a_partners_campaign_is_for_nobody_we_hold(database, bpn):
    niot = campaign(route="partner", list=None, partner="NIoT")
    with database.read() as session:
        assert segments.recipients_of(session, niot) == []
