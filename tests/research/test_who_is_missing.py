"""Who is missing: counted by what people said, where they work and how they came."""

from dataclasses import replace
from datetime import UTC, datetime

from postroom.research.signups import SignUpLine
from postroom.research.who_is_missing import counts


def line(role="Head", providers=("North",), urn="", route="direct", purposes=("survey",)):
    answers = {"role": [role], "providers": list(providers)}
    moment = datetime(2026, 1, 12, tzinfo=UTC)
    names = ("c", "live", route, "Ada", "ada@example.com", role, urn, "")
    return SignUpLine("UR-1", moment, *names, purposes, False, False, answers, "")


def told(lines, regions=(), wanted=()):
    found = counts(lines, dict(regions), dict(wanted))
    return {(one.group, one.kind): (one.signed_up, one.wanted) for one in found}


def test_what_is_wanted_comes_first_and_says_how_many_are_missing():
    wanted = {"role": {"Mentor": 4, "Head": 1}, "providers": {"South": 2}}

    found = counts([line(), line(providers=("North", "South"))], {}, wanted)

    assert [one.in_words for one in found if one.is_short] == [
        "Mentor: none of 4",
        "South: 1 of 2",
    ]
    assert found[0].kind == "Mentor"


def test_each_option_counts_by_itself_and_so_does_saying_nothing():
    found = told([line(providers=()), line(providers=("North", "South"))])

    assert found["providers", "not said"] == (1, None)
    assert found["providers", "North"] == found["providers", "South"] == (1, None)


def test_a_role_that_a_colleague_recorded_counts_beside_those_that_a_form_asked_for():
    by_telephone = replace(line(role="Mentor"), answers={})
    nothing_known = replace(line(role=""), answers={})

    found = counts(
        [line(role="Mentor"), by_telephone, nothing_known], {}, {"role": {"Mentor": 4, "Head": 1}}
    )

    assert [one.in_words for one in found if one.group == "role"] == [
        "Mentor: 2 of 4",
        "Head: none of 1",
        "not said: 1",
    ]


def test_region_and_route_are_counted_too():
    found = told([line(urn="1"), line(route="partner")], {"1": "London"})

    assert found["region", "London"] == found["region", "not known"] == (1, None)
    assert found["route", "direct"] == found["route", "partner"] == (1, None)


def test_who_took_back_every_yes_is_not_counted():
    assert told([line(purposes=())]) == {}


def test_what_is_wanted_shows_before_anybody_signed_up():
    assert told([], wanted={"role": {"Mentor": 4}}) == {("role", "Mentor"): (0, 4)}
