"""Volunteers see to their own details: only theirs, by a link to their mailbox that works once."""

import time
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from postroom.audience import suppression
from postroom.content.confirmations import Confirmation
from postroom.research.receiving import receive
from postroom.research.volunteers import Method, Person, Purpose, Through, Wording
from postroom.tables import (
    Event,
    Message,
    Permission,
    SignUp,
    SupportNeed,
    Suppression,
    Volunteer,
)
from postroom.web import own_details
from postroom.web.site import create_app
from postroom.workspace import Workspace
from tests.databases import TODAY, office_of
from tests.mail import have_campaign, planned
from tests.visitors import CAMPAIGN, Visitor, errors, heading

ADA, BEN = "ada.bell@example.com", "ben@example.com"


class Owner:
    """A volunteer with a browser, looking after their details."""

    def __init__(self, client):
        self.client = client

    def see(self, path=""):
        return self.client.get(f"/your-details{path}", follow_redirects=True)

    def send(self, path, fields=None, token=None):
        token = self.form_token() if token is None else token
        return self.client.post(
            f"/your-details{path}",
            data={"csrf_token": token, **(fields or {})},
            follow_redirects=True,
        )

    def form_token(self):
        page = BeautifulSoup(self.see().text, "html.parser")
        return page.find(attrs={"name": "csrf_token"})["value"]

    def ask(self, address=ADA):
        return self.send("", {"email": address})


@pytest.fixture
def office(keys):
    return office_of(keys)


@pytest.fixture
def site(tmp_path, database, office, clock):
    have_campaign(tmp_path)
    return create_app(Workspace(tmp_path), database, office, clock=clock)


@pytest.fixture
def signed_up(site):
    """Ada signs up."""
    Visitor(site.test_client()).sign_up({"permission": {"permission": ["0", "1"]}})


@pytest.fixture
def ben(site):
    """Ben signs up."""
    Visitor(site.test_client()).sign_up({"email": {"email": BEN}})


@pytest.fixture
def link(site, signed_up, database, office):
    """Give the path of a fresh link to somebody's details."""

    def ask(address=ADA):
        Owner(site.test_client()).ask(address)
        asked = [one for one in planned(database, office) if one.to == address]
        assert asked[-1].about is Confirmation.DETAILS_ASKED_FOR
        return asked[-1].link("your-details")

    return ask


@pytest.fixture
def ada(site, link):
    """Ada, with her details open."""
    owner = Owner(site.test_client())
    path = link().removeprefix("/your-details")
    assert heading(owner.send(path)) == "Your details"
    return owner


def all_of(database, table):
    with database.read() as session:
        return list(session.exec(select(table).order_by(table.id)))


def of_ada(database):
    return next(one for one in all_of(database, Volunteer) if one.address == ADA)


def ada_sign_up(database):
    return next(one for one in all_of(database, SignUp) if one.volunteer_id == of_ada(database).id)


def change(owner, database, step, fields):
    return owner.send(f"/change/{ada_sign_up(database).reference}/{step}", fields)


def held(database, keys, today=TODAY, address=ADA):
    with database.read() as session:
        key = keys.address_key(address)
        return bool(suppression.suppressed(session, [key], "research", today=today))


def test_whether_an_address_is_known_cannot_be_seen(site, signed_up, database, office):
    before = len(planned(database, office))

    known, unknown = (Owner(site.test_client()).ask(who) for who in (ADA, "nobody@example.com"))

    assert (known.status_code, heading(known)) == (unknown.status_code, heading(unknown))
    assert known.request.path == unknown.request.path == "/your-details/sent"
    assert len(planned(database, office)) == before + 1


@pytest.mark.parametrize("who", [ADA, "nobody@example.com"])
def test_nor_can_it_be_told_from_how_long_the_answer_takes(site, signed_up, who):
    began = time.monotonic()

    Owner(site.test_client()).ask(who)

    assert time.monotonic() - began >= own_details.ANSWERED_AFTER


