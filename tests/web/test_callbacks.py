"""Notify's delivery receipts: who may post them, what they change, and what they never do."""

import json
from datetime import timedelta

import pytest
import requests
from pydantic import SecretStr
from sqlmodel import select

from postroom.localnotify import CallbackTo, LocalNotify, Service
from postroom.tables import Message, Status
from postroom.web.site import create_app
from postroom.workspace import Workspace
from tests.databases import office_of
from tests.delivery.conftest import addresses, clock
from tests.delivery.conftest import post as office
from tests.serving import serving
from tests.waiting import until

__all__ = ["office"]

TOKEN = "a token of the right length"
NOTIFY_ID = "7c5d8c3e-1d0e-4c8e-9d6a-3f1f3c1a2b4d"


@pytest.fixture
def told(tmp_path, database, keys, clock):
    """The pages of an office that waits for Notify's receipts."""
    office = office_of(keys, notify_callback_token=SecretStr(TOKEN))
    return create_app(Workspace(tmp_path), database, office, clock=clock)


@pytest.fixture
def site(told):
    return told.test_client()


@pytest.fixture
def message(database, post):
    with database.write() as session:
        row = session.exec(select(Message)).one()
        row.status, row.notify_id = Status.SENDING, NOTIFY_ID
        return row


def receipt(message, **changes):
    return {
        "id": NOTIFY_ID,
        "reference": message.reference,
        "to": "ada.bell@example.com",
        "status": "delivered",
        "created_at": "2026-01-12T09:00:00.000000Z",
        "completed_at": "2026-01-12T09:00:05.000000Z",
        "sent_at": "2026-01-12T09:00:01.000000Z",
        "notification_type": "email",
        "template_id": NOTIFY_ID,
        "template_version": 1,
        **changes,
    }


def tell(site, body, token=f"Bearer {TOKEN}"):
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": token} if token else {}
    return site.post(
        "/notify/callback", data=sent, headers=headers, content_type="application/json"
    )


def status_in(database):
    with database.read() as session:
        return session.exec(select(Message)).one().status


def test_a_receipt_gives_the_message_its_last_word_however_often_it_comes(site, database, message):
    for _ in range(3):
        assert tell(site, receipt(message)).status_code == 204

    with database.read() as session:
        row = session.exec(select(Message)).one()
    assert row.status is Status.DELIVERED
    assert row.completed_at.isoformat() == "2026-01-12T09:00:05+00:00"


@pytest.mark.parametrize("late", ["sending", "created", "permanent-failure"])
def test_a_receipt_out_of_order_never_replaces_a_last_word(site, database, message, late):
    tell(site, receipt(message))

    assert tell(site, receipt(message, status=late)).status_code == 204

    assert status_in(database) is Status.DELIVERED


def test_what_is_not_ours_is_answered_like_what_is(site, database, message):
    for stranger in (
        receipt(message, reference="not-one-of-ours"),
        receipt(message, reference=None),
        receipt(message, reference="a\x00b"),
        receipt(message, notification_type="sms", status="pending"),
    ):
        answer = tell(site, stranger)
        assert (answer.status_code, answer.data) == (204, b"")

    assert status_in(database) is Status.SENDING


OTHER_ID = "9e4f2b1a-1d0e-4c8e-9d6a-3f1f3c1a2b4d"


def test_a_receipt_with_another_id_than_notify_gave_is_not_taken_in(site, database, message):
    answer = tell(site, receipt(message, id=OTHER_ID))

    assert (answer.status_code, answer.data) == (204, b"")
    with database.read() as session:
        row = session.exec(select(Message)).one()
    assert (row.status, row.notify_id) == (Status.SENDING, NOTIFY_ID)


