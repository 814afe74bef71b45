"""Our renderings agree with Notify's own, case by case, and hold up against hostile bodies."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from postroom.content import notify_markdown
from tests.content.conformance.outline import outline

CORPUS = Path(__file__).parent / "conformance"
BODIES = json.loads((CORPUS / "markdown.json").read_text(encoding="utf-8"))
SUBJECTS = json.loads((CORPUS / "subjects.json").read_text(encoding="utf-8"))

RENDERINGS = (
    notify_markdown.render_html,
    notify_markdown.render_text,
    notify_markdown.render_preheader,
)

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


# Each was read off Notify's own rule: from white space to white space, one word with an @ in it
# keeps its single quotes straight, and takes the space after it with it. A <br> is no white space.
NEAR_AT_SIGNS = [
    ("Email a@b.uk\nit's x", "Email a@b.uk<br>it's x", "Email a@b.uk\nit’s x"),
    ("Email a@b.uk\n\nit's x", "Email a@b.uk</p>it’s x", "Email a@b.uk\n\nit’s x"),
    ("it's(jo@x.uk)", "it's(jo@x.uk)", "it's(jo@x.uk)"),
    ("Meet@ 'The Hub'", "Meet@ ‘The Hub’", "Meet@ ‘The Hub’"),
    ("@it's", "@it's", "@it’s"),  # in HTML the tag before it is part of the word
    ("o'brien@a.uk o'neill@b.uk", "o'brien@a.uk o’neill@b.uk", "o'brien@a.uk o’neill@b.uk"),
    ("o'brien@a.uk  o'neill@b.uk", "o'brien@a.uk  o'neill@b.uk", "o'brien@a.uk  o'neill@b.uk"),
    ("a@b.uk\no'neill@b.uk", "a@b.uk<br>o'neill@b.uk", "a@b.uk\no'neill@b.uk"),
    ("‘jo’@x.uk", "'jo'@x.uk", "'jo'@x.uk"),
]


@pytest.mark.parametrize(("body", "html", "text"), NEAR_AT_SIGNS, ids=lambda given: given)
def test_single_quotes_in_a_word_with_an_at_sign_are_straight_as_notify_leaves_them(
    body: str, html: str, text: str
) -> None:
    tags = re.sub(r"<(?!br>|/p>)[^>]*>", "", notify_markdown.render_html(body))

    assert tags == f"{html}</p>"
    assert notify_markdown.render_text(body) == f"{text}\n"
    assert notify_markdown.render_preheader(body) == " ".join(text.split())


def test_a_subject_keeps_its_quotes_straight_near_an_at_sign_too() -> None:
    assert notify_markdown.render_subject("it's(jo@x.uk) it's") == "it's(jo@x.uk) it’s"


@pytest.mark.parametrize(
    "body",
    [
        "[a" * 500 + "](b)" * 500,
        "x\ud800y",
        "é" * 1_000_001,
        "[" * 100_000,
        ".>![gov.uk" * 6_000,
        "[[]" * 20_000,
        "[[^1]!" * 15_000,
        "<b a=" * 100_000,
        "~" * 100_000,
        "<b " + "a=b= " * 30,
    ],
    ids=[
        "nested links",
        "half a character",
        "too long",
        "brackets",
        "pictures",
        "brackets in brackets",
        "notes in brackets",
        "tags",
        "fence",
        "attributes",
    ],
)
def test_what_notify_could_not_render_is_refused_with_a_reason(body: str) -> None:
    for render in RENDERINGS:
        with pytest.raises(notify_markdown.RenderingError) as refused:
            render(body)

        assert body not in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        "If x <3 then:\n\n" + "* https://example.com/?signature=a=\n" * 40,
        "If fewer than 5 (<5) apply:\n\n" + "Heading\n=======\n\ntext\n\n" * 40,
        "<b>Note</b>\n\n" + "* https://example.com/?signature=a=\n" * 40,
    ],
    ids=["links", "underlined headings", "a tag that ends"],
)
def test_what_stands_in_no_tag_is_not_taken_for_its_values(body: str) -> None:
    for render in RENDERINGS:
        assert render(body)


@pytest.mark.parametrize(
    "body",
    [
        "^" * 2000,
        "^ " * 2000,
        "* " * 2000,
        "1." * 2000,
        "* ^ " * 1000,
        "# a" + " " * 20_000 + "b",
        "* a" + " " * 20_000 + "b",
        "[a](" + " " * 20_000,
        "[a](" * 2_000,
        "![" * 2_000,
        "[[] " * 2_000,
        "[ " + "[a](https://example.com/a) [b] " * 5_000,
        "<" * 5_000,
        "<a:" * 2_000,
        "<!-- " * 2_000,
        "~" * 5_000 + "\n" + "a ~" * 100,
        "|" * 20_000 + "\n",
        "* a\n\n" * 2_000,
        "<" + "=" * 60_000,
        "<a" + " " * 60_000 + "=",
        "'" * 60_000,
        "&" * 20_000,
        "a@" * 20_000,
        "a" * 100_000,
        "\0" * 20_000,
    ],
)
def test_a_hostile_body_does_not_hold_anybody_up(body: str) -> None:
    started = time.process_time()

    for render in RENDERINGS:
        render(body)

    assert time.process_time() - started < 5


@pytest.mark.parametrize("block", ["Dear Sam, it’s a fine day.\n\n", "* one\n", "word "])
def test_a_body_of_two_million_bytes_is_rendered(block: str) -> None:
    body = block * (1_990_000 // len(block.encode()))

    assert len(notify_markdown.render_text(body)) >= len(body) - len(block)


def test_a_nul_is_neither_lost_nor_harmful() -> None:
    assert notify_markdown.render_text("a\0b") == "a\0b\n"


def test_one_body_leaves_nothing_behind_for_the_next() -> None:
    notify_markdown.render_html("[a]: https://example.com\n\n[^1]: note\n\n[a] [^1]")

    assert outline(notify_markdown.render_html("[a] [^1]")) == [["p", {}, ["[a] [^1]"]]]
