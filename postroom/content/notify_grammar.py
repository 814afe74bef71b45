"""The Markdown grammar GOV.UK Notify reads: mistune 0.8.4's, with Notify's changes to it."""

# mistune ships no types: here, and only here, are classes made from what mypy knows nothing of.
# mypy: disable-error-code="misc"

import re
import warnings
from typing import ClassVar, Protocol

with warnings.catch_warnings():
    # Its 2018 source has escapes in plain strings that Python 3.12 and later warn about.
    warnings.filterwarnings("ignore", category=SyntaxWarning)
    warnings.filterwarnings("ignore", category=DeprecationWarning, message="invalid escape")
    import mistune

_MARKER = r"(?:[•*-]|\d+\.)"


def _unanchored(pattern: re.Pattern[str]) -> str:
    return pattern.pattern.removeprefix("^")


class NotifyBlockGrammar(mistune.BlockGrammar):
    """Where a block begins and ends.

    ``paragraph`` is inherited as it is, so what may break a paragraph is still mistune's own
    list and quote, not these: that is why a list needs no space after its marker at the start
    of a block and does need one straight after a line of text, and why ``•`` and ``^`` never
    break a paragraph.
    """

    block_quote = re.compile(r"^( *\^[^\n]+(\n[^\n]+)*\n*)+")
    list_block = re.compile(
        r"^( *)([•*-]|\d+\.)[\s\S]+?"
        r"(?:"
        r"\n+(?=\1?(?:[-*_] *){3,}(?:\n+|$))"
        rf"|\n+(?={_unanchored(mistune.BlockGrammar.def_links)})"
        rf"|\n+(?={_unanchored(mistune.BlockGrammar.def_footnotes)})"
        rf"|\n{{2,}}(?! )(?!\1{_MARKER} )\n*"
        r"|\s*$)"
    )
    list_item = re.compile(rf"(?m)^(( *){_MARKER}[^\n]*(?:\n(?!\2{_MARKER})[^\n]*)*)")
    list_bullet = re.compile(rf"^ *{_MARKER}")


_QUOTE_MARK = re.compile(r"(?m)^ *\^ ?")


class NotifyBlockLexer(mistune.BlockLexer):
    """Splits a body into blocks, with ``^`` as the mark of an inset."""

    grammar_class = NotifyBlockGrammar

    def parse_block_quote(self, match: re.Match[str]) -> None:
        self.tokens.append({"type": "block_quote_start"})
        self._blockquote_depth += 1
        if self._blockquote_depth > self._max_recursive_depth:
            self.parse_text(match)
        else:
            self.parse(_QUOTE_MARK.sub("", match[0]))
        self.tokens.append({"type": "block_quote_end"})
        self._blockquote_depth -= 1


class NotifyInlineGrammar(mistune.InlineGrammar):
    """What means something inside a block."""

    url = re.compile(r"""^(https?:\/\/[^\s<]+[^<.,:"')\]\s])""")


class NotifyInlineLexer(mistune.InlineLexer):
    """Reads a block's text. Bold, italic, code and strike-through mean nothing to Notify."""

    grammar_class = NotifyInlineGrammar
    default_rules: ClassVar = [
        rule
        for rule in mistune.InlineLexer.default_rules
        if rule not in {"double_emphasis", "emphasis", "code", "strikethrough"}
    ]


class Renderer(Protocol):
    """What mistune asks of a renderer; see `postroom.content.notify_parts`."""

    options: dict[str, object]

    def placeholder(self) -> str: ...


def convert(source: str, renderer: Renderer) -> str:
    """Return *source* as *renderer* writes it. Every line end in a paragraph is a line break."""
    # Lexers keep state while they work, and keep it after an error: new ones each time.
    block = NotifyBlockLexer()
    inline = NotifyInlineLexer(renderer, hard_wrap=True)
    return str(mistune.Markdown(renderer, inline=inline, block=block)(source))


def escape(text: str) -> str:
    """Return *text* with ``<``, ``>`` and every ``&`` that begins no entity written for HTML."""
    return str(mistune.escape(text))
