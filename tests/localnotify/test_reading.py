"""Looking notifications and templates up, through the official client."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import requests
from notifications_python_client.authentication import create_jwt_token
from notifications_python_client.errors import HTTPError

from postroom.localnotify import (
    SERVICE_ID,
    TEMPLATE_ID,
    Fault,
    LocalNotify,
    Service,
    add_fault,
    end_notification,
)
from postroom.localnotify.ledger import Accepted, add, oldest_kept
from postroom.localnotify.service import SECRETS
from postroom.localnotify.store import opened
from postroom.localnotify.templates import archive_template, edit_template
from tests.localnotify.conftest import TOO_DEEP, WORDS, Hands, send

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def refusal(call):
    with pytest.raises(HTTPError) as caught:
        call()
    return caught.value.status_code, caught.value.message


def get(notify, query, key_type="live"):
    headers = {"Authorization": f"Bearer {create_jwt_token(SECRETS[key_type], SERVICE_ID)}"}
    url = f"{notify.url}/v2/notifications{query}"
    return requests.get(url, headers=headers, timeout=60)


def fill(path, count, start=NOW):
    """Put *count* live notifications in the ledger, a second apart, oldest first."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    with opened(path) as connection:
        for n, each in enumerate(ids):
            moment = f"{start + timedelta(seconds=n):%Y-%m-%dT%H:%M:%S.%fZ}"
            row = (each, f"ref-{n}", "a@example.com", "a@example.com", "live", TEMPLATE_ID, 1, "{}")
            rest = ("subject", "body", None, None, None, None, None, moment, moment, moment)
            add(connection, Accepted(*row, *rest, "delivered"))
    return ids


def test_a_notification_is_shown_in_full(notify, client):
    sent = send(client, "Head@Example.com", reference="r-1")

    shown = client.get_notification_by_id(sent["id"].upper())

    assert shown["id"] == sent["id"]
    assert (shown["type"], shown["reference"]) == ("email", "r-1")
    assert shown["email_address"] == "Head@Example.com"
    assert (shown["subject"], shown["body"]) == (WORDS["subject"], WORDS["body"])
    assert shown["template"]["version"] == 1
    assert shown["created_at"].endswith("Z")
    assert len(shown["created_at"]) == len("2026-11-24T09:00:00.000000Z")
    assert shown["one_click_unsubscribe_url"] is None
    for name in ("phone_number", "line_1", "line_6", "postcode", "created_by_name", "postage"):
        assert shown[name] is None


def test_an_unknown_notification_is_404_and_a_bad_id_is_400(client):
    assert refusal(lambda: client.get_notification_by_id(str(uuid.uuid4()))) == (
        404,
        [{"error": "NoResultFound", "message": "No result found"}],
    )
    assert refusal(lambda: client.get_notification_by_id("x")) == (
        400,
        [{"error": "ValidationError", "message": "notification_id is not a valid UUID"}],
    )


def test_a_list_shows_the_same_key_type_only_and_a_look_up_by_id_shows_all(notify, connect):
    live, test = connect(notify, "live"), connect(notify, "test")
    of_live, of_test = send(live)["id"], send(test)["id"]

    assert [each["id"] for each in live.get_all_notifications()["notifications"]] == [of_live]
    assert [each["id"] for each in test.get_all_notifications()["notifications"]] == [of_test]
    assert live.get_notification_by_id(of_test)["id"] == of_test


def test_pages_have_250_newest_first_and_a_next_link_unless_they_are_empty(notify, client):
    ids = fill(notify.path, 300)

    first = client.get_all_notifications()
    second = client.get_all_notifications(older_than=first["notifications"][-1]["id"])
    third = client.get_all_notifications(older_than=second["notifications"][-1]["id"])

    assert [each["id"] for each in first["notifications"]] == ids[:49:-1]
    assert [each["id"] for each in second["notifications"]] == ids[49::-1]
    assert third["notifications"] == []
    assert first["links"] == {
        "current": f"{notify.url}/v2/notifications",
        "next": f"{notify.url}/v2/notifications?older_than={ids[50]}",
    }
    assert second["links"]["next"].endswith(ids[0])
    assert set(third["links"]) == {"current"}


def test_the_clients_own_iterator_finds_every_notification_once(notify, client):
    ids = fill(notify.path, 251)

    assert [each["id"] for each in client.get_all_notifications_iterator()] == ids[::-1]


def test_filters_stay_in_the_links(notify, client):
    send(client, reference="a b&c")

    links = client.get_all_notifications(reference="a b&c", status=["created", "sending"])["links"]

    assert links["current"].endswith("?status=created&status=sending&reference=a+b%26c")
    assert requests.utils.urlparse(links["next"]).query.startswith("status=created&status=sending")


def test_older_than_takes_the_id_of_any_key_type_and_an_unknown_one_gives_an_empty_list(
    notify, connect
):
    live, test = connect(notify, "live"), connect(notify, "test")
    older = send(live)["id"]
    newer = send(test)["id"]

    listed = live.get_all_notifications(older_than=newer)["notifications"]

    assert [each["id"] for each in listed] == [older]
    unknown = live.get_all_notifications(older_than=str(uuid.uuid4()))
    assert unknown["notifications"] == []


