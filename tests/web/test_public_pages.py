"""The public pages: what they say, what they never say, and that only a POST does anything."""

import logging
import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from postroom.audience import suppression
from postroom.tables import Edition, Event, Identity, Mailing, Message, Suppression
from tests.databases import TODAY
from tests.web.conftest import CAMPAIGN_FILE

PERSONAL = ("Ada", "Bell", "example.com/", "ada.bell", "Oak Primary", "900001")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


NONCE = re.compile(r'nonce="[^"]+"')


def heading(answer):
    return BeautifulSoup(answer.text, "html.parser").h1.get_text(strip=True)


def is_stopped(database, post):
    with database.read() as session:
        return bool(
            suppression.suppressed(session, [post.address_key], "announcement", today=TODAY)
        )


def test_the_sign_up_page_says_what_it_is_and_how_to_sign_up(client, post):
    answer = client.get(post.sign_up, follow_redirects=True)

    assert answer.status_code == 200
    assert heading(answer) == "Help us design Get ready to claim"
    for said in (
        "Get ready to claim",
        "The Department of Examples",
        "funding@example.com",
        "voluntary",
        "about 5 minutes",
        "/privacy",
    ):
        assert said in answer.text


def test_the_token_gives_way_to_a_clean_address_as_often_as_the_link_is_opened(client, post):
    answers = [client.get(post.sign_up) for _ in range(3)]

    assert {answer.headers["Location"] for answer in answers} == {"/research/bpn-invite"}
    assert {answer.status_code for answer in answers} == {303}


def test_a_partners_link_opens_the_same_page(client, post):
    partner = client.get(post.sign_up.replace("/r/", "/p/"), follow_redirects=True)

    assert heading(partner) == "Help us design Get ready to claim"


@pytest.mark.parametrize("page", ["sign_up", "stop"])
def test_a_forwarded_link_shows_nothing_of_the_first_person(client, post, page):
    text = client.get(getattr(post, page), follow_redirects=True).text

    assert [word for word in PERSONAL if word in text] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_campaign_that_was_never_planned_is_read_from_its_file(client, keys, tmp_path, encoding):
    from postroom.keys import SignUpLink

    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "niot.toml").write_text(CAMPAIGN_FILE, encoding=encoding)
    token = keys.sign_up_token(SignUpLink("niot", "partner", ""))

    assert "Get ready to claim" in client.get(f"/r/{token}", follow_redirects=True).text


def test_a_rehearsal_of_other_words_changes_no_page_that_people_were_sent_to(
    client, post, database, now
):
    with database.write() as session:
        other = CAMPAIGN_FILE.replace("Get ready to claim", "A draft")
        files = {"campaigns/bpn-invite.toml": other}
        session.add(Edition(id=2, digest=b"e" * 32, files=files, made_at=now))
        session.add(Mailing(id=2, campaign="bpn-invite", mode="test", made_at=now))
        session.flush()
        sent = session.get_one(Message, 1).model_dump(exclude={"id"})
        rehearsed = {"mailing_id": 2, "edition_id": 2, "reference": "another"}
        session.add(Message(**sent | rehearsed | {"planned_at": now + timedelta(days=1)}))

    assert "Get ready to claim" in client.get(post.stop).text


def test_a_sign_up_link_ends_90_days_after_its_campaign(client, post, clock):
    clock.pass_days(89)
    assert client.get(post.sign_up, follow_redirects=True).status_code == 200

    clock.pass_days(2)
    answer = client.get(post.sign_up, follow_redirects=True)

    assert answer.status_code == 410
    assert heading(answer) == "This link has expired"
    assert "funding@example.com" in answer.text


def test_opening_a_stop_link_stops_nothing(client, post, database):
    for _ in range(3):
        answer = client.get(post.stop)
        client.head(post.stop)

    assert answer.status_code == 200
    assert BeautifulSoup(answer.text, "html.parser").form["method"] == "post"
    assert not is_stopped(database, post)
    with database.read() as session:
        assert session.exec(select(Event)).all() == []


def test_the_button_stops_announcements_and_research_but_not_service_mail(client, post, database):
    answer = client.post(post.stop)

    assert answer.status_code == 200
    assert heading(answer) == "These emails are stopped"
    with database.read() as session:
        held = {
            kind: bool(suppression.suppressed(session, [post.address_key], kind, today=TODAY))
            for kind in ("announcement", "research", "service")
        }
    assert held == {"announcement": True, "research": True, "service": False}


def test_a_mail_programs_one_click_stops_without_cookie_or_form_token(client, post, database):
    answer = client.post(post.stop, data=ONE_CLICK)

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert is_stopped(database, post)


