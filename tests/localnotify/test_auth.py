"""Who may call, through real HTTP with tokens good and bad."""

import time
from pathlib import Path

import jwt
import pytest
import requests

from postroom.localnotify import SERVICE_ID, LocalNotify, Service
from postroom.localnotify.service import SECRETS

EXAMPLE = (
    "Invalid token: make sure your API token matches the example at"
    " https://docs.notifications.service.gov.uk/rest-api.html#authorisation-header"
)


def token(secret=SECRETS["live"], algorithm="HS256", age=0, **claims):
    claims = {"iss": SERVICE_ID, "iat": int(time.time()) - age, **claims}
    return jwt.encode(claims, secret, algorithm=algorithm)


def ask(notify, authorization):
    headers = {"Authorization": authorization} if authorization is not None else {}
    return requests.get(f"{notify.url}/v2/templates", headers=headers, timeout=60)


def said(response):
    body = response.json()
    assert body["status_code"] == response.status_code
    assert body["errors"][0]["error"] == "AuthError"
    return response.status_code, body["errors"][0]["message"]


def test_a_missing_token_is_401(notify):
    assert said(ask(notify, None)) == (
        401,
        "Unauthorized: authentication token must be provided",
    )


def test_another_scheme_than_bearer_is_401(notify):
    assert said(ask(notify, "Basic abc")) == (
        401,
        "Unauthorized: authentication bearer scheme must be used",
    )


@pytest.mark.parametrize("age", [-29, 0, 29])
def test_a_clock_off_by_less_than_30_seconds_is_accepted(notify, age):
    assert ask(notify, f"Bearer {token(age=age)}").status_code == 200


@pytest.mark.parametrize("age", [-33, 33])
def test_a_clock_off_by_more_than_30_seconds_is_403(notify, age):
    assert said(ask(notify, f"Bearer {token(age=age)}")) == (
        403,
        "Error: Your system clock must be accurate to within 30 seconds",
    )


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: token(secret="a" * 36), "Invalid token: API key not found"),
        (
            lambda: token(iss="11111111-1111-4111-8111-111111111111"),
            "Invalid token: service not found",
        ),
        (lambda: token(iss="not-a-uuid"), "Invalid token: service id is not the right data type"),
        (
            lambda: token(secret="a" * 64, algorithm="HS512"),
            "Invalid token: algorithm used is not HS256",
        ),
        (lambda: "rubbish", EXAMPLE),
        (lambda: token(iss=""), EXAMPLE),
        (lambda: token(iat="yesterday"), EXAMPLE),
    ],
)
def test_a_token_that_cannot_be_trusted_is_403_and_says_why(notify, made, message):
    assert said(ask(notify, f"Bearer {made()}")) == (403, message)


@pytest.mark.parametrize(
    ("age", "exception"), [(float("inf"), "OverflowError"), (float("nan"), "ValueError")]
)
def test_a_time_that_is_no_time_makes_it_crash_and_no_more(notify, capfd, age, exception):
    response = ask(notify, f"Bearer {token(iat=age)}")

    assert response.status_code == 500
    assert response.json()["errors"] == [{"error": exception, "message": "Internal server error"}]
    assert capfd.readouterr() == ("", "")


def test_a_revoked_key_and_an_archived_service_are_403(tmp_path: Path):
    with LocalNotify(tmp_path / "a", service=Service(revoked=frozenset({"live"}))) as notify:
        assert said(ask(notify, f"Bearer {token()}"))[1] == "Invalid token: API key revoked"
        assert ask(notify, f"Bearer {token(secret=SECRETS['test'])}").status_code == 200
    with LocalNotify(tmp_path / "b", service=Service(archived=True)) as notify:
        assert said(ask(notify, f"Bearer {token()}"))[1] == "Invalid token: service is archived"


def test_every_answer_has_a_trace_and_closes_the_connection(notify):
    for response in (ask(notify, None), ask(notify, f"Bearer {token()}")):
        assert len(response.headers["X-B3-TraceId"]) == 32
        assert response.headers["Connection"] == "close"
        assert "Retry-After" not in response.headers


def test_a_page_elsewhere_cannot_read_the_inbox_through_a_host_name_of_its_own(notify):
    response = requests.get(notify.url, headers={"Host": "evil.example.com"}, timeout=60)

    assert response.status_code == 400