@pytest.mark.parametrize("reference", ["a b", "ünï", "a&b+c/d", "r" * 999])
def test_a_reference_is_found_exactly_as_it_was_given(client, reference):
    sent = send(client, reference=reference)
    send(client, reference=f"{reference} ")
    send(client, reference=reference.upper() + "X")

    found = client.get_all_notifications(reference=reference)["notifications"]

    assert [each["id"] for each in found] == [sent["id"]]


def test_an_empty_reference_finds_those_that_have_one_that_is_empty(notify, client):
    send(client)
    fill(notify.path, 1)

    assert get(notify, "?reference=").json()["notifications"] == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?status=lost", "status lost is not one of [cancelled, created, "),
        ("?older_than=x", "older_than is not a valid UUID"),
        ("?include_jobs=false", "include_jobs false is not one of [true, True]"),
        ("?template_type=fax", "template_type fax is not one of [sms, email, letter]"),
        ("?page_size=5", "Additional properties are not allowed (page_size was unexpected)"),
        ("?a=1&b=2", "Additional properties are not allowed (a, b were unexpected)"),
    ],
)
def test_a_query_that_is_not_understood_is_400(notify, query, message):
    said = get(notify, query)

    assert said.status_code == 400
    assert said.json()["errors"][0]["error"] == "ValidationError"
    assert said.json()["errors"][0]["message"].startswith(message)


def test_include_jobs_and_the_type_of_template_are_taken(notify, client):
    send(client)

    assert len(get(notify, "?include_jobs=true&template_type=email").json()["notifications"]) == 1
    assert get(notify, "?template_type=sms").json()["notifications"] == []


def test_statuses_follow_the_clock_and_not_the_asking(database, connect):
    clock = Hands(NOW)
    service = Service(sending_after=timedelta(seconds=1), final_after=timedelta(seconds=10))
    with LocalNotify(database, service=service, clock=clock) as notify:
        client = connect(notify)
        sent = send(client)["id"]

        created = client.get_notification_by_id(sent)
        clock.forward(seconds=1)
        sending = client.get_notification_by_id(sent)
        clock.forward(seconds=9)
        delivered = client.get_notification_by_id(sent)

    assert (created["status"], created["sent_at"], created["completed_at"]) == (
        "created",
        None,
        None,
    )
    assert (sending["status"], sending["sent_at"], sending["completed_at"]) == (
        "sending",
        "2026-11-24T09:00:01.000000Z",
        None,
    )
    assert (delivered["status"], delivered["completed_at"]) == (
        "delivered",
        "2026-11-24T09:00:10.000000Z",
    )


def test_the_simulator_fails_as_it_is_told_and_only_in_lower_case(database, connect):
    clock = Hands(NOW)
    with LocalNotify(database, clock=clock) as notify:
        client = connect(notify)
        for address in ("perm-fail", "temp-fail", "Perm-Fail"):
            send(client, f"{address}@simulator.notify", reference=address)
        clock.forward(seconds=5)

        listed = client.get_all_notifications()["notifications"]
        failed = client.get_all_notifications(status="failed")["notifications"]

    assert {each["reference"]: each["status"] for each in listed} == {
        "perm-fail": "permanent-failure",
        "temp-fail": "temporary-failure",
        "Perm-Fail": "delivered",
    }
    assert {each["reference"] for each in failed} == {"perm-fail", "temp-fail"}


def test_a_technical_failure_was_never_sent(database, connect):
    clock = Hands(NOW)
    with LocalNotify(database, clock=clock) as notify:
        add_fault(
            database, Fault("end-as", status="technical-failure", address="*@bad.example.com")
        )
        client = connect(notify)
        sent = send(client, "a@bad.example.com")["id"]
        other = send(client, "a@good.example.com")["id"]

        clock.forward(seconds=1)
        assert client.get_notification_by_id(sent)["status"] == "created"
        clock.forward(seconds=5)
        shown = client.get_notification_by_id(sent)

        assert (shown["status"], shown["sent_at"]) == ("technical-failure", None)
        assert client.get_notification_by_id(other)["status"] == "delivered"


def test_a_test_can_decide_how_and_when_a_message_ends(database, connect):
    clock = Hands(NOW)
    with LocalNotify(database, clock=clock) as notify:
        client = connect(notify)
        sent = send(client)["id"]
        end_notification(database, sent, "permanent-failure", at=NOW + timedelta(hours=71))

        clock.forward(hours=70)
        assert client.get_notification_by_id(sent)["status"] == "sending"
        clock.forward(hours=1)
        assert client.get_notification_by_id(sent)["status"] == "permanent-failure"


def test_a_restart_finds_yesterdays_mail(database, connect):
    clock = Hands(NOW)
    with LocalNotify(database, clock=clock) as notify:
        sent = send(connect(notify), reference="yesterday")["id"]
    clock.forward(days=1)

    with LocalNotify(database, clock=clock) as notify:
        [found] = connect(notify).get_all_notifications(reference="yesterday")["notifications"]

    assert (found["id"], found["status"]) == (sent, "delivered")


