"""Reads a body as GOV.UK Notify reads it: mistune 0.8.4, with Notify's changes to its grammar."""

# mistune ships no types: here, and only here, are classes made from what mypy knows nothing of.
# mypy: disable-error-code="misc"

import re
from collections.abc import Iterable, Iterator
from typing import Any, Self

from postroom.content.notify_patterns import BLOCKS, INLINES, INLINES_BY_FIRST, mistune, text_end

_QUOTE_MARK = re.compile(r"(?m)^ *\^ ?")


class Grammar(mistune.BlockGrammar):
    """What mistune asks of a grammar beyond `BLOCKS`: where a list's items begin and end."""

    list_item = re.compile(r"(?m)^(( *)(?:[•*-]|\d+\.)[^\n]*(?:\n(?!\2(?:[•*-]|\d+\.))[^\n]*)*)")
    list_bullet = re.compile(r"^ *(?:[•*-]|\d+\.)")


class BlockLexer(mistune.BlockLexer):
    """Splits a body into blocks, with ``^`` as the mark of an inset."""

    grammar_class = Grammar

    def parse(self, text: str, rules: Iterable[str] | None = None) -> Any:
        """Return the tokens so far with those of *text* after them.

        mistune cuts every block off the front of the text and copies the rest; this moves along.
        """
        text = text.rstrip("\n")
        names = list(rules or self.default_rules)
        position = 0
        while position < len(text):
            name, match = next(_beginning(names, text, position))
            getattr(self, f"parse_{name}")(match)
            position = match.end()
        return self.tokens

    def parse_block_quote(self, match: re.Match[str]) -> None:
        self.tokens.append({"type": "block_quote_start"})
        self._blockquote_depth += 1
        if self._blockquote_depth > self._max_recursive_depth:
            self.parse_text(match)
        else:
            self.parse(_QUOTE_MARK.sub("", match[0]))
        self.tokens.append({"type": "block_quote_end"})
        self._blockquote_depth -= 1


def _beginning(
    names: Iterable[str], text: str, position: int
) -> Iterator[tuple[str, re.Match[str]]]:
    # Only the first counts, and there always is one: the last two rules take any line.
    for name in names:
        if match := BLOCKS[name].match(text, position):
            yield name, match


class InlineLexer(mistune.InlineLexer):
    """Reads a block's text. Bold, italic, code and strike-through mean nothing to Notify."""

    def output(self, text: str, rules: object = None) -> str:  # noqa: ARG002 mistune passes it
        """Return *text* as the renderer writes it; like `BlockLexer.parse`, it moves along."""
        text = text.rstrip("\n")
        pieces: list[str] = []
        position = 0
        while position < len(text):
            piece, position = self._next(text, position)
            pieces.append(piece)
        return "".join(pieces)

    def _next(self, text: str, position: int) -> tuple[str, int]:
        for name in INLINES_BY_FIRST.get(text[position], ()):
            if name == "footnote" and self._in_footnote:
                continue
            match = INLINES[name].match(text, position)
            # A rule may decline: [this] is a link only where "this" is defined.
            if match and (piece := getattr(self, f"output_{name}")(match)) is not None:
                return piece, match.end()
        end = text_end(text, position)
        return str(self.renderer.text(text[position:end])), end


class Pieces:
    """What a block holds, gathered piece by piece; mistune adds to it with ``+=``."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def __iadd__(self, piece: object) -> Self:
        self._pieces.append(str(piece))
        return self

    def __str__(self) -> str:
        return "".join(self._pieces)


def convert(source: str, renderer: object) -> str:
    """Return *source* as *renderer* writes it (see `postroom.content.notify_parts`).

    Every line end in a paragraph is a line break.
    """
    # Lexers keep state while they work, and keep it after an error: new ones each time.
    markdown = mistune.Markdown(renderer, inline=InlineLexer(renderer), block=BlockLexer())
    return str(markdown(source))


def escape(text: str) -> str:
    """Return *text* with ``<``, ``>`` and every ``&`` that begins no entity written for HTML."""
    return str(mistune.escape(text))
