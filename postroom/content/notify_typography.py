"""The typography GOV.UK Notify applies to what its Markdown gives: quotes, dashes, spaces."""

import html
import re

import smartypants

# The library's own switch for what it leaves alone, and a module attribute is its only form.
# Notify keeps the words of links as they were typed. (Its pattern takes any tag beginning with
# "a", so in a text part a typed <address> stops the curling too: that is Notify's behaviour.)
smartypants.tags_to_skip = [*smartypants.tags_to_skip, "a"]

_CURL_QUOTES = smartypants.Attr.q | smartypants.Attr.u

_GOV_UK = re.compile(r"(?i)(?P<before>(?:^|\s)[#*^]?gov)\.(?P<after>uk)(?![/?#])")
_SPACE_BEFORE_STOP = re.compile(r"(?<![ \t])[ \t]+(?=[,.])")
_SPACED_DASH = re.compile(r"(?<!\s)\s+[-–—]{1,3}\s+")
# From white space to white space, and the white space with it: of two such words with one space
# between them only the first is found.
_AROUND_AT_SIGN = re.compile(r"(?m)(?:^|\s)\S+@\S+(?:\s|$)")
_UNSUPPORTED = str.maketrans("", "", "\u2028\u3164")
_NO_WIDTH = "\u180e\u200b\u200c\u200d\u2060\ufeff\u2028\u2029"
_SUBJECT_SPACES = str.maketrans({"\xa0": " ", "\u202f": " "} | dict.fromkeys(_NO_WIDTH, ""))

_ENTITY = re.compile(r"&(?:#[0-9]+;|#[xX][0-9a-fA-F]+;|[^\t\n\f <&#;]{1,32};)")
# Three characters each, because Notify's own stand-ins are, and _ENTITY counts them.
_KEPT_ENTITIES = (("&nbsp;", "\ufdd0\ufdd1\ufdd2"), ("&amp;", "\ufdd0\ufdd3\ufdd2"))


def escape_html(value: str) -> str:
    """Return *value* as Notify puts it in an HTML part: entities ending in ``;`` are read first."""
    for entity, stand_in in _KEPT_ENTITIES:
        value = value.replace(entity, stand_in)
    value = html.escape(_ENTITY.sub(_character, value), quote=False)
    for entity, stand_in in _KEPT_ENTITIES:
        value = value.replace(stand_in, entity)
    return value


def _character(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])


def prepare(value: str) -> str:
    """Return *value* ready for Markdown: GOV.UK made unlinkable, two odd characters gone."""
    return _GOV_UK.sub("\\g<before>.\u200b\\g<after>", value).translate(_UNSUPPORTED)


def polish(value: str) -> str:
    """Return *value* with Notify's typography, which comes after Markdown and before sending."""
    value = _SPACE_BEFORE_STOP.sub("", value)
    value = smartypants.smartypants(value, _CURL_QUOTES)
    value = _AROUND_AT_SIGN.sub(_straightened, value)
    return _SPACED_DASH.sub(" – ", value)


def _straightened(match: re.Match[str]) -> str:
    return match[0].replace("‘", "'").replace("’", "'")


def one_line(value: str) -> str:
    """Return *value* as Notify sends a subject: single spaces, nothing of zero width."""
    return " ".join(value.translate(_SUBJECT_SPACES).split())