def test_two_servers_over_one_file_agree(database, connect):
    clock = Hands(NOW)
    service = Service(rate_limit=9)  # three go at once
    with (
        LocalNotify(database, service=service, clock=clock) as one,
        LocalNotify(database, service=service, clock=clock) as other,
    ):
        send(connect(one), reference="a")
        send(connect(other), reference="b")
        send(connect(one), reference="c")

        assert refusal(lambda: send(connect(other)))[0] == 429
        listed = [connect(each).get_all_notifications()["notifications"] for each in (one, other)]

    assert [each["reference"] for each in listed[0]] == ["c", "b", "a"]
    assert [(e["id"], e["status"]) for e in listed[0]] == [
        (e["id"], e["status"]) for e in listed[1]
    ]


def test_after_the_retention_period_notify_knows_nothing_of_a_message(database, connect):
    clock = Hands(datetime(2026, 11, 10, 12, 0, tzinfo=UTC))
    with LocalNotify(database, clock=clock) as notify:
        client = connect(notify)
        sent = send(client, reference="r")["id"]
        clock.now = datetime(2026, 11, 18, 2, 59, tzinfo=UTC)
        assert client.get_notification_by_id(sent)["id"] == sent
        clock.now = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
        newer = send(client)["id"]

        assert refusal(lambda: client.get_notification_by_id(sent))[0] == 404
        assert client.get_all_notifications(reference="r")["notifications"] == []
        assert client.get_all_notifications(older_than=sent)["notifications"] == []
        assert [each["id"] for each in client.get_all_notifications()["notifications"]] == [newer]
        assert len(notify.ledger()) == 2


def test_what_is_kept_goes_back_to_a_london_midnight():
    week = timedelta(days=7)

    summer = oldest_kept(datetime(2026, 7, 20, 12, tzinfo=UTC), week)
    early = oldest_kept(datetime(2026, 7, 20, 2, 59, tzinfo=UTC), week)

    assert summer == datetime(2026, 7, 12, 23, tzinfo=UTC)
    assert early == datetime(2026, 7, 11, 23, tzinfo=UTC)


def test_templates_are_shown_with_what_they_ask_for(client):
    shown = client.get_template(TEMPLATE_ID)

    assert (shown["subject"], shown["body"]) == ("((subject))", "((body))")
    assert shown["personalisation"] == {"subject": {"required": True}, "body": {"required": True}}
    assert client.get_all_templates()["templates"] == [shown]
    assert client.get_all_templates("sms") == {"templates": []}


def test_every_version_of_a_template_is_kept(notify, client):
    edit_template(notify.path, TEMPLATE_ID, subject="New: ((subject))", now=NOW)

    assert client.get_template(TEMPLATE_ID)["version"] == 2
    assert client.get_template_version(TEMPLATE_ID, 1)["subject"] == "((subject))"
    assert client.get_template_version(TEMPLATE_ID, 2)["subject"] == "New: ((subject))"
    assert client.get_template_version(TEMPLATE_ID, 2)["updated_at"]
    assert [each["version"] for each in client.get_all_templates()["templates"]] == [2]
    assert refusal(lambda: client.get_template_version(TEMPLATE_ID, 3))[0] == 404


def test_a_deleted_template_is_not_listed_but_is_shown_and_previewed(notify, client):
    archive_template(notify.path, TEMPLATE_ID, now=NOW)

    assert client.get_all_templates() == {"templates": []}
    assert client.get_template(TEMPLATE_ID)["id"] == TEMPLATE_ID
    assert client.post_template_preview(TEMPLATE_ID, WORDS)["body"] == WORDS["body"]


def test_a_preview_shows_notifys_own_rendering(client):
    shown = client.post_template_preview(
        TEMPLATE_ID, {"subject": "It's", "body": "10.30am start <b>\n"}
    )

    assert shown["subject"] == "It’s"
    assert shown["body"] == "10.30am start <b>"
    assert "<ol" in shown["html"]
    assert "30am start &lt;b&gt;" in shown["html"]
    assert (shown["type"], shown["version"], shown["postage"]) == ("email", 1, None)


def test_a_preview_wants_its_personalisation_but_looks_at_no_size(client):
    assert refusal(lambda: client.post_template_preview(TEMPLATE_ID, {"body": "x"})) == (
        400,
        [{"error": "BadRequestError", "message": "Missing personalisation: subject"}],
    )
    assert client.post_template_preview(TEMPLATE_ID, {"subject": "", "body": ""})["body"] == ""


def test_what_notify_cannot_render_makes_a_preview_crash(client):
    said = refusal(
        lambda: client.post_template_preview(TEMPLATE_ID, {"subject": "", "body": TOO_DEEP})
    )

    assert said == (500, [{"error": "RecursionError", "message": "Internal server error"}])


def test_an_unknown_template_is_404_and_a_bad_id_400(client):
    unknown = str(uuid.uuid4())

    assert refusal(lambda: client.get_template(unknown))[0] == 404
    assert refusal(lambda: client.post_template_preview(unknown, {}))[0] == 404
    assert refusal(lambda: client.get_template("x"))[0] == 400
