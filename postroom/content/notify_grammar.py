"""Reads a body as GOV.UK Notify reads it: mistune 0.8.4, with Notify's changes to its grammar."""

# mistune ships no types: here, and only here, are classes made from what mypy knows nothing of.
# mypy: disable-error-code="misc"

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Self

from postroom.content.notify_patterns import BLOCKS, INLINES, Pattern, mistune

_QUOTE_MARK = re.compile(r"(?m)^ *\^ ?")


Rule = tuple[Pattern, Callable[[re.Match[str]], Any]]


def _matching(
    rules: list[Rule], text: str, position: int
) -> Iterator[tuple[re.Match[str], Callable[[re.Match[str]], Any]]]:
    """Yield each match at *position* with what to do about it. The last rule takes any text."""
    for pattern, act in rules:
        if match := pattern.match(text, position):
            yield match, act


class Grammar(mistune.BlockGrammar):
    """What mistune asks of a grammar beyond `BLOCKS`: where a list's items begin and end."""

    list_item = re.compile(r"(?m)^(( *)(?:[•*-]|\d+\.)[^\n]*(?:\n(?!\2(?:[•*-]|\d+\.))[^\n]*)*)")
    list_bullet = re.compile(r"^ *(?:[•*-]|\d+\.)")


class BlockLexer(mistune.BlockLexer):
    """Splits a body into blocks, with ``^`` as the mark of an inset."""

    grammar_class = Grammar

    def parse(self, text: str, names: Iterable[str] | None = None) -> Any:
        """Return the tokens so far with those of *text* after them.

        mistune cuts every block off the front of the text and copies the rest; this moves along.
        """
        text = text.rstrip("\n")
        rules = [
            (BLOCKS[name], getattr(self, f"parse_{name}")) for name in names or self.default_rules
        ]
        position = 0
        while position < len(text):
            match, parse = next(_matching(rules, text, position))
            parse(match)
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


class InlineLexer(mistune.InlineLexer):
    """Reads a block's text. Bold, italic, code and strike-through mean nothing to Notify."""

    default_rules: ClassVar = [
        rule for rule in mistune.InlineLexer.default_rules if rule in INLINES
    ]

    def output(self, text: str, names: Iterable[str] | None = None) -> str:
        """Return *text* as the renderer writes it; like `BlockLexer.parse`, it moves along."""
        text = text.rstrip("\n")
        rules = [
            (INLINES[name], getattr(self, f"output_{name}"))
            for name in names or self.default_rules
            if not (name == "footnote" and self._in_footnote)
        ]
        pieces: list[str] = []
        position = 0
        while position < len(text):
            for match, write in _matching(rules, text, position):
                # A rule may decline: [this] is a link only where "this" is defined.
                if (piece := write(match)) is not None:
                    pieces.append(piece)
                    position = match.end()
                    break
        return "".join(pieces)


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
