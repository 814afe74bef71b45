"""Settings that contradict themselves, are misspelt, or do not belong where they are."""

import pytest

from tests.journeys.conftest import CAMPAIGN

KEY = "team-5a6b1f0e-3c51-4d0a-9f0e-6f1c0a2b7d10-0f4a8c72-51b6-4d39-8e05-a3c7d9e1b264"


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"OUTREACH_PUBLIC_URL": "http://example.com"}, ["OUTREACH_PUBLIC_URL", "https"]),
        ({"OUTREACH_PUBLIC_URL": "https://exämple.com"}, ["OUTREACH_PUBLIC_URL", "xn--"]),
        ({"OUTREACH_PUBLIC_URL": "https://exa mple.com"}, ["OUTREACH_PUBLIC_URL", "https"]),
        ({"OUTREACH_PUBLIC_URL": "https://example.com/a|b"}, ["OUTREACH_PUBLIC_URL", "https"]),
        ({"OUTREACH_MODE": "production"}, ["OUTREACH_MODE", '"local", "test", "team" or "live"']),
        ({"NOTIFY_TEMPLATE_ID": "my template"}, ["NOTIFY_TEMPLATE_ID", "an id as Notify shows it"]),
        ({"OUTREACH_WORKERS": "many"}, ["OUTREACH_WORKERS", "must be a whole number, like 20"]),
        ({"OUTREACH_WORKERS": "65"}, ["OUTREACH_WORKERS", "must be 64 or less"]),
        ({"OUTREACH_RATE_PER_MINUTE": "0"}, ["OUTREACH_RATE_PER_MINUTE", "must be 1 or more"]),
        ({"OUTREACH_LEASE_SECONDS": "0"}, ["OUTREACH_LEASE_SECONDS", "must be more than 0"]),
        ({"OUTREACH_REQUEST_SECONDS": "inf"}, ["REQUEST_SECONDS", "must be 3,600 or less"]),
        ({"OUTREACH_LEASE_SECONDS": "1", "OUTREACH_MODE": "test"}, ["lease_seconds", "local"]),
    ],
)
def test_a_setting_that_cannot_be_is_named(office, env, named):
    said = office.refused("send", CAMPAIGN, "--yes", **env)

    assert all(name in said for name in named), said


def test_a_pace_above_what_notify_allows_is_refused_before_anything_is_asked(office, notify):
    too_fast = office.at(notify, OUTREACH_RATE_PER_MINUTE="6000")

    said = office.refused("send", CAMPAIGN, "--mode", "test", "--yes", **too_fast)
    assert "rate_per_minute is 6,000, and Notify lets your service send 3,000 a minute" in said
    assert notify.ledger() == []
    doctor = office.run("doctor", "--mode", "test", **too_fast)
    assert doctor.code == 1
    assert "rate_per_minute is 6,000" in doctor.said

    raised = too_fast | {"OUTREACH_NOTIFY_RATE_PER_MINUTE": "6100"}
    office.do("send", CAMPAIGN, "--mode", "test", "--yes", **raised)
    assert len(notify.ledger()) == 50


def test_one_key_under_two_names_is_refused_and_not_shown(office):
    said = office.refused("status", NOTIFY_TEST_KEY=KEY, NOTIFY_LIVE_KEY=KEY)

    assert "NOTIFY_TEST_KEY and NOTIFY_LIVE_KEY hold the same key" in said
    assert KEY not in said


def test_a_key_and_a_misspelt_setting_in_the_settings_file_are_both_named(office):
    office.write("outreach.toml", f'notify_live_key = "{KEY}"\nmoed = "live"\n')

    said = office.refused("status")

    assert "notify_live_key is a secret" in said
    assert ".env as NOTIFY_LIVE_KEY" in said
    assert "moed is not a setting" in said
    assert KEY not in said


def test_a_settings_file_that_is_not_toml_names_the_line(office):
    office.write("outreach.toml", "mode = live\n")

    said = office.refused("status")

    assert "outreach.toml" in said
    assert "line 1" in said


def test_a_settings_file_that_windows_marked_is_read(office):
    file = office.folder / "outreach.toml"
    file.write_text('mode = "test"\n', encoding="utf-8-sig")

    assert "NOTIFY_TEST_KEY" in office.refused("send", CAMPAIGN, "--yes")


def test_doctor_shows_a_misspelt_variable_and_no_key(office):
    misspelt = {"OUTREACH_PUBLIC_ULR": "https://example.com", "NOTIFY_SOCKET": "systemd's"}
    ended = office.do("doctor", NOTIFY_TEAM_KEY=KEY, **misspelt)

    assert "OUTREACH_PUBLIC_ULR means nothing here: is it OUTREACH_PUBLIC_URL?" in ended.said
    assert "NOTIFY_SOCKET" not in ended.said
    assert "NOTIFY_TEAM_KEY is set" in ended.said
    assert KEY not in ended.said


def test_doctor_shows_what_is_misspelt_in_the_env_file(office):
    office.write(".env", f"OUTREACH_PERSN=x\nexport NOTIFY_LIV_KEY='{KEY}'\nOTHER=1\n")

    ended = office.do("doctor")

    assert "OUTREACH_PERSN (in .env) means nothing here: is it OUTREACH_PERSON?" in ended.said
    assert "NOTIFY_LIV_KEY (in .env) means nothing here: is it NOTIFY_LIVE_KEY?" in ended.said
    assert KEY not in ended.said
    assert "OTHER" not in ended.said


def test_an_env_file_that_windows_wrote_is_read_or_said_to_be_unreadable(office):
    env = office.folder / ".env"
    env.write_bytes(f"\ufeffNOTIFY_TEAM_KEY={KEY}\r\n".encode())
    assert "NOTIFY_TEAM_KEY is set" in office.do("doctor").said

    env.write_bytes(f"\ufeffNOTIFY_TEAM_KEY={KEY}\r\n".encode("utf-16-le"))
    said = office.refused("status")

    assert ".env: not text in UTF-8" in said
    assert "save it" in said


def test_a_mode_that_is_none_is_wrong_usage(office):
    said = office.refused("send", CAMPAIGN, "--mode", "production", code=2)

    assert "production" in said
    assert "live" in said


def test_a_command_that_is_none_is_wrong_usage(office):
    assert "sned" in office.refused("sned", CAMPAIGN, code=2)
