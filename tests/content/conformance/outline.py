"""Reference normaliser: HTML fragment -> outline (see FORMAT.md). Standard library only.

An outline is a list of nodes; a node is a str or [tag, attrs, children].
"""

import re
from html.parser import HTMLParser

BLOCK = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "pre"}
INLINE = {"a", "strong", "b", "em", "i", "u", "s", "del", "code", "sup", "sub"}
VOID = {"br", "hr", "img"}
HIDDEN = {"script", "style", "head", "title"}  # element and contents ignored
KEEP_ATTRS = {"a": ("href", "title"), "ol": ("start",)}
CLOSES_P = (BLOCK - {"li"}) | {"hr"}  # their start tag ends an open <p>
WS = re.compile(r"[ \t\n\r\f]+")  # HTML whitespace only: never NBSP or zero-width


class _Builder(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = ["", {}, []]
        self.stack, self.hidden = [self.root], 0

    def handle_starttag(self, tag, attrs):
        if tag in HIDDEN:
            self.hidden += 1
        if tag not in BLOCK | INLINE | VOID:
            return  # layout element: unwrapped
        if (tag in CLOSES_P and self.stack[-1][0] == "p") or tag == "li" == self.stack[-1][0]:
            self.stack.pop()
        kept = {k: v or "" for k, v in attrs if k in KEEP_ATTRS.get(tag, ())}
        node = [tag, kept, []]
        self.stack[-1][2].append(node)
        if tag not in VOID:
            self.stack.append(node)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in HIDDEN and self.hidden:
            self.hidden -= 1
        if tag in VOID or tag not in [node[0] for node in self.stack]:
            return
        while self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not self.hidden:
            self.stack[-1][2].append(data)


def _tidy(children):
    """Merge, collapse and trim text; drop what is left empty."""
    merged = []
    for child in children:
        if isinstance(child, str) and merged and isinstance(merged[-1], str):
            merged[-1] += child
        else:
            merged.append(
                child if isinstance(child, str) else [child[0], child[1], _tidy(child[2])]
            )
    edge = (
        [True] + [not isinstance(c, str) and c[0] not in INLINE | {"img"} for c in merged] + [True]
    )
    out = []
    for i, child in enumerate(merged):
        if isinstance(child, str):
            child = WS.sub(" ", child)
            child = child.lstrip(" ") if edge[i] else child  # edge[i] is the node before
            child = child.rstrip(" ") if edge[i + 2] else child  # edge[i + 2] the node after
        if child != "":
            out.append(child)
    return out


def outline(fragment):
    builder = _Builder()
    builder.feed(fragment)
    builder.close()
    return _tidy(builder.root[2])
