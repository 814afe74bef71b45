"""Line ends of templates, so that a text reads as its author sees it in the file.

A line that holds nothing but tags leaves no trace: that is `trim_blocks` and `lstrip_blocks`.
`trim_blocks` by itself takes the line end after every tag, also where the line says something,
and joins it to the next one: "£876{% endif %}" and "Schools" would read "£876Schools".
"""

import re

_PARTS = re.compile(
    r"(?P<raw>\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\})"
    r"|(?P<shown>\{\{.*?\}\})"
    r"|(?P<tag>\{%.*?%\}|\{#.*?#\})",
    re.DOTALL,
)


def keep_line_ends(source: str) -> str:
    """Return *source* with a + in the last tag of each line that says something: "+%}".

    That tells Jinja to leave the line end where it is. Lines keep their numbers.
    """
    kept, says_something, at = [], False, 0
    for part in _PARTS.finditer(source):
        before = source[at : part.start()]
        kept.append(before)
        line = before.rpartition("\n")
        says_something = bool(line[2].strip()) or (says_something and not line[1])
        at = part.end()
        says_something = says_something or part["tag"] is None
        ends_the_line = part["shown"] is None and source[at : at + 1] in ("\n", "\r")
        if says_something and ends_the_line and part[0][-3] not in "-+":
            kept.append(f"{part[0][:-2]}+{part[0][-2:]}")
        else:
            kept.append(part[0])
    return "".join(kept) + source[at:]
