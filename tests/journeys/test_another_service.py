"""The guide "Use it for another service", followed to the letter."""

import re
import shlex

import pytest

from postroom.content.notify_markdown import render_text
from postroom.localnotify import read_ledger
from tests.journeys.conftest import ROOT, Place

GUIDE = (ROOT / "docs/how-to/use-it-for-another-service.md").read_text(encoding="utf-8")
FILE = re.compile(r"`([\w./-]+)`[^`]*?:?\n\n```\w*\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^    (?:\./)?outreach (.+)$", re.MULTILINE)
OTHER_SERVICE = re.compile(r"(?i)school|mentor|education|grant")


@pytest.fixture
def library(tmp_path, forking):
    """A workspace from which what the guide deletes is deleted, with the guide's own files."""
    place = Place(tmp_path, tmp_path, forking)
    place.do("init", "library")
    place.folder = tmp_path / "library"
    for folder in ("campaigns", "facts", "recipients", "templates/email"):
        for file in (place.folder / folder).iterdir():
            if file.name != "base.md":
                file.unlink()
    for name, text in FILE.findall(GUIDE):
        place.write(name, text)
    return place


def test_the_librarys_email_is_sent_as_the_guide_says_and_no_other_service_is_named(library):
    commands = [shlex.split(line) for line in COMMAND.findall(GUIDE)]
    assert [words[0] for words in commands] == [
        "init",
        "recipients",
        "check",
        "preview",
        "approve",
        "send",
    ]

    said = []
    for words in commands[1:]:
        answer = ["--yes"] if words[0] in ("recipients", "approve", "send") else []
        said.append(library.do(*(word for word in words if word != "--open"), *answer).said)
    said.append(library.do("status", "renew-card").said)

    assert "renew-card: 2 emails; 0 left out." in said[1]
    assert [text for text in said if OTHER_SERVICE.search(text)] == []
    sent = read_ledger(library.folder / "local-notify.db")
    assert {each.email_address for each in sent} == {
        "ada.quillfeather@example.com",
        "b.ode@example.com",
    }
    [email] = [each for each in sent if each.email_address == "b.ode@example.com"]
    text = render_text(email.body)
    assert email.subject.endswith("Renew your library card before 30 June 2027")
    assert text.startswith("Dear Bertrand Ode,\n\nYour card for the Mill Lane & Quay branch ends")
    assert "Why you got this email: you gave it to us when you joined the library." in text
    assert "from the membership desk, Wexcombe Library." in text
    assert not OTHER_SERVICE.search(text)
