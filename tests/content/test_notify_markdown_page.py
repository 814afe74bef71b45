"""The page for policy officers says what the renderer does: each example on it is rendered."""

import re
from pathlib import Path
from typing import Any

import pytest

from postroom.content.notify_markdown import (
    preheader_as_read,
    render_html,
    render_subject,
    render_text,
)
from tests.content.conformance.outline import outline

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "notify-markdown.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"You type:\n\n```markdown\n(.*?)\n```\n\n(The [a-z ]+):\n\n```text\n(.*?)\n```",
    TEXT,
    re.DOTALL,
)
LABELS = {"p": "paragraph: ", "h2": "heading: ", "h3": "smaller heading: "}
LINE = {"br", "a"}


def as_read(body: str) -> str:
    """Return the formatted email in the page's plain words, a block a line."""
    return "\n".join(blocks(outline(render_html(body)), label="text: "))


def blocks(nodes: list[Any], *, label: str) -> list[str]:
    lines, words = [], ""
    for node in [*nodes, ["end", {}, []]]:
        if isinstance(node, str) or node[0] in LINE:
            words += inline(node)
            continue
        if words:
            lines.append(label + words.strip())
        words = ""
        lines += block(*node)
    return lines


def block(tag: str, _attributes: dict[str, str], children: list[Any]) -> list[str]:
    match tag:
        case "end":
            return []
        case "hr":
            return ["rule"]
        case "ul":
            return [line for item in children for line in listed("•", item[2])]
        case "ol":
            return [
                line
                for number, item in enumerate(children, 1)
                for line in listed(f"{number}.", item[2])
            ]
        case "blockquote":
            return ["inset:", *(f"  {line}" for line in blocks(children, label="text: "))]
        case _:
            return blocks(children, label=LABELS[tag])


def listed(marker: str, children: list[Any]) -> list[str]:
    if all(isinstance(child, str) or child[0] in LINE for child in children):
        return blocks(children, label=f"{marker} ")
    return [marker, *(f"  {line}" for line in blocks(children, label="text: "))]


def inline(node: Any) -> str:
    if isinstance(node, str):
        return node
    if node[0] == "br":
        return " / "
    return f"{''.join(map(inline, node[2]))} → {node[1]['href']}"


READINGS = {
    "The reader sees": as_read,
    "The plain text says": lambda body: render_text(body).removesuffix("\n"),
    "The inbox shows": preheader_as_read,
    "The subject reads": render_subject,
}


@pytest.mark.parametrize(
    ("typed", "reading", "result"), EXAMPLES, ids=[typed for typed, _, _ in EXAMPLES]
)
def test_an_example_is_what_the_renderer_makes(typed: str, reading: str, result: str) -> None:
    assert READINGS[reading](typed) == result


def test_no_example_on_the_page_goes_untried() -> None:
    assert len(EXAMPLES) * 2 == TEXT.count("\n```\n") == len(re.findall("(?m)^```[a-z]", TEXT))
