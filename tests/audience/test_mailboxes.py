"""Mailboxes: a role's address is known from a person's, told at import, and put right there."""

import pytest
from sqlmodel import select

from postroom.audience.mailboxes import kind_of, kind_said
from postroom.tables import ContactKind, Recipient

IMPORT = ("recipients", "import")


@pytest.mark.parametrize(
    "address",
    [
        "office@oak.example.com",
        "admin3245@example.com",
        "oak.office@example.com",
        "info-oak@example.com",
        "schooloffice@example.com",
        "itt@example.com",
    ],
)
def test_a_roles_mailbox_is_known_by_its_name(address):
    assert kind_of(address) is ContactKind.ROLE_MAILBOX


@pytest.mark.parametrize(
    "address",
    [
        "ann.bell@example.com",
        "abell@office.example.com",
        "head@example.com",
        "post.m@x.com",
        "trainingham@example.com",
        "j.mentor@example.com",
    ],
)
def test_whoever_has_a_name_is_a_person(address):
    assert kind_of(address) is ContactKind.PERSON


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("Named person", ContactKind.PERSON),
        ("role mailbox", ContactKind.ROLE_MAILBOX),
        ("Shared", ContactKind.ROLE_MAILBOX),
        ("Headteacher", None),
        ("", None),
    ],
)
def test_what_a_list_says_counts_where_it_is_one_of_the_two(cell, kind):
    assert kind_said(cell) is kind


@pytest.fixture
def kinds(terminal):
    def kinds():
        terminal.run("recipients", "export", "l", "--out", "out/l.csv")
        text = (terminal.folder / "out/l.csv").read_text(encoding="utf-8-sig")
        return [line.rsplit(",", 1)[1] for line in text.splitlines()[1:]]

    return kinds


def test_an_import_says_how_many_of_each_there_are(terminal, kinds):
    terminal.write("l.csv", "email\noffice@example.com\nann@example.com\nbea@example.com\n")

    ended = terminal.run(*IMPORT, "l.csv", "--list", "l", "--yes")

    assert "2 are named people and 1 is a role mailbox" in ended.stderr
    assert kinds() == ["role mailbox", "person", "person"]


def test_what_was_recognised_wrongly_is_put_right_in_an_export_and_stays_so(terminal, kinds):
    terminal.write("l.csv", "email\noffice@example.com\nann@example.com\n")
    terminal.run(*IMPORT, "l.csv", "--list", "l", "--yes")
    terminal.run("recipients", "export", "l", "--out", "out/l.csv")
    file = terminal.folder / "out/l.csv"
    text = file.read_text(encoding="utf-8-sig").replace("role mailbox", "person")
    file.write_text(text, encoding="utf-8")

    mended = terminal.run(*IMPORT, "out/l.csv", "--list", "l", "--yes")
    terminal.run(*IMPORT, "l.csv", "--list", "l", "--yes")

    assert "1 changed, 1 unchanged" in mended.stdout
    assert "kind_of_contact" not in mended.stderr
    assert kinds() == ["person", "person"]


def test_a_column_that_says_it_may_have_another_heading(terminal, database_place, kinds):
    terminal.write("l.csv", "email,Who reads it\nann@example.com,shared\n")

    terminal.run(*IMPORT, "l.csv", "--list", "l", "--yes", "--column", "kind=Who reads it")

    assert kinds() == ["role mailbox"]


def test_a_mailbox_in_somebodys_place_is_a_mailbox(terminal, kinds):
    terminal.write("l.csv", "email\nann@example.com\n")
    terminal.run(*IMPORT, "l.csv", "--list", "l", "--yes")

    replacing = ("recipients", "replace", "ann@example.com", "office@example.com", "--list", "l")
    terminal.run(*replacing, "--reason", "left", "--yes")

    assert kinds() == ["role mailbox"]


def test_segments_and_templates_can_go_by_it(terminal):
    terminal.have_example_campaigns()
    file = terminal.folder / "campaigns" / "bpn-invite.toml"
    text = file.read_text(encoding="utf-8").replace("example-bpn", "l")
    file.write_text(f'{text}\n[segment]\nkind = "role mailbox"\n', encoding="utf-8")
    terminal.write("l.csv", "email\noffice@example.com\nann@example.com\n")
    terminal.run(*IMPORT, "l.csv", "--list", "l", "--yes")

    found = terminal.listed("recipients", "segments", "bpn-invite")

    assert found[-1] == {"condition": "all of it together", "people": 1, "schools": 0}


def test_recipients_that_no_import_made_are_people(database):
    with database.write() as session:
        session.add(Recipient(address="a@example.com", address_key=b"a"))
    with database.read() as session:
        assert session.exec(select(Recipient)).one().kind is ContactKind.PERSON
