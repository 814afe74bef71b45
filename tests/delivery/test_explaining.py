"""The audience explained: who gets it, who does not and why, and which schools it cannot reach."""

from datetime import date, timedelta

from sqlmodel import select

from postroom.audience import suppression, working
from postroom.delivery.explaining import explain
from postroom.delivery.preparing import prepare
from postroom.delivery.sending import see_through
from postroom.tables import Mailing, Membership, Message, Recipient, School, Scope
from tests.delivery.conftest import clock
from tests.delivery.test_tracking import wait_for_last_words

TODAY = date(2026, 1, 14)


def explained(post):
    with post.database.read() as session:
        prepared = prepare(session, post.edition(), post.office, today=TODAY)
        return explain(session, prepared, post.office, today=TODAY)


def suppress(post, address):
    with post.database.write() as session:
        suppression.add(
            session,
            post.keys.address_key(address),
            scope=Scope.EVERYTHING,
            reason="Asked by telephone",
            who="ana",
            now=clock(),
        )


def say_of(post, row, **fields):
    with post.database.write() as session:
        place = session.exec(select(Membership).where(Membership.row == row)).one()
        place.fields = {**place.fields, **fields}


def only_region(post, region):
    file = post.workspace.campaigns / "cards.toml"
    file.write_text(
        file.read_text(encoding="utf-8") + f'\n[segment]\nregion = "{region}"\n', encoding="utf-8"
    )


def test_everybody_who_gets_it_is_counted_and_so_are_their_schools(post):
    post.add_people("a@example.com", "b@example.com")

    assert explained(post).sentences == (
        "Everybody on cards is chosen: 2 people.",
        "2 of 2 schools have a working contact.",
    )


def test_a_value_of_the_segment_that_nobody_has_is_told_first(post):
    post.add_people("a@example.com", "b@example.com")
    for row, region in ((2, "London"), (3, "Leeds")):
        say_of(post, row, region=region)
    file = post.workspace.campaigns / "cards.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + '\n[segment]\nregion = ["London", "Leds"]\n', encoding="utf-8")

    assert explained(post).sentences[0] == (
        "Look again at the segment: nobody on cards has the region “Leds”. "
        "There are: Leeds, London."
    )


def test_who_is_left_out_is_told_person_by_person_with_the_reason(post):
    post.add_people("a@example.com", "b@example.com", "c@example.com")
    for row, region in ((2, "London"), (3, "London"), (4, "Leeds")):
        say_of(post, row, region=region)
    only_region(post, "London")
    suppress(post, "b@example.com")

    found = explained(post)

    assert [(one.row, one.school, one.outcome) for one in found.people] == [
        (2, "School 2", "gets it"),
        (3, "School 3", "Asked by telephone"),
        (4, "School 4", "region is not London"),
    ]
    chosen, by_school = found.sentences
    assert chosen.startswith("Of 3 people on cards, 2 are chosen. The segment leaves out 1 because")
    assert by_school == "1 of 2 schools has a working contact; 1 London school has none (School 3)."


def test_a_blank_that_the_text_shows_stops_the_campaign_only_where_an_email_goes(post):
    post.add_people("a@example.com", "b@example.com")
    say_of(post, 3, name="")

    def stopped():
        with post.database.read() as session:
            found = prepare(session, post.edition(), post.office, today=TODAY).problems
        return [problem.rows for problem in found if problem.check == "blank-value"]

    assert stopped() == [(3,)]
    suppress(post, "b@example.com")
    assert stopped() == []


def test_a_school_with_one_working_contact_of_two_is_reached(post):
    post.add_people("a@example.com", "b@example.com")
    with post.database.write() as session:
        for place in session.exec(select(Membership)):
            place.school_urn = "900001"
    suppress(post, "b@example.com")

    assert "1 of 1 school has a working contact." in explained(post).sentences


