"""What people typed shows as they typed it and changes nothing around it, wherever it stands."""

import html
import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from postroom.content.markdown_escaping import escape, escape_subject, escape_url_part
from postroom.content.notify_markdown import (
    render_html,
    render_preheader,
    render_subject,
    render_text,
)
from tests.content.conformance.outline import outline

PLACES = {
    "alone": "@",
    "in a sentence": "Dear @, thank you for @.",
    "at the start of a line": "Before\n\n@ then more",
    "at the end of a line": "Hello @\n\nNext",
    "on a line of its own": "Before\n\n@\n\nAfter",
    "on the line after another": "Kind regards\n@\nPolicy team",
    "on the line before another": "@\nPolicy team",
    "on two lines running": "@\n@\n@",
    "in a heading": "# @\n\nText",
    "in a smaller heading": "## For @\nText",
    "in a heading without a space": "#@\n\nText",
    "in an underlined heading": "@\n---\nText",
    "as a bullet": "Bring:\n\n* @\n* pen @\n\nAfter",
    "as a bullet without a space": "*@\n*@",
    "as a numbered item": "1. @\n2. @\n\nAfter",
    "in a nested list": "* one\n  * @\n* two",
    "after a bullet": "* one\n@\n\nAfter",
    "after a list": "* one\n\n@",
    "in an inset": "^ @\n\nAfter",
    "in the words of a link": "See [@](https://example.com/a) now",
    "among the words of a link": "See [all of @ here](https://example.com/a) now",
    "in a link at the start": "[@](https://example.com/a)\n\nAfter",
    "after a link": "[form](https://example.com/a)@ and [map](https://example.com/b)",
    "before a link": "@[form](https://example.com/a)",
    "next to a bracket": "[optional]@ or @[maybe]",
    "in brackets": "(@) [@] @",
    "in quotes": "“@” \"@\" '@'",
    "next to punctuation": "@, @. @; @: @! @? /@ @/ @- -@",
    "after a rule": "---\n@\n\n---",
    "before a colon": "@:\n* one",
    "twice running": "@@",
}

# Every piece is something Notify, mistune or smartypants reads; together they make what it would.
PIECES = [
    *"#*-+_=`~^•|<>[](){}!\\&;:.,'\"/@? 1aé\n\t",
    "# ",
    "* ",
    "- ",
    "+ ",
    "1. ",
    "10.30",
    "^ ",
    "> ",
    "--",
    "---",
    " - ",
    " – ",
    "***",
    "```",
    "| a | b |",
    "|--|--|",
    ":-|-",
    "[a](https://evil.example)",
    "![a](b)",
    "[1]",
    "[^1]",
    "](",
    "[1]: http://evil.example",
    "[^1]: note",
    "https://evil.example",
    "http://",
    "www.evil.com",
    "&copy;",
    "&copy",
    "&#91;",
    "&nbsp;",
    "&amp;",
    "&lt;",
    "<b>",
    "</b>",
    "<!-- x -->",
    "<a@b.c>",
    "((x))",
    "((x??y))",
    "GOV.UK",
    "a@b.com",
    "\\\\",
    '\\"',
    "\\.",
    "\u2028",
    "\u2424",
    "\u200b",
    "\u202e",
    "\u2067",
    "\x00",
    "\xa0",
    "\ufeff",
    "\u3164",
    "\r\n",
    "\x0b",
    "\x85",
    "word",
    "O'Neill",
]
TYPED = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
)

NAMED = [
    "[Free](https://evil.example)",
    "![Free](https://evil.example)",
    "# Head",
    "C#",
    "10.30 School",
    "https://evil.example",
    "www.evil.example",
    "&copy;",
    "&copy",
    "<b>bold</b>",
    "**x**",
    "- x",
    "• x",
    "^ x",
    "> x",
    "| a | b |\n|--|--|\n| 1 | 2 |",
    "[1]: http",
    "[^1]: note",
    "]: http",
    "a\nb",
    "a\tb",
    "a\x00b",
    "a\u2028b",
    "a\u200bb",
    "a\u202eb",
    "((x))",
    "===",
    "---",
    "-",
    "A -",
    "\\",
    "\\\\",
    "C:\\",
    '\\"x\\"',
    "[",
    "]",
    "a]b[c",
    "]b[",
    "a] [b",
    "a](b[c",
    "a]: b[c",
    "[^a]b[c",
    "]]][[[",
    "a[b",
    "!",
    "    code",
    "```",
    "St Mary's School",
    "A. B. Smith",
    "O’Neill",
]


def read(typed: str) -> str:
    """Return *typed* as a reader should see it: one line, nothing hidden."""
    return escape_subject(typed).replace("\u200b", "")


def without_typography(text: str) -> str:
    """Return *text* less all that Notify's typography may change or `escape` may add unseen."""
    text = re.sub(r"[ \t\xa0]+(?=[,.])", "", text.replace("\u200b", ""))
    text = re.sub("[“”]", '"', re.sub("[‘’]", "'", text))
    text = re.sub("[–—]", "-", re.sub(r"(\s)[-–—]{1,3}(?=\s)", r"\1-", text))
    return re.sub(r"[ \t]+", " ", text).strip()


