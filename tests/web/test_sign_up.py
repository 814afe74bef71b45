"""The sign-up form: what it asks, in which words it refuses, and what it keeps, and when."""

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from postroom.audience import suppression
from postroom.keys import SignUpLink
from postroom.settings import Mode
from postroom.tables import (
    Event,
    Membership,
    Permission,
    Recipient,
    RecipientList,
    School,
    Scope,
    SignUp,
    SupportNeed,
    Volunteer,
)
from postroom.web.site import create_app
from postroom.workspace import Workspace
from tests.databases import TODAY, office_of
from tests.visitors import ANSWERS, CAMPAIGN, CAMPAIGN_FILE, Visitor, errors, heading


@pytest.fixture
def site(tmp_path, database, keys, clock):
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / f"{CAMPAIGN}.toml").write_text(CAMPAIGN_FILE, encoding="utf-8")
    return create_app(Workspace(tmp_path), database, office_of(keys), clock=clock)


@pytest.fixture
def visitor(site):
    return Visitor(site.test_client())


@pytest.fixture
def through_link(site, keys):
    """Give a visitor who came through the link of a school, with its URN."""

    def come(urn="900001", route="direct"):
        client = site.test_client()
        client.get(f"/r/{keys.sign_up_token(SignUpLink(CAMPAIGN, route, urn))}")
        return Visitor(client)

    return come


@pytest.fixture
def oak_is_on_a_list(database, keys, now):
    with database.write() as session:
        session.add(RecipientList(id=1, name="bpn", imported_at=now))
        key = keys.address_key("head@example.com")
        session.add(Recipient(id=1, address="head@example.com", address_key=key))
        session.flush()
        session.add(
            Membership(
                list_id=1, recipient_id=1, row=2, school_urn="900001", school_name="Oak Primary"
            )
        )


def everything(database, table):
    with database.read() as session:
        return session.exec(select(table)).all()


def test_a_sign_up_ends_with_a_reference_and_is_kept_whole(visitor, database):
    last = visitor.sign_up(
        {
            "question-take_part": {"take_part": ["0", "1"]},
            "phone": {"phone": "01632 960 001"},
            "support": {"support": "A quiet room"},
            "permission": {"permission": ["0", "2"]},
        }
    )

    [sign_up] = everything(database, SignUp)
    assert heading(last) == "You have signed up"
    assert sign_up.reference in last.text
    assert (sign_up.campaign, sign_up.mode, sign_up.route) == (CAMPAIGN, "local", "open")
    assert sign_up.answers == {
        "role": ["General mentor"],
        "providers": ["North"],
        "mentors": [],
        "take_part": ["Video call", "By phone"],
    }
    [volunteer] = everything(database, Volunteer)
    assert (volunteer.name, volunteer.role) == ("Ada Bell", "General mentor")
    assert (volunteer.phone, volunteer.school_name) == ("01632 960 001", "Oak Primary, Leeds")
    assert [need.text for need in everything(database, SupportNeed)] == ["A quiet room"]


def test_each_permission_says_everything_it_must(visitor, database, now):
    visitor.sign_up({"permission": {"permission": ["0", "1"]}})

    first, second = everything(database, Permission)
    assert first.statement_text == "You can contact me about research for “Claim funding”."
    assert (
        second.statement_text == "The Department of Examples can contact me about other research."
    )
    assert (first.given, first.given_at, first.withdrawn_at) == (True, now, None)
    assert (first.method, first.recorded_by, first.third_party) == ("web-form", "self", "")
    assert first.privacy_notice_url == "https://outreach.example.com/privacy"
    assert (first.campaign, first.route, first.controller) == (
        CAMPAIGN,
        "open",
        "the Department of Examples",
    )
    assert len(first.statement_version) == len(first.template_version) == 12
    assert first.expires_at.year == now.year + 2


def test_nothing_is_stored_before_sign_up(visitor, database):
    visitor.fill_in()
    visitor.see("check")

    for table in (Volunteer, SignUp, Permission, SupportNeed, Event):
        assert everything(database, table) == []


