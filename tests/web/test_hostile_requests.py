"""What an attacker tries first, each met with a clean refusal and nothing recorded."""

import logging
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from postroom.keys import SignUpLink
from postroom.tables import SignUp, Volunteer
from postroom.web.site import create_app
from postroom.workspace import Workspace
from tests.databases import office_of
from tests.visitors import CAMPAIGN, CAMPAIGN_FILE, Visitor, heading

MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=y>{{7*7}}"


@pytest.fixture
def site(tmp_path, database, keys, clock):
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / f"{CAMPAIGN}.toml").write_text(CAMPAIGN_FILE, encoding="utf-8")
    return create_app(Workspace(tmp_path), database, office_of(keys), clock=clock)


@pytest.fixture
def visitor(site):
    return Visitor(site.test_client())


def sign_ups(database):
    with database.read() as session:
        return session.exec(select(SignUp)).all()


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\x00", "é" * 50])
def test_a_form_that_another_site_sends_is_refused(visitor, database, token):
    visitor.fill_in()

    answer = visitor.say("check", token=token)

    assert (answer.status_code, heading(answer)) == (400, "Your answers were deleted")
    assert sign_ups(database) == []


def test_a_token_of_another_visitor_is_refused(site, database):
    theirs = Visitor(site.test_client())
    theirs.fill_in()
    mine = Visitor(site.test_client())
    mine.fill_in()

    assert mine.say("check", token=theirs.token("check")).status_code == 400
    assert sign_ups(database) == []


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example.com", "https:evil.example.com", "..", "%2e%2e"]
)
def test_no_address_leads_to_another_site(visitor, elsewhere):
    for page in (f"{elsewhere}", f"name?next=https://{elsewhere}", f"{elsewhere}/check"):
        answer = visitor.client.get(f"{visitor.base}/{page}")
        location = urlsplit(answer.headers.get("Location", "/"))
        assert location.hostname in (None, "localhost")


@pytest.mark.parametrize(
    "name", ["Ada\r\nBcc: x@example.com", "Ada\x00Bell", "Ada\u202eBell\u0085"]
)
def test_what_could_break_a_header_or_turn_text_around_is_taken_out(visitor, database, name):
    visitor.sign_up({"name": {"first_name": name, "last_name": "X"}})

    with database.read() as session:
        kept = session.exec(select(Volunteer)).one().name
    assert kept.isprintable()
    assert "\u202e" not in kept


@pytest.mark.parametrize(
    "email", ["ada@example.com\nBcc:x@example.com", "a@b.example.com,c@d.example.com"]
)
def test_two_addresses_in_one_are_not_an_address(visitor, email):
    visitor.fill_in(until="email")

    assert visitor.say("email", {"email": email}).status_code == 400


def test_markup_in_every_field_stays_text(visitor):
    hostile = {
        "name": {"first_name": MARKUP, "last_name": MARKUP},
        "find": {"find": MARKUP},
        "question-role": {"role": "2", "other": MARKUP},
        "support": {"support": MARKUP},
    }
    visitor.fill_in(hostile)

    for page in ("check", "name", "find", "question-role", "support"):
        text = visitor.see(page).text
        found = BeautifulSoup(text, "html.parser")
        assert found.find("img") is None
        assert len(found.find_all("script")) == 2
        assert "{{7*7}}" in text


def test_a_body_that_is_too_large_is_refused_before_it_is_read(visitor):
    answer = visitor.say("suitable", {"suitable": "x" * 20_000})

    assert (answer.status_code, heading(answer)) == (413, "This page cannot be used that way")


def test_too_many_fields_are_refused(visitor):
    fields = {f"field{number}": "x" for number in range(2_000)}

    assert visitor.say("suitable", fields).status_code in (400, 413)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b'{"suitable": "yes"}', "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"", ""),
    ],
)
def test_a_body_that_is_no_form_is_refused(visitor, body, kind):
    answer = visitor.client.post(f"{visitor.base}/suitable", data=body, content_type=kind)

    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
@pytest.mark.parametrize("asked", ["name", "check", "leave", "done"])
def test_no_other_method_does_anything(visitor, method, asked):
    answer = getattr(visitor.client, method)(f"{visitor.base}/{asked}")

    assert answer.status_code == 405


def test_looking_at_every_page_signs_nobody_up(visitor, database):
    visitor.fill_in()

    for page in ("check", "done", "left", "leave", "name", "permission"):
        visitor.client.head(f"{visitor.base}/{page}")
        visitor.see(page)

    assert sign_ups(database) == []
    assert heading(visitor.see("check")).startswith("Check your answers")


@pytest.mark.parametrize(
    "campaign", ["../outreach", "..%2f..%2fetc%2fpasswd", "no-such", "A", "x" * 300]
)
def test_a_campaign_that_is_not_ours_is_not_found(site, campaign):
    assert site.test_client().get(f"/research/{campaign}").status_code == 404


def test_a_changed_cookie_starts_anew(site):
    client = site.test_client()
    visitor = Visitor(client)
    visitor.fill_in()
    cookie = client.get_cookie("session").value
    client.set_cookie("session", cookie[:-2] + ("aa" if cookie[-2:] != "aa" else "bb"))

    assert heading(visitor.see("check")) == "Help us design Claim funding"


def test_no_log_line_holds_an_address_a_name_a_number_or_a_token(site, keys, caplog):
    token = keys.sign_up_token(SignUpLink(CAMPAIGN, "direct", "900001"))
    with caplog.at_level(logging.DEBUG):
        client = site.test_client()
        client.get(f"/r/{token}")
        visitor = Visitor(client)
        said = {"question-take_part": {"take_part": ["1"]}, "support": {"support": "Ramp"}}
        visitor.say("name", {"first_name": "Ada"})
        visitor.sign_up(said)
        for _ in range(6):
            Visitor(site.test_client()).fill_in()
        visitor.say("check", token="x")

    for secret in ("Ada", "Bell", "ada.bell", "960 001", "Ramp", token):
        assert secret not in caplog.text


def test_a_failure_in_the_middle_keeps_answers_out_of_the_log_and_can_be_tried_again(
    visitor, database, caplog
):
    visitor.fill_in()
    with database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE events RENAME TO elsewhere")

    with caplog.at_level(logging.DEBUG):
        answer = visitor.say("check")

    assert answer.status_code in (500, 503)  # of PostgreSQL it is a trouble that may pass
    assert heading(answer) == "There is a problem with the service"
    assert "ada.bell" not in caplog.text
    with database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE elsewhere RENAME TO events")
    assert visitor.say("check").headers["Location"].endswith("/done")
