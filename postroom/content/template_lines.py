"""Line ends of templates, so that a text reads as its author sees it in the file.

A line that shows nothing leaves no trace: that is `trim_blocks` and `lstrip_blocks`. `trim_blocks`
by itself takes the line end after every tag, also where the line shows something, and joins it to
the next one: "free{% endif %}" and "Schools" would read "freeSchools".
"""

import re

_PARTS = re.compile(
    r"(?P<raw>\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\})"
    r"|(?P<value>\{\{.*?\}\})"
    r"|(?P<tag>\{%[-+]?\s*(?P<words>.*?)\s*[-+]?%\}|\{#.*?#\})",
    re.DOTALL,
)
_BEGIN = re.compile(r"(?P<elsewhere>macro\b|block\s+subject\b|set\s[^=]*$)|block\b")
_END = re.compile(r"end(?:macro|block|set)\b")


def keep_line_ends(source: str) -> str:
    """Return *source* with a + in the last tag of each line that shows something: "+%}".

    That tells Jinja to leave the line end where it is. Lines keep their numbers.
    """
    kept, at, shows = [], 0, False
    outside: list[bool | None] = []  # of each block begun, what holds of its line once it ends
    for part in _PARTS.finditer(source):
        before = source[at : part.start()]
        at = part.end()
        _, line_end, begun = before.rpartition("\n")
        shows = bool(begun.strip()) or (shows and not line_end) or part["tag"] is None
        words = part["words"] or ""
        if begins := _BEGIN.match(words):
            outside.append(shows if begins["elsewhere"] else None)
        elif _END.match(words) and outside:
            known = outside.pop()
            shows = shows if known is None else known
        kept += [before, part[0]]
        ends_the_line = part["value"] is None and source[at : at + 1] in ("\n", "\r")
        if shows and ends_the_line and part[0][-3] not in "-+":
            kept[-1] = f"{part[0][:-2]}+{part[0][-2:]}"
    return "".join(kept) + source[at:]