def test_a_receipt_with_the_id_of_another_message_changes_neither(site, database, message):
    with database.write() as session:
        other = message.model_dump(exclude={"id"}) | {
            "reference": "another",
            "address_key": b"another",
            "notify_id": None,
            "status": Status.IN_DOUBT,
        }
        session.add(Message(**other))

    answer = tell(site, receipt(message, reference="another"))

    assert (answer.status_code, answer.data) == (204, b"")
    with database.read() as session:
        rows = session.exec(select(Message).order_by(Message.id)).all()
    assert [(row.status, row.notify_id) for row in rows] == [
        (Status.SENDING, NOTIFY_ID),
        (Status.IN_DOUBT, None),
    ]


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1999-12-31T00:00:00Z", "yesterday"],
)
@pytest.mark.parametrize("field", ["created_at", "completed_at"])
def test_a_time_that_cannot_be_is_no_receipt(site, database, message, field, moment):
    assert tell(site, receipt(message, **{field: moment})).status_code == 400

    assert status_in(database) is Status.SENDING


@pytest.mark.parametrize(
    ("token", "code"),
    [("", 401), ("Bearer", 403), ("Bearer wrong", 403), (TOKEN, 403), (f"bearer {TOKEN}é", 403)],
)
def test_without_the_token_nothing_is_taken_in(site, database, message, token, code):
    assert tell(site, receipt(message), token).status_code == code

    assert status_in(database) is Status.SENDING


def test_without_a_token_of_our_own_nothing_is_taken_in(client, database, message):
    for token in ("Bearer ", "Bearer", f"Bearer {TOKEN}"):
        assert tell(client, receipt(message), token).status_code == 403

    assert status_in(database) is Status.SENDING


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"[" * 50_000,
        b'{"id": 1}',
        {"status": "delivered"},
    ],
    ids=str,
)
def test_what_is_no_receipt_is_refused_and_changes_nothing(site, database, message, body):
    assert tell(site, body).status_code == 400

    assert status_in(database) is Status.SENDING


@pytest.mark.parametrize(
    "change",
    [
        {"status": "eaten"},
        {"status": "refused"},
        {"status": "planned"},
        {"id": "../../_status"},
        {"created_at": "yesterday"},
        {"completed_at": 5},
        {"reference": ["a"]},
    ],
    ids=str,
)
def test_a_receipt_with_a_wrong_value_changes_nothing_and_is_not_quoted(
    site, database, message, change, caplog
):
    answer = tell(site, receipt(message, **change))

    assert answer.status_code == 400
    assert status_in(database) is Status.SENDING
    said = answer.get_data(as_text=True) + caplog.text
    assert not any(secret in said for secret in ("ada", message.reference, TOKEN))


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10_000_000])
def test_a_receipt_too_large_is_refused_in_words(site, database, message, size):
    answer = tell(site, receipt(message, to="a" * size))

    assert answer.status_code == 413
    assert "too large" in answer.get_data(as_text=True)
    assert status_in(database) is Status.SENDING


def test_a_receipt_of_ten_megabytes_gets_its_answer_over_the_network_too(told, message, database):
    body = json.dumps(receipt(message, to="a" * 10_000_000)).encode()
    with serving(told) as base:
        url, headers = f"{base}/notify/callback", {"Authorization": f"Bearer {TOKEN}"}
        answers = [
            requests.post(url, data=sent, headers=headers, timeout=60)
            for sent in (body, iter([body]))  # with its length said, and in pieces
        ]

    assert [(one.status_code, one.text) for one in answers] == 2 * [
        (413, "The request is too large.\n")
    ]
    assert status_in(database) is Status.SENDING


def test_notifys_own_receipts_lead_to_the_states_that_fetching_would(office, tmp_path):
    office.add_people(*addresses(5), "temp-fail@simulator.notify")
    told = office_of(office.keys, notify_callback_token=SecretStr(TOKEN))
    site = create_app(office.workspace, office.database, told, clock=clock)
    with serving(site) as url:
        service = Service(
            rate_limit=None,
            sending_after=timedelta(0),
            final_after=timedelta(seconds=0.2),
            callback=CallbackTo(f"{url}/notify/callback", TOKEN),
        )
        with LocalNotify(tmp_path / "called-back.db", service=service) as server:
            office.server = server
            office.sender(office.approve()).send()
            until(lambda: not {"created", "sending"} & set(office.statuses()))

    assert office.statuses().count("delivered") == 5
    assert office.statuses().count("temporary-failure") == 1
