"""Our renderings agree with Notify's own, case by case, and hold up against hostile bodies."""

import json
from pathlib import Path
from typing import Any

import pytest

from postroom.content import notify_markdown
from tests.content.conformance.outline import outline

CORPUS = Path(__file__).parent / "conformance"
BODIES = json.loads((CORPUS / "markdown.json").read_text(encoding="utf-8"))
SUBJECTS = json.loads((CORPUS / "subjects.json").read_text(encoding="utf-8"))

Case = dict[str, Any]


def name(case: Case) -> str:
    return str(case["id"])


@pytest.mark.parametrize("case", BODIES, ids=name)
def test_a_body_renders_as_notify_renders_it(case: Case) -> None:
    body, link = case["input"]["body"], case["input"].get("unsubscribe_link")

    rendered = {
        "outline": outline(notify_markdown.render_html(body, unsubscribe_link=link)),
        "text": notify_markdown.render_text(body, unsubscribe_link=link),
        "preheader": notify_markdown.render_preheader(body),
        "preheader_text": notify_markdown.preheader_as_read(body),
        "message_empty": notify_markdown.is_empty(body),
    }

    assert rendered == case["expected"]


@pytest.mark.parametrize("case", SUBJECTS, ids=name)
def test_a_subject_is_sent_as_notify_sends_it(case: Case) -> None:
    assert notify_markdown.render_subject(case["input"]["subject"]) == case["expected"]["subject"]