def test_asking_over_and_over_is_slowed_down(site, signed_up, ben, database, office):
    answers = [Owner(site.test_client()).ask() for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert Owner(site.test_client()).ask(BEN).status_code == 200


@pytest.mark.parametrize("typed", ["", "ada.bell", "a b@c@d", "x" * 300 + "@example.com"])
def test_what_is_no_address_is_said_so(site, typed):
    answer = Owner(site.test_client()).ask(typed)

    summary, at_field = errors(answer)
    assert answer.status_code == 400
    assert summary == at_field != []
    assert answer.text.count("<title>\n      Error: ") or "Error: " in answer.text


def test_opening_the_link_shows_a_button_and_nothing_of_the_person(site, link, database):
    path = link()

    for _ in range(3):
        page = site.test_client().get(path)
        site.test_client().head(path)

    assert heading(page) == "See your details"
    assert "a•••@example.com" in page.text
    assert ADA not in page.text
    assert "Bell" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


def test_the_button_works_once(site, link):
    path = link().removeprefix("/your-details")
    first, second = Owner(site.test_client()), Owner(site.test_client())

    assert heading(first.send(path)) == "Your details"
    again = second.send(path)

    assert (again.status_code, heading(again)) == (410, "This link has expired")
    assert heading(second.see("/all")) == "Your details are closed"


def test_the_link_lasts_an_hour(site, link, clock):
    path = link().removeprefix("/your-details")
    clock.moment += timedelta(minutes=61)
    owner = Owner(site.test_client())

    assert owner.see(path).status_code == 410
    assert owner.send(path).status_code == 410


def test_the_button_wants_the_form_token_of_this_site(site, link):
    path = link().removeprefix("/your-details")

    assert Owner(site.test_client()).send(path, token="").status_code == 400
    assert heading(Owner(site.test_client()).send(path)) == "Your details"


def test_everything_that_is_held_is_shown(ada):
    text = ada.see("/all").text

    for said in ("Ada Bell", ADA, "Oak Primary, Leeds", "General mentor", "North", "UR-"):
        assert said in text
    assert "You can contact me about research for “Claim funding”." in text
    assert "can contact me about other research." in text


def test_somebody_elses_sign_up_cannot_be_opened(ada, ben, database):
    theirs = next(
        one for one in all_of(database, SignUp) if one.volunteer_id != of_ada(database).id
    )

    assert ada.see(f"/change/{theirs.reference}/name").status_code == 404
    assert ada.send(f"/change/{theirs.reference}/name", {"first_name": "X"}).status_code == 404


@pytest.mark.parametrize("step", ["email", "suitable", "nothing", "check"])
def test_what_is_no_question_of_theirs_is_not_found(ada, database, step):
    assert ada.see(f"/change/{ada_sign_up(database).reference}/{step}").status_code == 404


def test_a_changed_name_and_role_are_saved_and_shown(ada, database):
    change(ada, database, "name", {"first_name": "Ada", "last_name": "de Bell"})
    page = change(ada, database, "question-role", {"role": "2", "other": "Governor"})

    assert heading(page) == "Your details"
    assert "Ada de Bell" in page.text
    assert (of_ada(database).name, of_ada(database).role) == ("Ada de Bell", "Governor")
    assert ada_sign_up(database).answers["role"] == ["Governor"]


def test_the_answer_that_is_held_stands_in_the_question(ada, database):
    change(ada, database, "question-role", {"role": "2", "other": "Governor"})
    reference = ada_sign_up(database).reference

    page = BeautifulSoup(ada.see(f"/change/{reference}/question-role").text, "html.parser")

    assert page.find("input", value="2").has_attr("checked")
    assert page.find("input", attrs={"name": "other"})["value"] == "Governor"


def test_a_campaign_without_confirmations_gives_the_link_and_promises_no_other_email(
    site, office, database, tmp_path
):
    file = tmp_path / "campaigns" / f"{CAMPAIGN}.toml"
    lines = file.read_text(encoding="utf-8").splitlines()
    begin, end = lines.index("[confirmations]"), lines.index("[signup]")
    file.write_text("\n".join([*lines[:begin], *lines[end:]]), encoding="utf-8")
    Visitor(site.test_client()).sign_up()
    owner = Owner(site.test_client())

    owner.ask()
    [told] = planned(database, office)
    owner.send(told.link("your-details").removeprefix("/your-details"))
    asked = owner.see("/stop")
    page = owner.send("/stop", {"stop": "delete"})

    assert told.about is Confirmation.DETAILS_ASKED_FOR
    assert "we tell you by email" not in asked.text
    assert "last email" not in page.text
    assert all_of(database, Volunteer) == []


def test_what_was_done_is_told_by_the_words_of_any_campaign_that_has_some(
    ada, database, office, tmp_path, now
):
    file = tmp_path / "campaigns" / f"{CAMPAIGN}.toml"
    without = file.read_text(encoding="utf-8").replace("[confirmations]", "[covering_note]")
    file.with_stem("newer").write_text(without, encoding="utf-8")
    person = Person(ADA, "Ada Bell", "Headteacher", "", "Elm School")
    with database.write() as session:
        receive(
            session,
            tmp_path,
            office,
            person,
            through=Through("newer", "local", "direct", Method.TELEPHONE),
            permissions={Purpose.THIS_SERVICE: Wording("Yes")},
            recorded_by="researcher@example.com",
            now=now + timedelta(minutes=1),
        )

    assert "we tell you by email" in ada.see("/stop").text
    ada.send("/stop", {"stop": "delete"})

    assert planned(database, office)[-1].about is Confirmation.DETAILS_DELETED


def test_whoever_cannot_get_a_link_is_told_of_another_way(site):
    page = Owner(site.test_client()).ask("nobody@example.com")

    assert "If you cannot get a link" in page.text
    assert 'href="/contact"' in page.text


def test_who_telephoned_is_asked_nothing_but_what_they_change(
    site, office, database, tmp_path, now
):
    person = Person("cal@example.com", "Cal Lowe", "Headteacher", "", "Elm School")
    with database.write() as session:
        receive(
            session,
            tmp_path,
            office,
            person,
            through=Through(CAMPAIGN, "local", "direct", Method.TELEPHONE),
            permissions={Purpose.THIS_SERVICE: Wording("Yes")},
            recorded_by="researcher@example.com",
            now=now,
        )
    owner = Owner(site.test_client())
    owner.ask("cal@example.com")
    owner.send(planned(database, office)[-1].link("your-details").removeprefix("/your-details"))
    [sign_up] = all_of(database, SignUp)

    page = owner.send(
        f"/change/{sign_up.reference}/name", {"first_name": "Cal", "last_name": "Low"}
    )

    assert heading(page) == "Your details"
    [cal] = all_of(database, Volunteer)
    assert (cal.name, cal.role, cal.school_name) == ("Cal Low", "Headteacher", "Elm School")
    assert "Headteacher" in page.text


def test_a_mistake_is_said_and_changes_nothing(ada, database):
    answer = change(ada, database, "name", {"first_name": "", "last_name": "Bell"})

    assert answer.status_code == 400
    assert errors(answer)[0] == ["Enter your first name"]
    assert of_ada(database).name == "Ada Bell"


def test_another_place_of_work_is_searched_for_and_saved(ada, database):
    page = change(ada, database, "find", {"find": "Elm School"})

    assert "Elm School" in page.text
    assert of_ada(database).school_name == ada_sign_up(database).school_name == "Elm School"


def test_choosing_the_telephone_asks_for_the_number_before_it_is_saved(ada, database):
    asked = change(ada, database, "question-take_part", {"take_part": ["0", "1"]})
    assert heading(asked) == "What is your phone number?"
    assert ada_sign_up(database).answers["take_part"] == ["Video call"]

    change(ada, database, "phone", {"phone": "01632 960 001"})
    assert of_ada(database).phone == "01632 960 001"
    assert ada_sign_up(database).answers["take_part"] == ["Video call", "By phone"]

    change(ada, database, "question-take_part", {"take_part": ["0"]})
    assert of_ada(database).phone == ""


def test_support_can_be_added_changed_and_taken_back(ada, database):
    change(ada, database, "support", {"support": "large print"})
    assert [one.text for one in all_of(database, SupportNeed)] == ["large print"]

    change(ada, database, "support", {"support": ""})
    assert all_of(database, SupportNeed) == []


def test_a_purpose_no_longer_ticked_is_withdrawn_and_one_newly_ticked_is_permitted(
    ada, database, now, clock
):
    clock.moment += timedelta(minutes=5)

    change(ada, database, "permission", {"permission": ["0", "2"]})

    mine = [one for one in all_of(database, Permission) if one.volunteer_id == of_ada(database).id]
    assert [(one.purpose, one.given_at, one.withdrawn_at) for one in mine] == [
        ("research-this-service", now, None),
        ("other-research", now, clock.moment),
        ("survey", clock.moment, None),
    ]
    assert mine[-1].statement_text == "You can send me surveys about “Claim funding”."


def test_a_statement_worded_otherwise_by_now_is_shown_before_anybody_agrees_to_it(
    ada, database, tmp_path
):
    reference = ada_sign_up(database).reference
    ada.see(f"/change/{reference}/permission")
    file = tmp_path / "campaigns" / f"{CAMPAIGN}.toml"
    words = (
        '[signup.permissions]\nresearch-this-service = "Yes."\nupdates = "News of this service."\n'
    )
    file.write_text(file.read_text() + words, encoding="utf-8")
    before = len(all_of(database, Permission))

    page = change(ada, database, "permission", {"permission": ["0", "1"]})

    assert len(all_of(database, Permission)) == before
    assert "News of this service." in page.text
    change(ada, database, "permission", {"permission": ["0", "1"]})
    assert all_of(database, Permission)[-1].statement_text == "News of this service."


def test_the_permission_that_is_needed_cannot_be_unticked_but_by_stopping(ada, database):
    answer = change(ada, database, "permission", {"permission": ["1"]})

    assert answer.status_code == 400
    assert [one.withdrawn_at for one in all_of(database, Permission)] == [None, None]


def test_a_change_keeps_details_no_longer_than_before(ada, database, clock):
    ends = {one.expires_at for one in all_of(database, Permission)}
    clock.moment += timedelta(minutes=30)

    change(ada, database, "name", {"first_name": "Ada", "last_name": "Cole"})

    assert {one.expires_at for one in all_of(database, Permission)} == ends


def test_a_pause_holds_until_its_day_and_can_be_ended(ada, database, keys):
    page = ada.send("/pause", {"until": ["1", "3", "2026"]})
    assert "You pause until 1 March 2026" in page.text
    assert held(database, keys, date(2026, 2, 28))
    assert not held(database, keys, date(2026, 3, 1))

    ada.send("/pause", {"until": ["1", "2", "2026"]})
    assert not held(database, keys, date(2026, 2, 1))

    ada.send("/go-on")
    assert not held(database, keys)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (["", "", ""], "Enter the date to start contacting you again"),
        (["31", "2", "2026"], "Date to start contacting you again must be a real date"),
        (["1", "x", "2026"], "Date to start contacting you again must be a real date"),
        (["1"], "Date to start contacting you again must be a real date"),
        (["1", "2", "2026", "4"], ""),
        (["١", "٢", "٢٠٢٦"], "Date to start contacting you again must be a real date"),
        (["12", "1", "2026"], "Date to start contacting you again must be in the future"),
        (["1", "1", "2029"], "Date to start contacting you again must be within the next 2 years"),
        (["1", "1", "99999999999"], "Date to start contacting you again must be a real date"),
    ],
)
def test_a_day_that_cannot_be_is_refused_in_words(ada, database, until, said):
    answer = ada.send("/pause", {"until": until})

    if not said:
        assert answer.status_code == 200
        return
    assert answer.status_code == 400
    assert errors(answer) == ([said], [said])
    assert 'href="#until-day"' in answer.text
    assert all_of(database, Suppression) == []


