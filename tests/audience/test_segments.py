"""Segments: who of a list a campaign is for."""

from datetime import date

import pytest

from postroom.audience import importing, lists, segments
from postroom.content.campaign_file import Campaign
from postroom.errors import AudienceError
from tests.databases import TODAY

HERE = {"mode": "local", "today": TODAY}


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
def bring_in(database, keys, tmp_path, now):
    def bring_in(*lines):
        file = tmp_path / "bpn.csv"
        file.write_text("\n".join(lines), encoding="utf-8")
        nothing = {"progress": lambda *_: None, "today": TODAY}
        with importing.read_import(database, keys, file, list_name="bpn", **nothing) as found:
            choices = {"terms": lists.Terms(), "leave_out_bad": False, "replace": False}
            importing.apply(database, found, **choices, who="ana", now=now)

    return bring_in


@pytest.fixture
def bpn(bring_in):
    bring_in("region,school,email", "Leeds,Oak,a@example.com", "London,Elm,B@example.com")


@pytest.fixture
def rows(database, bring_in):
    """Give the rows of the people in a segment of a list of three."""
    bring_in(
        "region,phase,loop,email",
        "London,Primary,,a@example.com",
        "Leeds,Primary,,b@example.com",
        "london ,Secondary,,c@example.com",
    )

    def rows(segment):
        with database.read() as session:
            chosen = segments.recipients_of(session, campaign(segment=segment), **HERE)
        return [one.row for one in chosen]

    return rows


def test_without_a_segment_everybody_is_chosen(rows):
    assert rows({}) == [2, 3, 4]


def test_a_field_chooses_without_regard_to_case_and_spaces(rows):
    assert rows({"region": ["LONDON"]}) == [2, 4]


def test_several_values_mean_any_and_several_fields_mean_all(rows):
    assert rows({"region": ["London", "Leeds"], "phase": ["primary"]}) == [2, 3]


def test_a_field_that_the_list_has_not_is_answered_with_those_it_has(rows):
    with pytest.raises(AudienceError, match="It has: loop, phase, region"):
        rows({"funding_band": ["inner"]})


def test_a_value_that_nobody_has_is_told_with_those_there_are(database, bpn):
    wanted = campaign(segment={"region": ["London", "Leds"]})
    with database.read() as session:
        found = segments.audience_of(session, wanted, **HERE)

    assert found.of_nobody == {"region": ["Leds"]}


def test_a_segment_of_nobody_is_answered_with_the_values_there_are(rows):
    with pytest.raises(AudienceError, match="region is one of: Leeds, London, london"):
        rows({"region": ["Londn"]})


def test_a_segment_by_a_blank_column_is_answered_with_that(rows):
    with pytest.raises(AudienceError, match=r"segment: loop: the column is blank for everybody\."):
        rows({"loop": ["yes"]})


def test_a_campaign_gets_its_list_in_the_order_of_the_spreadsheet(database, keys, bpn):
    with database.read() as session:
        chosen = segments.recipients_of(session, campaign(), **HERE)

    assert [(one.row, one.address) for one in chosen] == [
        (2, "a@example.com"),
        (3, "B@example.com"),
    ]
    assert chosen[1].address_key == keys.address_key("b@example.com")
    assert chosen[1].fields == {"region": "London", "school": "Elm"}


def test_a_campaign_with_a_segment_gets_that_part_of_its_list(database, bpn):
    with database.read() as session:
        chosen = segments.recipients_of(session, campaign(segment={"region": "London"}), **HERE)

    assert [one.school_name for one in chosen] == ["Elm"]


def test_a_segment_that_cannot_be_names_the_campaign_file(database, bpn):
    with (
        database.read() as session,
        pytest.raises(AudienceError, match=r"bpn-invite\.toml: segment: town: "),
    ):
        segments.recipients_of(session, campaign(segment={"town": ["Leeds"]}), **HERE)


def test_an_unknown_list_is_answered_with_the_lists_there_are(database, bpn):
    with database.read() as session, pytest.raises(AudienceError, match="lists are: bpn"):
        segments.recipients_of(session, campaign(list="bpm"), **HERE)


def test_a_partners_campaign_is_for_nobody_we_hold(database, bpn):
    niot = campaign(route="partner", list=None, partner="NIoT")
    with database.read() as session:
        assert segments.recipients_of(session, niot, **HERE) == []
