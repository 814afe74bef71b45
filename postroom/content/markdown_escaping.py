"""Makes what people typed stay what they typed: never Markdown, a link or an entity in an email.

`escape` is for a value anywhere in a template's text, at the start of a line, in a heading, a list
or the words of a link. The text then has the structure it would have around the value "x", and
shows the value. Notify takes a backslash before most characters that mean something to it. Where
it takes none, or where a reader's own email program would make a link of the words, there goes a
zero-width space, as Notify itself writes GOV.UK.

What cannot be kept, because Notify does it to every text after its Markdown:

- straight quotes curl, and 1 to 3 spaced hyphens become an en dash;
- a space before a comma or full stop goes;
- white space of any kind, line ends too, is one space, and there is none at either end.

What is taken out, because it shows nothing and can hide or turn round what does: control
characters, zero-width spaces and joiners of words, and every mark that sets the direction of text
(so a value cannot reverse the words around it; Hebrew and Arabic run from right to left without).

Two limits. An empty value leaves its line empty. A value of digits only that begins a line, and
has the template's own full stop straight after it, is a numbered list: `{{ year }}. That`.
"""

import re
from urllib.parse import quote

_GAP = "\u200b"  # a zero-width space

# What shows nothing. The zero-width joiner and non-joiner stay: names and emoji need them.
_HIDDEN = (
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff"
    r"\U000e0001"
)
_HIDDEN_CHARACTER = re.compile(f"[{_HIDDEN}]")
# mistune takes the picture of a line end for a line end; half a character cannot be sent.
_STAND_INS = {0x2424: " "} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")

# One search that finds nothing in an ordinary name, which is then left as it is.
_WORTH_A_LOOK = re.compile(
    rf"[\\\[\]<&\u2424\ud800-\udfff{_HIDDEN}]|[^\S ]|  |^[\W_]|^\d+\.|://|"
    r"\.(?=[^\W\d_]{2})|[ #!–—-]$"
)

# Typography takes a backslash before these for its own. Only a zero-width space keeps it.
_TAKEN_BACKSLASH = re.compile(r"""\\(?=$|[ ]?\.|[\\"'`-])""")

_INSIDE = re.compile(
    r"""
    \\
    | & (?![ ])
    | <
    | \[ (?P<paired>(?=[^^\]]{0,200}\]))?
    | [\]\ufdd0] [(:]?
    | : (?=//)
    | (?<=\w) \. (?=[^\W\d_]{2})     # evil.example, which an email program would make a link
    """,
    re.VERBOSE,
)
_PAIR_OR_CLOSING = re.compile(r"\[[^^\]]{0,200}\]|\]")
_LONE = "\ufdd0"  # stands for a "]" that closes nothing: no value holds it, _HIDDEN takes it out

# Two images, of which Notify shows none. The words of a link end at their "]", counting pairs, so
# a bracket by itself is given its other half: the "]" after a "[", the "[" before a "]".
_WITH_CLOSING, _WITH_OPENING = "\\[![]()", "![]([)\\]"
UNSEEN = ("![]([)", "![]()")
"""What may stand beside a bracket of a value, and is never seen."""
_START = re.compile(
    r"""
    (?P<gap>[\^•:/]|[-–—]{1,3}(?=[ ]|$)|=[=-]*$)   # / after another value's https:
    | (?P<backslash>[*+#_`~|(.-])
    | (?P<digits>\d+)(?=\.)
    | >
    """,
    re.VERBOSE,
)
_END = re.compile(r"(?:(?:^| )[-–—]{1,3}|[#\]])$")


def escape(value: str) -> str:
    """Return *value* as Markdown that shows it, wherever in a template's text it stands."""
    if not _WORTH_A_LOOK.search(value):
        return value
    value = _on_one_line(value)
    end = _GAP if _END.search(value) else ""
    value = _INSIDE.sub(_literal, _with_lone_closing_marked(_keeping_backslashes(value)))
    value = _START.sub(_not_a_marker, value, count=1) if _START.match(value) else value
    return f"{value[:-1]}\\!" if value.endswith("!") else value + end


def _keeping_backslashes(value: str) -> str:
    return _TAKEN_BACKSLASH.sub(rf"\g<0>{_GAP}", value) if "\\" in value else value


def _literal(found: re.Match[str]) -> str:
    match found[0][0]:
        case "\\":
            return "\\\\"
        case "&":
            return "&amp;"
        case "<":
            return "&lt;"
        case "[":
            return "\\[" if found["paired"] is not None else _WITH_CLOSING
        case "]":
            return "\\]" + _after_closing(found[0][1:])
        case "\ufdd0":
            return _WITH_OPENING + _after_closing(found[0][1:])
        case separator:
            return separator + _GAP


def _after_closing(following: str) -> str:
    return {"(": "\\(", ":": f"{_GAP}:"}.get(following, "")


def _with_lone_closing_marked(value: str) -> str:
    if "]" not in value:
        return value
    return _PAIR_OR_CLOSING.sub(lambda found: found[0] if found[0] != "]" else _LONE, value)


def _not_a_marker(found: re.Match[str]) -> str:
    if found["gap"]:
        return _GAP + found[0]
    if found["backslash"]:
        return "\\" + found[0]
    if found["digits"]:
        return found[0] + "\\"
    return "&gt;"


def escape_subject(value: str) -> str:
    """Return *value* for a subject, which is not Markdown: one line, with nothing hidden in it.

    A zero-width space may follow a backslash. Notify takes it out again, after its typography.
    """
    return _keeping_backslashes(_on_one_line(value))


def escape_url_part(value: str) -> str:
    """Return *value* percent-encoded as UTF-8, for one part of a path or a query in a link."""
    encoded = quote(value, safe="", errors="replace")
    # A full stop at the very end of an address would be left out of it.
    return f"{encoded[:-1]}%2E" if encoded.endswith(".") else encoded


def _on_one_line(value: str) -> str:
    return " ".join(_HIDDEN_CHARACTER.sub("", value.translate(_STAND_INS)).split())