def test_no_answer_is_in_the_cookie(site):
    client = site.test_client()
    Visitor(client).fill_in()

    with client.session_transaction() as session:
        held = dict(session)
    # Two random values, each of the one form that such a value has: no answer hides in them.
    assert set(held) == {"csrf_token", "journey"}
    assert re.fullmatch("[0-9a-f]{40}", held["csrf_token"])
    assert re.fullmatch("[A-Za-z0-9_-]{43}", held["journey"])


def test_the_last_page_shows_every_answer_and_leads_back_to_each(visitor):
    visitor.fill_in({"question-role": {"role": "2", "other": "Governor"}})
    page = BeautifulSoup(visitor.see("check").text, "html.parser")
    text, links = page.get_text(), [link["href"] for link in page.select("dl a")]

    for said in ("Ada Bell", "ada.bell@example.com", "Oak Primary, Leeds", "Governor", "North"):
        assert said in text
    assert text.count("Not provided") == 2
    for step in ("name", "email", "find", "question-role", "support", "permission"):
        assert any(link.endswith(f"/{step}") for link in links)


def test_a_changed_answer_leads_back_to_the_last_page(visitor):
    visitor.fill_in()

    said = visitor.say("name", {"first_name": "Ben", "last_name": "Cole"})

    assert said.headers["Location"].endswith("/check")
    assert "Ben Cole" in visitor.see("check").text


def test_choosing_the_telephone_later_asks_for_the_number_first(visitor):
    visitor.fill_in()

    said = visitor.say("question-take_part", {"take_part": ["1"]})

    assert said.headers["Location"].endswith("/phone")


PERMISSIONS = """
[signup.permissions]
research-this-service = "You can write to me about claims."
"""


@pytest.fixture
def rewrite(tmp_path):
    """Change the campaign file while somebody is at its form."""

    def change(old, new):
        assert old in CAMPAIGN_FILE
        file = tmp_path / "campaigns" / f"{CAMPAIGN}.toml"
        file.write_text(CAMPAIGN_FILE.replace(old, new, 1), encoding="utf-8")

    return change


def test_nobody_is_said_to_have_agreed_to_words_that_they_were_not_shown(
    visitor, database, rewrite
):
    visitor.fill_in()
    rewrite("\n[wanted.role]", f"{PERMISSIONS}\n[wanted.role]")

    visitor.say("check", token=visitor.token("name"))

    assert everything(database, Permission) == []
    for step in ("suitable", *(one for one in ANSWERS if one.startswith("question-"))):
        visitor.say(step, ANSWERS[step])
    assert "You can write to me about claims." in visitor.see("permission").text
    visitor.say("permission", {"permission": ["0"]})
    visitor.say("check")
    assert [one.statement_text for one in everything(database, Permission)] == [
        "You can write to me about claims."
    ]


def test_an_answer_to_a_page_that_asks_otherwise_by_now_is_asked_for_again(visitor, rewrite):
    visitor.fill_in(until="permission")
    token = visitor.token("permission")
    rewrite("\n[wanted.role]", f"{PERMISSIONS}\n[wanted.role]")

    visitor.say("permission", {"permission": ["0"]}, token)

    assert heading(visitor.see("check")) == "Do you work for a school?"
    assert heading(visitor.see("permission")) == "Help us design Claim funding"


def test_a_question_with_fewer_options_by_now_breaks_nothing(visitor, rewrite):
    visitor.fill_in()
    rewrite('options = ["Headteacher", "General mentor"]\nother', 'options = ["Cook"]\nother')

    assert heading(visitor.see("check")) == "Do you work for a school?"


def test_no_page_can_be_jumped_to(visitor):
    assert heading(visitor.see("permission")) == "Help us design Claim funding"
    visitor.fill_in(until="email")
    assert heading(visitor.see("support")) == "Help us design Claim funding"
    assert heading(visitor.see("check")) == "What is your email address?"