def test_stopping_emails_keeps_the_details_and_is_told_by_email(ada, database, office, keys):
    page = ada.send("/stop", {"stop": "emails"})

    assert "Our emails to you are stopped" in page.text
    assert held(database, keys)
    assert of_ada(database).name == "Ada Bell"
    told = planned(database, office)[-1]
    assert (told.to, told.about) == (ADA, Confirmation.STOPPED)

    page = ada.send("/go-on")
    assert "are stopped" not in page.text
    assert not held(database, keys)


def test_a_pause_asked_for_after_a_stop_lets_nothing_through(ada, database, keys):
    ada.send("/stop", {"stop": "emails"})

    page = ada.send("/pause", {"until": ["1", "3", "2026"]})

    assert "Our emails to you are stopped" in page.text
    assert "Pause until" not in page.text
    with database.read() as session:
        key = keys.address_key(ADA)
        for kind in ("announcement", "research"):
            assert suppression.suppressed(session, [key], kind, today=date(2026, 3, 1))


def test_deleting_everything_leaves_nothing_of_the_person_and_is_told_by_email(
    ada, ben, database, office, keys
):
    page = ada.send("/stop", {"stop": "delete"})

    assert heading(page) == "Your details are deleted"
    assert [one.address for one in all_of(database, Volunteer)] == [BEN]
    assert held(database, keys)
    told = planned(database, office)[-1]
    assert (told.to, told.about) == (ADA, Confirmation.DETAILS_DELETED)
    others = [one for one in all_of(database, Message) if one.address == ADA]
    assert len(others) == 1  # the one that tells them, until it is sent
    assert heading(ada.see("/all")) == "Your details are closed"