def texts(nodes: list[Any], change: Any) -> list[Any]:
    """Return an outline with each of its texts changed."""
    return [
        change(node) if isinstance(node, str) else [node[0], node[1], texts(node[2], change)]
        for node in nodes
    ]


def rendered(body: str) -> tuple[list[Any], str, str]:
    # Notify cuts a preheader at 256 characters of its source, through whatever stands there.
    preheader = render_preheader(body)
    return (
        outline(render_html(body)),
        render_text(body),
        html.unescape(preheader) if len(preheader) < 250 else "",
    )


def check(place: str, typed: str) -> None:
    stand_in = "Qvalueq"
    seen = read(typed)

    def shown(text: str) -> str:
        return without_typography(text.replace(stand_in, seen))

    outlined, text, preheader = rendered(place.replace("@", stand_in))
    actual = rendered(place.replace("@", escape(typed)))

    assert texts(actual[0], without_typography) == texts(outlined, shown)
    assert without_typography(actual[1]) == shown(text)
    assert without_typography(actual[2]) == shown(preheader) or "" in (preheader, actual[2])


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@settings(deadline=None, max_examples=60)
@given(typed=TYPED)
def test_any_value_leaves_the_structure_as_it_was_and_is_shown(place: str, typed: str) -> None:
    assume(read(typed))

    check(place, typed)


@pytest.mark.parametrize("typed", NAMED, ids=ascii)
def test_what_means_something_to_notify_is_shown_as_typed(typed: str) -> None:
    for place in PLACES.values():
        check(place, typed)


@pytest.mark.parametrize(
    "typed",
    [
        "St Mary's School",
        "A. B. Smith",
        "O’Neill",
        "Zoë Smith-Jones",
        "Tom & Co, Ltd.",
        "Bishop's Castle C.E. (Primary) School",
        "Room 10.30",
        "李小龍",
        "محمد",
        "می\u200cخواهم",
        "",
    ],
)
def test_an_everyday_name_is_left_as_it_is(typed: str) -> None:
    assert escape(typed) == typed


@pytest.mark.parametrize(
    ("typed", "escaped"),
    [
        ("10.30 School", r"10\.30 School"),
        ("# Head", r"\# Head"),
        ("[Free](b)", r"\[Free\]\(b)"),
        ("R&D", "R&amp;D"),
        ("<b>", "&lt;b>"),
        ("  two   spaces ", "two spaces"),
        ("www.example.com", "www.\u200bexample.\u200bcom"),
        ("https://localhost", "https:\u200b//localhost"),
        ("a\u202egnp.exe", "agnp.\u200bexe"),
        ("half \ud800", "half \ufffd"),
    ],
)
def test_only_what_needs_it_is_escaped(typed: str, escaped: str) -> None:
    assert escape(typed) == escaped


@given(typed=TYPED)
def test_no_value_makes_a_link(typed: str) -> None:
    assert "href" not in render_html(f"Dear {escape(typed)}, [hello] {escape(typed)}")


@pytest.mark.parametrize("typed", ["a]", "[b", "]", "[", "a]b[c"])
def test_brackets_in_two_values_of_one_links_words_do_not_end_it(typed: str) -> None:
    for other in ("a]", "[b", "]", "x"):
        words = f"{escape(typed)} and {escape(other)}"

        html = render_html(f"[{words}](https://example.com/a)").replace("\u200b", "")

        assert outline(html) == [
            ["p", {}, [["a", {"href": "https://example.com/a"}, [f"{typed} and {other}"]]]]
        ]


@pytest.mark.parametrize("cut", range(1, len("https://evil")))
def test_two_values_side_by_side_make_no_link(cut: int) -> None:
    address = "https://evil.example"

    assert "<a " not in render_html(escape(address[:cut]) + escape(address[cut:]))


@given(typed=TYPED)
def test_a_subject_is_one_line_that_shows_the_value(typed: str) -> None:
    subject = render_subject(f"News for {escape_subject(typed)} today")

    assert subject.isprintable() or not read(typed).isprintable()
    assert without_typography(subject) == without_typography(f"News for {read(typed)} today")


@given(typed=TYPED)
def test_a_value_in_a_link_stays_in_its_part_of_the_address(typed: str) -> None:
    address = f"https://example.com/sign-up?school={escape_url_part(typed)}&step=1"

    assert outline(render_html(f"[Sign up]({address})")) == [
        ["p", {}, [["a", {"href": address}, ["Sign up"]]]]
    ]
    assert parse_qs(urlsplit(address).query, keep_blank_values=True) == {
        "school": [typed],
        "step": ["1"],
    }


def test_a_long_value_is_escaped_in_good_time() -> None:
    started = time.process_time()

    for piece in ("[", "]", "][", "\\", "&", "a.", "-", "\u202e", " ", "://", "word "):
        escape(piece * 50_000)

    assert time.process_time() - started < 5