@pytest.mark.parametrize(
    ("asked", "fields", "said"),
    [
        ("suitable", {}, ["Select if you work for a school"]),
        ("suitable", {"suitable": "perhaps"}, ["Select if you work for a school"]),
        ("name", {}, ["Enter your first name", "Enter your last name"]),
        ("name", {"first_name": " \t", "last_name": "x"}, ["Enter your first name"]),
        (
            "name",
            {"first_name": "a" * 101, "last_name": "b" * 101},
            [
                "First name must be 100 characters or less",
                "Last name must be 100 characters or less",
            ],
        ),
        ("email", {}, ["Enter your email address"]),
        (
            "email",
            {"email": "ada"},
            ["Enter an email address in the correct format, like name@example.com"],
        ),
        (
            "email",
            {"email": "a" * 250 + "@example.com"},
            ["Email address must be 254 characters or less"],
        ),
        ("find", {}, ["Enter the name of your organisation"]),
        ("find", {"find": "x" * 101}, ["Name of your organisation must be 100 characters or less"]),
        ("question-role", {}, ["Select your main role"]),
        ("question-role", {"role": "9"}, ["Select your main role"]),
        ("question-role", {"role": "2"}, ["Enter your role"]),
        (
            "question-role",
            {"role": "2", "other": "x" * 101},
            ["Your role must be 100 characters or less"],
        ),
        ("question-providers", {}, ["Select which providers you work with"]),
        ("question-providers", {"providers": ["x"]}, ["Select which providers you work with"]),
        (
            "question-providers",
            {"providers": ["0", "2"]},
            ["Select which providers you work with, or select ‘I’m not sure’"],
        ),
        ("question-take_part", {}, ["Select how you would like to take part"]),
        ("phone", {}, ["Enter a phone number"]),
        (
            "phone",
            {"phone": "ring me"},
            ["Enter a phone number, like 01632 960 001, 07700 900 982 or +44 808 157 0192"],
        ),
        (
            "support",
            {"support": "x" * 501},
            ["What would help you take part must be 500 characters or less"],
        ),
        ("permission", {}, ["Select if we can contact you about research on this service"]),
        (
            "permission",
            {"permission": ["1"]},
            ["Select if we can contact you about research on this service"],
        ),
    ],
)
def test_what_is_wrong_is_said_alike_in_summary_field_and_title(visitor, asked, fields, said):
    visitor.fill_in({"question-take_part": {"take_part": ["1"]}}, until=asked)

    answer = visitor.say(asked, fields)

    assert answer.status_code == 400
    assert errors(answer) == (said, said)
    found = BeautifulSoup(answer.text, "html.parser")
    assert found.title.string.startswith("Error: ")
    for link in found.select(".govuk-error-summary__list a"):
        assert found.find(id=link["href"].removeprefix("#")) is not None
    assert found.select_one(".govuk-error-summary")["data-module"] == "govuk-error-summary"


def test_what_was_typed_stays_after_an_error(visitor):
    visitor.fill_in(until="name")

    assert 'value="Ada"' in visitor.say("name", {"first_name": "Ada"}).text


def test_a_space_within_an_address_is_not_taken_out_but_asked_about(visitor):
    visitor.fill_in(until="email")

    said = visitor.say("email", {"email": "ada bell@example.com"})

    assert said.status_code == 400
    assert errors(said)[1] == ["Enter an email address without spaces, like name@example.com"]
    assert 'value="ada bell@example.com"' in said.text


def test_a_question_that_may_be_passed_over_says_so(visitor):
    visitor.fill_in(until="question-mentors")

    assert heading(visitor.see("question-mentors")).endswith("? (optional)")
    assert "optional" not in heading(visitor.see("question-role"))


def test_the_last_page_leads_back_to_the_last_question(visitor):
    visitor.fill_in()

    link = BeautifulSoup(visitor.see("check").text, "html.parser").select_one(".govuk-back-link")

    assert link["href"].endswith("/permission")