def test_nothing_chosen_stops_nothing(ada, database, keys):
    answer = ada.send("/stop", {})

    assert answer.status_code == 400
    assert errors(answer)[0] == ["Select what you want us to do"]
    assert not held(database, keys)


def test_closing_leaves_nothing_for_whoever_uses_the_computer_next(ada):
    assert heading(ada.send("/leave")) == "You have closed your details"

    assert heading(ada.see("/all")) == "Your details are closed"


def test_details_left_open_are_closed_after_an_hour(ada, clock):
    clock.moment += timedelta(minutes=60)

    page = ada.see("/all")

    assert (page.status_code, heading(page)) == (410, "Your details are closed")


def test_the_cookie_says_nothing_of_the_person(ada):
    with ada.client.session_transaction() as session:
        assert set(session) <= {"open", "csrf_token"}


def test_what_was_done_is_on_record_without_a_word_about_the_person(ada, database):
    change(ada, database, "name", {"first_name": "Ada", "last_name": "Cole"})
    ada.send("/pause", {"until": ["1", "3", "2026"]})
    ada.send("/stop", {"stop": "delete"})

    acts = [(one.act, one.who) for one in all_of(database, Event)]
    assert ("changed their details", "themselves") in acts
    assert ("erased", "themselves") in acts
    told = " ".join(f"{one.target} {one.why} {one.details}" for one in all_of(database, Event))
    assert "Bell" not in told
    assert "Cole" not in told
    assert ADA not in told


@pytest.mark.parametrize("path", ["/all", "/pause", "/stop", "/change/UR-2222-2222/name"])
def test_without_a_link_there_is_nothing_to_see(site, path):
    page = Owner(site.test_client()).see(path)

    assert (page.status_code, heading(page)) == (410, "Your details are closed")
