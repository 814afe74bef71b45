"""Sending an email, through the official client."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import requests
from notifications_python_client.authentication import create_jwt_token
from notifications_python_client.errors import HTTPError

from postroom.localnotify import (
    REPLY_TO_ID,
    SERVICE_ID,
    TEMPLATE_ID,
    LocalNotify,
    Service,
    add_template,
    add_text_template,
    archive_template,
    edit_template,
)
from postroom.localnotify.clock import utc_now
from postroom.localnotify.service import SECRETS
from tests.localnotify.conftest import WORDS, send

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def post(notify, body, path="email"):
    headers = {"Authorization": f"Bearer {create_jwt_token(SECRETS['live'], SERVICE_ID)}"}
    url = f"{notify.url}/v2/notifications/{path}"
    if isinstance(body, dict):
        return requests.post(url, json=body, headers=headers, timeout=60)
    return requests.post(url, data=body, headers=headers, timeout=60)


def messages(response):
    assert response.json()["status_code"] == response.status_code
    return [f"{each['error']}: {each['message']}" for each in response.json()["errors"]]


def refusal(call):
    with pytest.raises(HTTPError) as caught:
        call()
    assert len(caught.value.message) == 1
    return (
        caught.value.status_code,
        caught.value.message[0]["error"],
        caught.value.message[0]["message"],
    )


def test_an_accepted_email_is_answered_as_notify_answers(notify, client):
    said = send(
        client,
        "Head@Example.com",
        personalisation={"subject": "It's  here\r\nnow", "body": "\n# Hello\n\nSam\n"},
        reference="r-1",
        one_click_unsubscribe_url="https://outreach.example.com/stop/1",
    )

    assert said == {
        "id": said["id"],
        "reference": "r-1",
        "uri": f"{notify.url}/v2/notifications/{said['id']}",
        "template": {
            "id": TEMPLATE_ID,
            "version": 1,
            "uri": f"{notify.url}/services/{SERVICE_ID}/templates/{TEMPLATE_ID}",
        },
        "scheduled_for": None,
        "content": {
            "from_email": "local-notify@example.com",
            "subject": "It’s here now",
            "body": "# Hello\n\nSam",
            "one_click_unsubscribe_url": "https://outreach.example.com/stop/1",
        },
        "sanitised_content": {},
    }
    assert uuid.UUID(said["id"])


def test_the_ledger_has_everything_the_request_carried(notify, client):
    said = send(
        client,
        " Head@Example.com ",
        personalisation={**WORDS, "unused": [1, None]},
        reference="r-1",
        email_reply_to_id=REPLY_TO_ID,
        one_click_unsubscribe_url="https://outreach.example.com/stop/1",
    )

    [kept] = notify.ledger()

    assert kept.id == said["id"]
    assert kept.reference == "r-1"
    assert (kept.email_address, kept.sent_to) == (" Head@Example.com ", "head@example.com")
    assert kept.values == {**WORDS, "unused": [1, None]}
    assert (kept.subject, kept.body) == (WORDS["subject"], WORDS["body"])
    assert (kept.key_type, kept.template_id, kept.template_version) == ("live", TEMPLATE_ID, 1)
    assert kept.one_click_unsubscribe_url == "https://outreach.example.com/stop/1"
    assert (kept.email_reply_to_id, kept.reply_to) == (REPLY_TO_ID, "reply@example.com")


def test_one_reference_sent_twice_makes_two_notifications(notify, client):
    ids = {send(client, reference="same")["id"] for _ in range(2)}

    listed = client.get_all_notifications(reference="same")["notifications"]

    assert {each["id"] for each in listed} == ids
    assert len(ids) == 2


def test_everything_wrong_with_a_request_is_said_at_once(notify):
    said = post(
        notify,
        {
            "email_address": "not an address",
            "template_id": "x",
            "personalisation": "x",
            "foo": 1,
            "reference": 5,
            "email_reply_to_id": "y",
            "one_click_unsubscribe_url": "http://example.com",
            "scheduled_for": (utc_now() + timedelta(days=2)).isoformat(),
            "sanitise_content_for": "body",
        },
    )

    assert said.status_code == 400
    assert set(messages(said)) == {
        "ValidationError: email_address Not a valid email address",
        "ValidationError: template_id is not a valid UUID",
        "ValidationError: personalisation x is not of type object",
        "ValidationError: Additional properties are not allowed (foo was unexpected)",
        "ValidationError: reference 5 is not of type string",
        "ValidationError: email_reply_to_id is not a valid UUID",
        "ValidationError: one_click_unsubscribe_url is not a valid https url",
        "ValidationError: scheduled_for datetime can only be 24 hours in the future",
        "ValidationError: sanitise_content_for body is not of type array, null",
    }
    assert notify.ledger() == []


def test_required_fields_are_named(notify):
    assert messages(post(notify, {})) == [
        "ValidationError: email_address is a required property",
        "ValidationError: template_id is a required property",
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_a_body_that_is_not_json_is_400(notify, body):
    said = post(notify, body)

    assert said.status_code == 400
    assert messages(said) == ["BadRequestError: Invalid JSON supplied in POST data"]


def test_a_reference_may_have_1000_characters_and_no_more(notify):
    body = {"email_address": "a@example.com", "template_id": TEMPLATE_ID, "personalisation": WORDS}

    assert post(notify, {**body, "reference": "r" * 1_000}).status_code == 201
    said = post(notify, {**body, "reference": "r" * 1_001})
    assert messages(said) == [f"ValidationError: reference {'r' * 1_001} is too long"]
    assert messages(post(notify, {**body, "reference": None})) == [
        "ValidationError: reference None is not of type string"
    ]


@pytest.mark.parametrize(
    "url", ["http://x.example.com", "HTTPS://x.example.com", "https://x y", " https://x",
            "https://é.example.com", "https://x/%zz", "https://x/%2", "https://x/[a]",
            "https://x/#a#b", "https://x:port/", "https://[x/", "https://a@b@x/", "", None,
            "https://x\r\nBcc: a@example.com"]
)  # fmt: skip
def test_a_one_click_url_that_is_not_plain_https_is_refused(notify, url):
    said = post(
        notify,
        {
            "email_address": "a@example.com",
            "template_id": TEMPLATE_ID,
            "personalisation": WORDS,
            "one_click_unsubscribe_url": url,
        },
    )

    assert messages(said) == ["ValidationError: one_click_unsubscribe_url is not a valid https url"]


@pytest.mark.parametrize(
    "url",
    [
        "https:",
        "https://",
        "https://x.example.com/" + "a" * 3_000,
        "https://me:word@x.example.com:8443/a;b/%C3%A9//?c=d/e?f&g=@:#h?/",
        "https://[2001:db8::1]:8443",
    ],
)
def test_a_one_click_url_is_not_looked_at_further(client, url):
    said = send(client, one_click_unsubscribe_url=url)

    assert said["content"]["one_click_unsubscribe_url"] == url


def test_without_a_one_click_url_the_answer_has_null(client):
    assert send(client)["content"]["one_click_unsubscribe_url"] is None


def test_missing_personalisation_is_named(client):
    assert refusal(lambda: send(client, personalisation={})) == (
        400,
        "BadRequestError",
        "Missing personalisation: subject, body",
    )


@pytest.mark.parametrize("body", ["", " \n\t "])
def test_an_empty_body_is_refused_and_an_empty_subject_is_not(client, body):
    said = refusal(lambda: send(client, personalisation={"subject": "x", "body": body}))

    assert said == (400, "BadRequestError", "Your message is empty.")
    assert send(client, personalisation={"subject": "", "body": "x"})["content"]["subject"] == ""


def test_a_body_of_two_million_bytes_passes_and_one_more_does_not(client):
    send(client, personalisation={"subject": "x", "body": "é" * 1_000_000})

    said = refusal(
        lambda: send(client, personalisation={"subject": "x", "body": "é" * 1_000_000 + "a"})
    )

    assert said[2] == (
        "Your message is too long. Emails cannot be longer than 2000000 bytes. "
        "Your message is 2000001 bytes."
    )


def test_an_unknown_template_reply_to_and_a_text_template_are_refused(notify, client):
    other = str(uuid.uuid4())
    add_text_template(notify.path, other, name="Text", now=NOW)

    assert refusal(lambda: client.send_email_notification("a@example.com", str(uuid.uuid4())))[
        2
    ] == ("Template not found")
    assert refusal(lambda: client.send_email_notification("a@example.com", other, WORDS))[2] == (
        "sms template is not suitable for email notification"
    )
    unknown = str(uuid.uuid4())
    assert refusal(lambda: send(client, email_reply_to_id=unknown))[2] == (
        f"email_reply_to_id {unknown} does not exist in database for service id {SERVICE_ID}"
    )


def test_sending_uses_the_template_as_it_now_is_and_keeps_the_version(notify, client):
    before = send(client, reference="before")
    edit_template(notify.path, TEMPLATE_ID, body="((body)) and more", now=NOW)

    after = send(client, reference="after")

    assert (before["template"]["version"], after["template"]["version"]) == (1, 2)
    assert after["content"]["body"] == "Dear colleague and more"
    assert client.get_notification_by_id(before["id"])["body"] == "Dear colleague"


def test_a_deleted_template_sends_nothing_more(notify, client):
    archive_template(notify.path, TEMPLATE_ID, now=NOW)

    assert refusal(lambda: send(client))[2] == "Template has been deleted"


def test_a_template_of_ones_own_is_filled_in(notify, client):
    own = str(uuid.uuid4())
    add_template(
        notify.path, own, name="Own", subject="For ((school name))", body="Hi ((n))", now=NOW
    )

    said = client.send_email_notification("a@example.com", own, {"School_Name": "Ash", "N": 3})

    assert said["content"]["subject"] == "For Ash"
    assert said["content"]["body"] == "Hi 3"


def test_a_team_key_reaches_team_and_guests_only(database, connect):
    service = Service(team=frozenset({"me@example.com"}), guests=frozenset({"you@example.com"}))
    with LocalNotify(database, service=service) as notify:
        team = connect(notify, "team")

        send(team, "Me@example.com")
        send(team, "you@example.com")
        said = refusal(lambda: send(team, "other@example.com"))

    assert said == (
        400,
        "BadRequestError",
        "Can’t send to this recipient using a team-only API key",
    )


def test_in_trial_mode_a_live_key_reaches_team_and_guests_only(database, connect):
    service = Service(
        trial_mode=True, team=frozenset({"me@example.com"}), guests=frozenset({"you@example.com"})
    )
    with LocalNotify(database, service=service) as notify:
        live = connect(notify)

        send(live, "me@example.com")
        send(live, "you@example.com")
        said = refusal(lambda: send(live, "other@example.com"))
        send(connect(notify, "test"), "other@example.com")

    assert said[2].startswith("Can’t send to this recipient when service is in trial mode – see ")


@pytest.mark.parametrize("address", ["simulate-delivered", "Simulate-Delivered-2"])
def test_the_smoke_test_addresses_are_answered_and_forgotten(notify, client, connect, address):
    said = send(client, f"{address}@notifications.service.gov.uk", reference="smoke")

    assert notify.ledger() == []
    assert client.get_all_notifications(reference="smoke")["notifications"] == []
    assert refusal(lambda: client.get_notification_by_id(said["id"]))[:2] == (404, "NoResultFound")
    team = connect(notify, "team")
    assert refusal(lambda: send(team, f"{address}@notifications.service.gov.uk"))[0] == 400


def test_another_number_of_the_smoke_test_address_is_an_ordinary_one(notify, client):
    send(client, "simulate-delivered-9@notifications.service.gov.uk")

    assert len(notify.ledger()) == 1


def test_refused_requests_take_tokens_too_and_the_limit_says_its_name(database, connect):
    with LocalNotify(database, service=Service(rate_limit=6)) as notify:  # two go at once
        client = connect(notify)
        refusal(lambda: send(client, personalisation={}))
        send(client)

        said = refusal(lambda: send(client))

    assert said == (
        429,
        "RateLimitError",
        "Exceeded rate limit for key type LIVE of 6 requests per 60 seconds",
    )


def test_reading_and_previewing_are_not_limited(database, connect):
    with LocalNotify(database, service=Service(rate_limit=3)) as notify:  # one goes at once
        client = connect(notify)
        send(client)
        for _ in range(5):
            client.get_all_notifications()
            client.post_template_preview(TEMPLATE_ID, WORDS)


def test_the_daily_limit_refuses_simulated_addresses_too(database, connect):
    with LocalNotify(database, service=Service(daily_limit=1)) as notify:
        client = connect(notify)
        send(client)

        said = refusal(lambda: send(client, "simulate-delivered@notifications.service.gov.uk"))

    assert said == (
        429,
        "TooManyRequestsError",
        "Exceeded send limits (email: 1) for today",
    )


def test_a_lifted_limit_never_refuses(database, connect):
    lifted = Service(rate_limit=None, daily_limit=None)
    with LocalNotify(database, service=lifted) as notify:
        client = connect(notify)
        for _ in range(30):
            send(client)

        assert len(notify.ledger()) == 30


@pytest.mark.parametrize(
    ("fields", "exception"),
    [
        ({"reference": "a\0b"}, "ValueError"),
        ({"reference": "\ud800"}, "UnicodeEncodeError"),
        ({"sanitise_content_for": [5]}, "TypeError"),
        ({"personalisation": {"subject": "\ud800", "body": "x"}}, "UnicodeEncodeError"),
        ({"personalisation": {"subject": "x", "body": "\ud800"}}, "UnicodeEncodeError"),
        (
            {"personalisation": {**WORDS, "n": 5}, "sanitise_content_for": ["n"]},
            "TypeError",
        ),
    ],
)
def test_some_input_always_makes_notify_crash(notify, client, fields, exception, capfd):
    assert refusal(lambda: send(client, **fields)) == (500, exception, "Internal server error")
    assert notify.ledger() == []
    assert capfd.readouterr() == ("", "")


def test_a_form_that_is_nested_without_end_makes_it_crash_and_no_more(notify, capfd):
    said = post(notify, b'{"personalisation":' + b"[" * 200_000)

    assert (said.status_code, messages(said)) == (500, ["RecursionError: Internal server error"])
    assert capfd.readouterr() == ("", "")


def test_a_null_character_in_a_body_is_accepted(client):
    assert send(client, personalisation={"subject": "x", "body": "a\0b"})["id"]


def test_other_kinds_of_message_are_not_for_this_service(notify):
    assert messages(post(notify, {}, "sms")) == [
        "BadRequestError: Service is not allowed to send text messages"
    ]
    assert post(notify, {}, "pigeon").status_code == 500
    assert messages(post(notify, {}, "pigeon")) == ["KeyError: Internal server error"]


def test_sanitised_values_are_what_is_sent_and_are_shown_beside_the_others(notify, client):
    said = send(
        client,
        personalisation={"subject": "x", "body": "Mr.Smith *see* https://evil.example.com/a"},
        sanitise_content_for=["BODY", "unknown"],
    )

    assert said["content"]["body"] == r"Mr\. Smith \*see\*"
    assert said["sanitised_content"] == {
        "body": {
            "unsanitised": "Mr.Smith *see* https://evil.example.com/a",
            "sanitised": r"Mr\. Smith \*see\* ",
        }
    }


def test_a_time_to_send_at_is_checked_and_then_ignored(notify):
    said = post(
        notify,
        {
            "email_address": "a@example.com",
            "template_id": TEMPLATE_ID,
            "personalisation": WORDS,
            "scheduled_for": (utc_now() + timedelta(hours=2)).isoformat(),
        },
    )

    assert said.status_code == 201
    assert said.json()["scheduled_for"] is None


def test_paths_outside_version_2_answer_in_another_shape(notify, client):
    said = requests.get(f"{notify.url}/v3", timeout=60)

    assert (said.status_code, said.json()["result"]) == (404, "error")
    wrong = requests.get(f"{notify.url}/v2/notifications/email/x/y", timeout=60)
    assert wrong.status_code == 404
    assert requests.put(f"{notify.url}/v2/notifications", timeout=60).status_code == 405
    with pytest.raises(HTTPError) as caught:
        client.get_all_template_versions(TEMPLATE_ID)
    assert caught.value.status_code == 401
