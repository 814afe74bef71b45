"""The inbox, read as a browser would."""

import re
from datetime import UTC, datetime

import pytest
import requests
from bs4 import BeautifulSoup

from postroom.localnotify import REPLY_TO_ID, LocalNotify
from tests.localnotify.conftest import TOO_DEEP, send
from tests.localnotify.test_reading import fill

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def open_page(notify, path="/", **query):
    response = requests.get(notify.url + path, params=query, timeout=60)
    return response, BeautifulSoup(response.text, "html.parser")


def listed(page):
    return [link.get_text(strip=True) for link in page.select("tbody th a")]


def test_an_empty_inbox_says_where_to_send(notify):
    _, page = open_page(notify)

    assert "No message has come yet" in page.main.get_text()
    assert page.code.get_text() == notify.url


def test_a_page_far_behind_the_last_is_an_empty_one(notify, capfd):
    response, page = open_page(notify, page=10**30)

    assert response.status_code == 200
    assert listed(page) == []
    assert capfd.readouterr() == ("", "")


def test_the_inbox_lists_mail_newest_first_with_its_status(notify, client):
    for n in range(3):
        send(client, f"p{n}@example.com", personalisation={"subject": f"No {n}", "body": "x"})

    _, page = open_page(notify)

    assert listed(page) == ["No 2", "No 1", "No 0"]
    assert page.select_one("tbody td").get_text() == "p2@example.com"
    assert page.select_one("tbody .tag").get_text() in ("created", "sending", "delivered")


@pytest.mark.parametrize("words", ["MENTORING for", "ash@EXAMPLE.com", "ref-77"])
def test_the_inbox_is_searched_by_subject_address_and_reference(notify, client, words):
    send(
        client,
        "ash@example.com",
        personalisation={"subject": "Mentoring for all", "body": "x"},
        reference="ref-77",
    )
    send(client, "birch@example.com", personalisation={"subject": "Other", "body": "x"})

    _, page = open_page(notify, words=words)

    assert listed(page) == ["Mentoring for all"]
    assert page.select_one("input[name=words]")["value"] == words


def test_a_search_that_finds_nothing_says_so(notify, client):
    send(client)

    _, page = open_page(notify, words="100%_")

    assert listed(page) == []
    assert "No message has 100%_ in its" in page.main.get_text()


def test_many_messages_are_paged_and_the_search_stays(notify):
    fill(notify.path, 120)

    _, first = open_page(notify, words="ref-")
    older = first.select_one("a[rel=next]")["href"]
    _, second = open_page(notify, older)
    _, third = open_page(notify, second.select_one("a[rel=next]")["href"])

    assert [len(listed(each)) for each in (first, second, third)] == [50, 50, 20]
    assert "words=ref-" in older
    assert third.select_one("a[rel=next]") is None
    assert third.select_one("a[rel=prev]")


def test_a_message_is_shown_with_all_that_its_reader_gets(notify, client):
    sent = send(
        client,
        personalisation={
            "subject": "It's here",
            "body": "# Hello\n\nSee [it](https://x.example.com)",
        },
        reference="ref-1",
        email_reply_to_id=REPLY_TO_ID,
        one_click_unsubscribe_url="https://outreach.example.com/stop/1",
    )

    _, page = open_page(notify, f"/messages/{sent['id']}")
    text = page.main.get_text(" ", strip=True)

    assert page.h1.get_text() == "It’s here"
    for part in (
        "ref-1",
        "Reply-To reply@example.com",
        "List-Unsubscribe <https://outreach.example.com/stop/1>",
        "List-Unsubscribe-Post List-Unsubscribe=One-Click",
        "Preview in the inbox: Hello See it",
        "it: https://x.example.com",  # the plain text part
        "# Hello",  # the personalisation
    ):
        assert part in text