@pytest.mark.parametrize("typed", ["ada . bell @ example.com", " ada.bell@example.com\u200b"])
def test_spaces_that_dictation_adds_are_taken_out(visitor, database, typed):
    visitor.sign_up({"email": {"email": typed}})

    assert [one.address for one in everything(database, Volunteer)] == ["ada.bell@example.com"]


def test_who_is_not_meant_is_told_so_and_nothing_is_kept(visitor, database):
    said = visitor.say("suitable", {"suitable": "no"})

    assert said.headers["Location"].endswith("/not-suitable")
    assert "This research is for people who work for a school." in visitor.see("not-suitable").text
    assert everything(database, Volunteer) == []


def test_leaving_deletes_the_answers(visitor, database):
    visitor.fill_in()

    said = visitor.say("leave", token=visitor.token("check"))

    assert said.headers["Location"].endswith("/left")
    assert heading(visitor.see("check")) == "Help us design Claim funding"
    assert everything(database, Volunteer) == []


def test_after_an_hour_the_answers_are_gone_and_a_page_says_so(visitor, clock):
    visitor.fill_in(until="find")
    clock.moment += timedelta(minutes=59)
    assert heading(visitor.see("find")) == "Where do you work?"

    clock.moment += timedelta(minutes=60)

    assert heading(visitor.see("find")) == "Your answers were deleted"


def test_two_presses_of_the_button_are_one_sign_up_and_both_see_it(site, database):
    client = site.test_client()
    visitor = Visitor(client)
    visitor.fill_in()
    token, cookie = visitor.token("check"), client.get_cookie("session")

    first = visitor.say("check", token=token)
    client.set_cookie("session", cookie.value)
    second = visitor.say("check", token=token)

    assert first.headers["Location"] == second.headers["Location"] == f"{visitor.base}/done"
    assert len(everything(database, SignUp)) == 1


def test_the_school_of_the_link_is_offered_to_be_confirmed(
    through_link, oak_is_on_a_list, database
):
    visitor = through_link()
    visitor.fill_in({"work": {"work": "listed"}}, until="work")
    assert "Oak Primary" in visitor.see("work").text

    visitor.sign_up({"work": {"work": "listed"}})

    [sign_up] = everything(database, SignUp)
    assert (sign_up.school_urn, sign_up.school_name) == ("900001", "Oak Primary")
    assert sign_up.route == "direct"


def test_the_school_of_the_link_can_be_changed(through_link, oak_is_on_a_list, database):
    through_link().sign_up({"work": {"work": "elsewhere"}})

    [sign_up] = everything(database, SignUp)
    assert (sign_up.school_urn, sign_up.school_name) == ("", "Oak Primary, Leeds")


@pytest.mark.parametrize(
    ("email", "forwarded"), [("HEAD@example.com", False), ("colleague@example.com", True)]
)
def test_a_forwarded_link_is_counted(through_link, oak_is_on_a_list, database, email, forwarded):
    through_link().sign_up({"work": {"work": "listed"}, "email": {"email": email}})

    assert [one.via_forward for one in everything(database, SignUp)] == [forwarded]


def test_a_partners_link_knows_no_school_and_counts_nothing_as_forwarded(through_link, database):
    through_link("", "partner").sign_up()

    [sign_up] = everything(database, SignUp)
    assert (sign_up.route, sign_up.via_forward) == ("partner", False)


def register(database, number):
    with database.write() as session:
        for count in range(number):
            school = dict.fromkeys(School.model_fields, "") | {"opened_on": None, "closed_on": None}
            session.add(
                School(
                    **school
                    | {
                        "urn": str(100001 + count),
                        "name": f"Oak School {count:02}",
                        "status_code": "1",
                        "town": "Leeds",
                        "postcode": "LS1 1AA",
                    }
                )
            )


