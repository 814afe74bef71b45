"""The guide "Use it for another service", followed to the letter."""

import re
from pathlib import Path

import pytest

from postroom.content.editions import load_edition
from postroom.content.notify_markdown import render_text
from postroom.content.rendering import Renderer, sample_links
from tests.content.test_seed import ROOT

GUIDE = (ROOT / "docs/how-to/use-it-for-another-service.md").read_text(encoding="utf-8")
FILE = re.compile(r"`([\w./-]+)`[^`]*?:?\n\n```\w*\n(.*?)```", re.DOTALL)


@pytest.fixture
def library(tmp_path) -> Path:
    files = dict(FILE.findall(GUIDE))
    files["templates/email/base.md"] = (ROOT / "templates/email/base.md").read_text("utf-8")
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_librarys_email_says_what_the_library_wrote_and_names_no_other_service(library):
    renderer = Renderer(load_edition(library, "renew-card"))
    reader = {"name": "Bertrand Ode", "branch": "Mill Lane & Quay", "card_expires": "30 June 2027"}

    email = renderer.render(reader, sample_links("https://library.example.com"))

    text = render_text(email.body)
    assert email.subject == "Renew your library card before 30 June 2027"
    assert text.startswith("Dear Bertrand Ode,\n\nYour card for the Mill Lane & Quay branch ends")
    assert "Why you got this email: you gave it to us when you joined the library." in text
    assert "from the membership desk, Wexcombe Library." in text
    assert not re.search(r"(?i)school|mentor|education|grant", text)


def test_the_engine_names_no_department_provider_or_amount():
    named = re.compile(r"Department for Education|\bDfE\b|Best Practice|\bBPN\b|NIoT|£1,076|£876")
    found = {
        path.relative_to(ROOT).as_posix(): match[0]
        for path in (ROOT / "postroom").rglob("*.py")
        if (match := named.search(path.read_text(encoding="utf-8")))
    }

    assert found == {}