def test_mail_is_shown_in_a_frame_that_can_do_nothing(notify, client):
    sent = send(client, personalisation={"subject": "x", "body": "[it](https://x.example.com)"})

    response, page = open_page(notify, f"/messages/{sent['id']}")
    frame = page.iframe
    part, mail = open_page(notify, frame["src"])

    assert frame["sandbox"] == ["allow-popups", "allow-popups-to-escape-sandbox"]
    assert frame["title"]
    assert mail.a["href"] == "https://x.example.com"
    policy = part.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script" not in policy
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/messages/{id}", "/messages/{id}/html"])
def test_nothing_that_was_sent_becomes_markup(notify, client, path):
    sent = send(
        client,
        "head@example.com",
        personalisation={"subject": NASTY, "body": f"x {NASTY}", NASTY: NASTY},
        reference=NASTY,
    )

    response, page = open_page(notify, path.format(id=sent["id"]), words="<")

    assert page.find("script") is None
    assert page.find("img") is None
    assert not page.find_all(lambda tag: any(name.startswith("on") for name in tag.attrs))
    assert "alert(1)" in response.text


def test_a_search_never_becomes_markup(notify):
    _, page = open_page(notify, words=NASTY)

    assert page.find("script") is None
    assert page.find("img") is None


def test_links_lead_where_they_are_told_and_what_was_sent_stays(database, connect):
    moved = {"https://outreach.example.com": "http://127.0.0.1:8000"}
    body = (
        "[Sign up](https://outreach.example.com/s/1)\n\n"
        "https://outreach.example.com.evil.example.com/ and https://outreach.example.community/"
    )
    with LocalNotify(database, show_links_at=moved) as notify:
        sent = send(connect(notify), personalisation={"subject": "x", "body": body})
        _, mail = open_page(notify, f"/messages/{sent['id']}/html")
        _, page = open_page(notify, f"/messages/{sent['id']}")
        [kept] = notify.ledger()

    assert [link["href"] for link in mail.select("a")] == [
        "http://127.0.0.1:8000/s/1",
        "https://outreach.example.com.evil.example.com/",
        "https://outreach.example.community/",
    ]
    assert "Sign up: http://127.0.0.1:8000/s/1" in page.select_one("#text ~ pre").get_text()
    assert kept.body == body


def test_a_message_that_notify_cannot_render_is_shown_as_it_came(notify, client):
    sent = send(client, personalisation={"subject": "x", "body": TOO_DEEP + NASTY})

    for path in (f"/messages/{sent['id']}", f"/messages/{sent['id']}/html"):
        response, page = open_page(notify, path)

        assert response.status_code == 200
        assert page.find("script") is None
        assert "Notify could not render this message" in page.get_text()


def test_times_are_shown_as_in_london(database, connect):
    with LocalNotify(database, clock=lambda: datetime(2026, 7, 1, 23, 5, 9, tzinfo=UTC)) as notify:
        send(connect(notify))
        _, page = open_page(notify)

    assert page.time.get_text() == "2 Jul 2026, 12:05:09am"


def test_an_unknown_message_has_a_page_that_says_so(notify):
    for path in ("/messages/x", "/messages/x/html"):
        response, page = open_page(notify, path)

        assert response.status_code == 404
        assert page.h1.get_text() == "Message not found"


def test_every_page_says_what_it_is_and_can_be_heard(notify, client):
    sent = send(client)
    for path in ("/", f"/messages/{sent['id']}", "/messages/x"):
        _, page = open_page(notify, path)

        assert page.html["lang"] == "en-GB"
        assert page.title.get_text().endswith(" – Local Notify")
        assert len(page.select("h1")) == 1
        assert page.select_one("a.skip")["href"] == f"#{page.main['id']}"
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert len(ids) == len(set(ids))


def test_the_style_sheet_is_served_and_names_no_font_of_govuk(notify):
    _, page = open_page(notify)
    css = requests.get(notify.url + page.find("link", rel="stylesheet")["href"], timeout=60)

    assert css.status_code == 200
    assert "Helvetica" in css.text
    assert not re.search("GDS|crown", css.text)