@pytest.mark.parametrize("words", ["oak leeds", "1 0 0 0 0 2", "ls11aa", "Oak School 01"])
def test_a_school_is_found_by_name_postcode_or_urn(visitor, database, words):
    register(database, 3)
    changed = {"find": {"find": words}, "pick": {"pick": "100002"}}

    visitor.fill_in(changed, until="pick")
    assert "Oak School 01, Leeds, LS1 1AA" in visitor.see("pick").text
    visitor.sign_up(changed)

    assert [one.school_urn for one in everything(database, SignUp)] == ["100002"]


def test_at_most_fifteen_schools_are_shown_and_none_need_be_chosen(visitor, database):
    register(database, 20)
    changed = {"find": {"find": "oak"}, "pick": {"pick": "not-listed"}}
    visitor.fill_in(changed, until="pick")
    page = visitor.see("pick")

    assert heading(page) == "The first 15 results for “oak”"
    assert page.text.count('type="radio"') == 16
    assert errors(visitor.say("pick"))[0] == ["Select a school"]
    visitor.sign_up(changed)
    assert [one.school_name for one in everything(database, SignUp)] == ["oak"]


def test_signing_up_twice_looks_the_same_and_leaves_one_volunteer(site, database):
    pages = [Visitor(site.test_client()).sign_up() for _ in range(2)]

    assert len({heading(page) for page in pages}) == 1
    assert len(everything(database, Volunteer)) == 1
    assert len(everything(database, Permission)) == 2


def test_a_suppressed_address_sees_the_same_and_nothing_is_lifted(visitor, database, keys, now):
    key = keys.address_key("ada.bell@example.com")
    with database.write() as session:
        scope = Scope.ANNOUNCEMENTS_AND_RESEARCH
        suppression.add(session, key, scope=scope, reason="asked", who="ana", now=now)

    last = visitor.sign_up()

    assert (heading(last), "UR-" in last.text) == ("You have signed up", True)

    with database.read() as session:
        assert suppression.suppressed(session, [key], "research", today=TODAY)


def test_one_address_typed_over_and_over_is_slowed_down(site, database):
    for _ in range(5):
        Visitor(site.test_client()).sign_up()

    visitor = Visitor(site.test_client())
    visitor.fill_in()
    answer = visitor.say("check")

    assert (answer.status_code, heading(answer)) == (429, "Try again later")
    Visitor(site.test_client()).sign_up({"email": {"email": "ben@example.com"}})


def test_a_flood_from_one_client_is_slowed_down_and_no_other_is_locked_out(site):
    for _ in range(5):  # as often as one address may be typed
        Visitor(site.test_client()).sign_up()
    flood = Visitor(site.test_client())
    flood.fill_in()
    token = flood.token("check")
    for _ in range(295):
        flood.say("check", token=token)

    here, elsewhere = Visitor(site.test_client()), Visitor(site.test_client())
    here.fill_in({"email": {"email": "ben@example.com"}})
    elsewhere.client.environ_base["HTTP_X_FORWARDED_FOR"] = "192.0.2.7"

    assert here.say("check").status_code == 429
    elsewhere.sign_up({"email": {"email": "cy@example.com"}})


def test_whoever_tries_link_after_link_is_slowed_down_and_the_form_stays_open(site, visitor):
    answers = [visitor.client.get(f"/r/guess{number}").status_code for number in range(601)]

    assert (set(answers[:600]), answers[600]) == ({404}, 429)
    assert visitor.client.get(f"/research/{CAMPAIGN}").status_code == 200


def test_a_robot_that_fills_every_field_is_refused(visitor, database):
    visitor.fill_in()

    assert visitor.say("check", {"website": "https://spam.example.com"}).status_code == 400
    assert everything(database, SignUp) == []


def test_outside_local_the_cookie_leaves_by_https_only(tmp_path, database, keys, clock, site):
    live = create_app(Workspace(tmp_path), database, office_of(keys, Mode.LIVE), clock=clock)
    token = keys.sign_up_token(SignUpLink(CAMPAIGN, "open", ""))

    cookie = (
        live.test_client()
        .get(f"/r/{token}", base_url="https://x.example.com")
        .headers["Set-Cookie"]
    )

    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
