"""The patterns of Notify's Markdown, written so that no body takes them long.

They find what mistune 0.8.4's patterns and Notify's changes to them find, to the character, but in
a time that grows with the length of a text and not with its square or its cube. Three means serve:
``*+`` takes all it can and gives nothing back; a look behind lets a run of spaces be tried once,
from its first space; and where only the answer "does one begin here?" counts, only that is asked.
"""

import re
import warnings

with warnings.catch_warnings():
    # Its 2018 source has escapes in plain strings that Python 3.12 and later warn about.
    warnings.filterwarnings("ignore", category=SyntaxWarning)
    warnings.filterwarnings("ignore", category=DeprecationWarning, message="invalid escape")
    import mistune

__all__ = ["BLOCKS", "INLINES", "INLINES_BY_FIRST", "Pattern", "mistune", "text_end"]

Pattern = re.Pattern[str]

_BLOCK = mistune.BlockGrammar
_INLINE = mistune.InlineGrammar

_MARKER = r"(?:[•*-]|\d+\.)"
_RULE_LINE = r"(?:[-*_] *){3,}(?:\n+|$)"


def _unanchored(pattern: Pattern) -> str:
    return str(pattern.pattern).removeprefix("^")


def _without_splitting_values(pattern: Pattern) -> str:
    # An unquoted attribute's value can be cut anywhere, so a tag that is never closed is tried in
    # every way of cutting every value. Only one that ends in "=" can be read in two ways.
    value = r"""[^\s'">]+"""
    whole, cut = rf"{value}+(?<!=)", rf"""(?=[^\s'">]*+(?<==)){value}"""
    return _unanchored(pattern).replace(value, f"(?:{whole}|{cut})")


_DEFINED_LINK = _unanchored(_BLOCK.def_links)
_DEFINED_NOTE = _unanchored(_BLOCK.def_footnotes)

_FENCED = r" *(`{3,}|~{3,}) *([^`\s]++)?+ *+\n([\s\S]|[\s\S]+?\S)\s*+\1 *+(?:\n+|$)"
_ROW = r"[^|\n]*+\|.*+(?:\n|$)"

# What ends a paragraph without a blank line. Lists and quotes are mistune's own here, because
# Notify changed those after this was put together: so a list must have a space after its marker
# to follow a line of text, • and ^ never may, and > splits a paragraph.
_PARAGRAPH_ENDS = "|".join(
    (
        _FENCED.replace(r"\1", r"\2"),
        r" *(?:[*+-](?:\d+\.)?|\d+\.) [\s\S]",
        _unanchored(_BLOCK.hrule),
        r" *#[^\n]",
        r"[^\n]++\n *[=-]+ *(?:\n+|$)",
        r" *>[^\n]",
        _DEFINED_LINK,
        r"\[\^[^\]]+\]:",
        "<" + mistune._block_tag,  # noqa: SLF001 it has no other name
    )
)

BLOCKS: dict[str, Pattern] = {
    name: re.compile(pattern)
    for name, pattern in {
        "newline": r"\n+",
        "hrule": _unanchored(_BLOCK.hrule),
        "block_code": _unanchored(_BLOCK.block_code),
        "fences": _FENCED,
        "heading": r" *(#{1,6}) *([^\n]|[^\n]+?[^\n ](?!(?<=#)#)) *+#*+ *+(?:\n+|$)",
        "nptable": rf" *+(\S[^|\n]*+\|.*+)\n *+([-:]++ *+\|[-| :]*+)\n((?:{_ROW})*)\n*",
        "lheading": _unanchored(_BLOCK.lheading),
        "block_quote": r"( *\^[^\n]+(\n[^\n]+)*\n*)+",
        "list_block": (
            r"( *)([•*-]|\d+\.)"
            r"(?:\s(?!\n{2,}(?! ))\s*+$"
            rf"|[\s\S]+?(?:\n+(?=\1?{_RULE_LINE})"
            rf"|\n+(?={_DEFINED_LINK})|\n+(?={_DEFINED_NOTE})"
            rf"|\n{{2,}}(?! )(?!\1{_MARKER} )\n*"
            r"|(?<!\s)\s*+$))"
        ),
        "block_html": _without_splitting_values(_BLOCK.block_html),
        "def_links": _DEFINED_LINK,
        "def_footnotes": _DEFINED_NOTE,
        "table": r" *\|(.+)\n *\|( *+[-:][-| :]*+)\n((?: *\|.*(?:\n|$))*)\n*",
        "paragraph": rf"((?:[^\n]++(?:\n(?!{_PARAGRAPH_ENDS}))?)+)\n*",
        "text": r"[^\n]+",
    }.items()
}

_LABEL = r"!?\[((?:\[[^^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]"
_TITLE_AND_END = r"""(?:\s++['"]([\s\S]*?)['"])?\s*+\)"""

INLINES: dict[str, Pattern] = {
    name: re.compile(pattern)
    for name, pattern in {
        "escape": _unanchored(_INLINE.escape),
        "inline_html": _without_splitting_values(_INLINE.inline_html),
        "autolink": r"<(?=[^ >]++>)([^ >]+(@|:)[^ >]+)>",
        "url": r"""(https?://[^\s<]+[^<.,:"')\]\s])""",
        "footnote": _unanchored(_INLINE.footnote),
        "link": (
            rf"{_LABEL}\((?=[^)]*+\))\s*+(<)?((?(2)[\s\S]*?|(?:[\s\S]*?\S)??))(?(2)>){_TITLE_AND_END}"
        ),
        "reflink": _unanchored(_INLINE.reflink),
        "nolink": _unanchored(_INLINE.nolink),
        "linebreak": r" *+\n(?!\s*$)",
    }.items()
}

# Which of these can begin with which character, in the order in which they are tried. What begins
# with any other character is text, and so is what none of these takes.
INLINES_BY_FIRST: dict[str, tuple[str, ...]] = {
    "\\": ("escape",),
    "<": ("inline_html", "autolink"),
    "h": ("url",),
    "[": ("footnote", "link", "reflink", "nolink"),
    "!": ("link", "reflink", "nolink"),
    " ": ("linebreak",),
    "\n": ("linebreak",),
}

_TEXT = re.compile(r"(?: ++|[\s\S])(?:[^\\<!\[_*`~h \n]++|h(?!ttps?://)| ++(?!\n))*+")


def text_end(text: str, position: int) -> int:
    """Return where the text at *position*, which is one character at least, gives way to a rule."""
    match = _TEXT.match(text, position)
    return match.end() if match else len(text)
