"""`person` and `retention` at the desk: what they show, ask and write."""

import json

import pytest
from notifications_python_client.notifications import NotificationsAPIClient

from postroom.localnotify import TEMPLATE_ID, LocalNotify
from postroom.workspace import Workspace

LIST = "email address,name,school\nana@oak.example.com,Ana Person,Oak\n"


@pytest.fixture
def at_desk(terminal):
    terminal.write("list.csv", LIST)
    ended = terminal.run("recipients", "import", "list.csv", "--list", "bpn", "--yes")
    assert ended.returncode == 0, ended.stderr
    return terminal


def test_a_person_is_shown_exported_and_erased_after_a_yes(at_desk):
    shown = at_desk.run("person", "show", "ANA@oak.example.com")
    exported = at_desk.run("person", "export", "ana@oak.example.com")
    unasked = at_desk.run("person", "erase", "ana@oak.example.com")
    erased = at_desk.run("person", "erase", "ana@oak.example.com", "--yes")
    again = at_desk.run("person", "show", "ana@oak.example.com")

    assert "Ana Person" in shown.stdout
    assert exported.returncode == 0, exported.stderr
    assert (unasked.returncode, "Nothing was erased" in unasked.stdout) == (1, True)
    assert "2 rows deleted" in erased.stdout, erased.stderr
    assert "backups" in erased.stderr
    assert "Ana Person" not in again.stdout
    assert "erased" in again.stdout


def test_each_part_of_what_is_held_has_a_title_and_each_field_a_line_in_plain_words(at_desk):
    at_desk.have_example_campaigns()
    signed_up = ["--email", "ana@oak.example.com", "--method", "telephone", "--name", "Ana Person"]
    at_desk.run("signups", "add", "bpn-invite", *signed_up)

    lines = at_desk.run("person", "show", "ana@oak.example.com").stdout.splitlines()

    assert "Sign-ups (1)" in lines
    assert "  came by a forwarded link: no" in lines
    assert "  how it was given: telephone" in lines
    assert not [line for line in lines if "_" in line.partition(": ")[0]]


def test_of_an_unknown_address_nothing_is_exported_and_nothing_kept(at_desk):
    for command in ("export", "show", "export"):
        said = at_desk.run("person", command, "nobody@example.com").stdout
        assert said == "Nothing is held about this address.\n"
    assert not list(at_desk.folder.glob("out/person-*"))


def test_an_export_that_cannot_be_written_is_not_on_record(at_desk):
    at_desk.write("taken", "a file, and no folder")

    ended = at_desk.run("person", "export", "ana@oak.example.com", "--out", "taken")

    assert ended.returncode == 1
    assert "exported" not in at_desk.run("person", "show", "ana@oak.example.com").stdout


def test_an_erasure_says_beforehand_what_goes_and_what_stays(at_desk):
    at_desk.run("person", "show", "ana@oak.example.com")

    said = at_desk.run("person", "erase", "ana@oak.example.com").stderr

    assert "Lists they are on: 1, deleted" in said
    assert "What was done with their details: 1, kept" in said


def test_the_local_notifys_copy_of_their_mail_goes_too(at_desk):
    file = Workspace(at_desk.folder).local_notify_file
    with LocalNotify(file) as notify:
        client = NotificationsAPIClient(notify.keys["live"], notify.url)
        words = {"subject": "Hi", "body": "Dear Ana Person"}
        client.send_email_notification("ana@oak.example.com", TEMPLATE_ID, words)
        client.request_session.close()

    erased = at_desk.run("person", "erase", "ana@oak.example.com", "--yes")

    assert f"1 email deleted from {file.name}" in erased.stdout
    assert b"Ana Person" not in file.read_bytes()


def test_the_export_is_a_page_and_json_for_its_owner_only_under_a_name_that_tells_nobody(at_desk):
    at_desk.run("person", "export", "ana@oak.example.com")

    files = sorted((at_desk.folder / "out").iterdir())
    assert [file.suffix for file in files] == [".html", ".json"]
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert all("ana" not in file.name for file in files)
    page, record = files[0].read_text(encoding="utf-8"), json.loads(files[1].read_bytes())
    assert "Ana Person" in page
    assert record["held"]["recipients"][0]["address"] == "ana@oak.example.com"


def test_what_somebody_typed_is_no_markup_on_the_page(at_desk):
    at_desk.write("list.csv", LIST.replace("Ana Person", "<b>Ana</b>"))
    at_desk.run("recipients", "import", "list.csv", "--list", "bpn", "--yes")

    at_desk.run("person", "export", "ana@oak.example.com")

    page = next((at_desk.folder / "out").glob("*.html")).read_text(encoding="utf-8")
    assert "<b>" not in page
    assert "&lt;b&gt;Ana" in page


def test_retention_shows_first_and_does_it_when_told(at_desk):
    at_desk.run(
        "recipients", "import", "list.csv", "--list", "bpn", "--yes", "--gone-by", "2025-01-01"
    )

    shown = at_desk.run("retention")
    due = at_desk.listed("retention")
    done = at_desk.run("retention", "--apply", "--yes")
    again = at_desk.run("retention")

    assert "1 list, 1 person on no list any more" in shown.stdout
    assert "Nothing was deleted" in shown.stdout
    assert (due["people"], due["lists"][0]["name"]) == (1, "bpn")
    assert "Deleted: 1 list" in done.stdout, done.stderr
    assert "Nothing is due" in again.stdout


def test_a_bad_address_is_refused_in_words(at_desk):
    ended = at_desk.run("person", "show", "nobody")

    assert ended.returncode == 1
    assert "@-sign" in ended.stderr