def test_stopping_again_is_the_same_and_recorded_once(client, post, database):
    answers = [client.post(post.stop, data=ONE_CLICK) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({NONCE.sub("", answer.text) for answer in answers}) == 1
    with database.read() as session:
        assert len(session.exec(select(Suppression)).all()) == 1


def test_a_stop_link_works_for_years_and_after_the_address_is_gone(client, post, database, clock):
    with database.write() as session:
        session.connection().exec_driver_sql("UPDATE messages SET address = NULL")
    clock.pass_days(3_650)

    client.post(post.stop)

    assert is_stopped(database, post)


@pytest.mark.parametrize("path", ["/stop/", "/r/", "/p/"])
@pytest.mark.parametrize("token", ["x", "a" * 64, "a.b", "%00", "é"])
def test_a_token_that_is_not_ours_gets_the_page_that_any_wrong_address_gets(client, path, token):
    wrong = client.get("/no-such-page")

    answer = client.get(path + token)

    assert answer.status_code == 404
    assert NONCE.sub("", answer.text) == NONCE.sub("", wrong.text)
    if path == "/stop/":
        assert client.post(path + token).status_code == 404


def test_a_changed_token_is_not_ours(client, post, database):
    changed = post.stop[:-1] + ("a" if post.stop[-1] != "a" else "b")

    assert client.post(changed).status_code == 404
    assert not is_stopped(database, post)


@pytest.mark.parametrize("path", ["/sample/sign-up", "/sample/stop", "/r/sample", "/stop/sample"])
def test_a_sample_link_says_that_nothing_happens(client, path, database):
    assert heading(client.get(path)) == "This is a sample: nothing happens"
    with database.read() as session:
        assert session.exec(select(Event)).all() == []


def test_whoever_shortened_an_address_comes_to_where_we_can_be_reached(client):
    assert client.get("/").headers["Location"] == "/contact"


def test_the_health_page_gives_the_databases_id(client, database):
    with database.read() as session:
        expected = session.get(Identity, 1).database_id

    assert client.get("/health").get_json() == {"database": expected}


def test_every_page_behind_a_token_has_its_headers(client, post):
    for path in (post.sign_up, post.stop, "/stop/x", "/sample/stop"):
        headers = client.get(path).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe-inline" not in policy
        assert ("Set-Cookie" in headers) == (path == post.sign_up)


def test_pages_hold_no_style_of_their_own_and_no_script_but_what_the_policy_names(client, post):
    for path in (post.sign_up, post.stop, "/no-such-page", "/sample/stop"):
        answer = client.get(path, follow_redirects=True)
        page = BeautifulSoup(answer.text, "html.parser")
        assert page.find(["style", "img", "iframe"]) is None
        inline, module = page.find_all("script")
        assert f"'nonce-{inline['nonce']}'" in answer.headers["Content-Security-Policy"]
        assert module["src"] == "/static/site.js"
        assert page.find(style=True) is None
        assert page.html["lang"] == "en-GB"
        assert len(page.find_all("h1")) == 1


def test_the_style_sheet_is_served_and_may_be_kept(client):
    answer = client.get("/static/site.css")

    assert answer.status_code == 200
    assert answer.headers.get("Cache-Control") != "no-store"
    answer.close()


def test_other_ways_of_asking_and_long_requests_change_nothing(client, post, database):
    assert client.put(post.stop).status_code == 405
    assert client.delete(post.stop).status_code == 405
    assert client.post(post.sign_up).status_code == 405
    assert not is_stopped(database, post)


def test_a_failure_keeps_token_and_address_out_of_the_log(client, post, database, caplog):
    with database.write() as session:
        session.connection().exec_driver_sql("DROP TABLE suppressions")

    with caplog.at_level(logging.DEBUG):
        answer = client.post(post.stop)

    assert answer.status_code >= 500
    assert "Nothing was recorded" in answer.text
    assert "pages.stop" in caplog.text
    assert post.stop.removeprefix("/stop/") not in caplog.text
    assert post.address_key.hex() not in caplog.text


def test_what_a_campaign_file_says_never_becomes_markup(client, keys, tmp_path):
    from postroom.keys import SignUpLink

    (tmp_path / "campaigns").mkdir()
    hostile = CAMPAIGN_FILE.replace("Get ready to claim", "<script>x</script>").replace(
        "https://www.example.com/privacy", "javascript:x"
    )
    (tmp_path / "campaigns" / "niot.toml").write_text(hostile, encoding="utf-8")
    token = keys.sign_up_token(SignUpLink("niot", "partner", ""))

    text = client.get(f"/r/{token}", follow_redirects=True).text

    assert "<script>x" not in text
    assert "javascript:" not in text