def test_a_permanent_failure_flags_the_contact_to_be_mended_and_holds_nothing_back(post):
    post.add_people("a@example.com", "perm-fail@simulator.notify")
    see_through(post.sender(post.approve()), waiting=print)

    wait_for_last_words(post)

    found = explained(post)
    assert "1 of 2 schools has a working contact; 1 school has none (School 3)." in found.sentences
    assert any("1 contact is not working" in said for said in found.sentences)
    assert [one.outcome for one in found.people] == ["gets it", "gets it"]


def test_a_flag_counts_in_its_mode_only_and_ends_when_an_email_arrives(post):
    post.add_people("a@example.com")
    key = post.keys.address_key("a@example.com")
    with post.database.write() as session:
        working.note_failures(session, [key], "local", now=clock())
        assert working.not_working(session, [key], "live") == {}
        assert working.note_arrivals(session, [key], "live") == 0
        working.note_failures(session, [key], "live", now=clock())
        assert working.note_failures(session, [key], "local", now=clock()) == 0
        assert list(working.not_working(session, [key], "live")) == [key]
        assert working.note_arrivals(session, [key], "live") == 1
        assert session.exec(select(Recipient)).one().not_working_since is None


def test_schools_that_had_several_emails_lately_are_named(post):
    post.add_people("a@example.com")
    see_through(post.sender(post.approve()), waiting=print)
    with post.database.write() as session:
        sent = session.exec(select(Message)).one()
        other = Mailing(campaign="other", mode="local", made_at=clock())
        session.add(other)
        session.flush()
        again = sent.model_dump(exclude={"id", "notify_id"})
        session.add(Message(**again | {"mailing_id": other.id, "reference": "other"}))
        for one in session.exec(select(Message)):
            one.accepted_at = clock().replace(year=2026, month=1, day=10)
            session.add(one)

    with post.database.read() as session:
        prepared = prepare(session, post.edition(), post.office, today=TODAY)
        said = explain(session, prepared, post.office, today=TODAY).sentences
        later = explain(session, prepared, post.office, today=TODAY + timedelta(days=30)).sentences

    assert (
        "1 school had two emails or more from us in the last 14 days (School 2): this would be "
        "another."
    ) in said
    assert not any("two emails" in sentence for sentence in later)


def test_the_registers_words_are_not_for_the_lists_maker_to_mend(post):
    post.add_people("a@example.com")
    blank = dict.fromkeys(School.model_fields, "") | {"opened_on": None, "closed_on": None}
    said = {"urn": "900002", "name": "OAK PRIMARY SCHOOL", "status_code": "1", "trust": "the trust"}
    with post.database.write() as session:
        session.add(School(**(blank | said)))

    with post.database.read() as session:
        prepared = prepare(session, post.edition(), post.office, today=TODAY)

    assert [p.check for p in prepared.problems if p.check.startswith("name-in")] == []


def test_a_school_in_its_band_by_an_approximation_is_told_of_where_the_band_decides(post):
    post.add_people("a@example.com")
    facts = post.workspace.root / "facts"
    facts.mkdir(exist_ok=True)
    (facts / "bands.toml").write_text(BANDS, encoding="utf-8")
    blank = dict.fromkeys(School.model_fields, "") | {"opened_on": None, "closed_on": None}
    said = {"urn": "900002", "name": "Oak", "status_code": "1", "district_code": "E1"}
    with post.database.write() as session:
        session.add(School(**(blank | said)))
    before = explained(post).sentences
    file = post.workspace.campaigns / "cards.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + '\n[segment]\narea = "near"\n', encoding="utf-8")

    assert "1 school has its area by an approximation: half of it is far." in (
        explained(post).sentences
    )
    assert "approximation" not in " ".join(before)


BANDS = """
title = "Areas"
[bands.area]
by = "district_code"
otherwise = "far"
source = "A map"
values = { near = ["E1"] }
approximations = { E1 = "half of it is far" }
"""
