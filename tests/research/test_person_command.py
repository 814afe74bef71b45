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
        *("recipients", "import", "list.csv", "--list", "bpn", "--yes", "--gone-by", "2025-01-01")
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
