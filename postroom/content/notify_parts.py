"""How GOV.UK Notify writes each Markdown element in its three renderings of an email."""

from itertools import count
from urllib.parse import quote

from postroom.content.notify_grammar import Pieces, escape

_TEXT_WIDTH = 65
_SCHEMES = ("ftp:", "file:", "http:", "https:", "mailto:", "tel:")
# Stands for a bullet or number until the list around it is known. Not a character in Unicode.
_ITEM = "\ufdd4"


class _Shared:
    """What all three have in common: what vanishes, and what is left bare.

    The names and the order of arguments are mistune's, which calls these by position.
    """

    def __init__(self) -> None:
        self.options: dict[str, object] = {}

    def placeholder(self) -> Pieces:
        return Pieces()

    def text(self, text: str) -> str:
        return escape(text)

    escape = text

    def inline_html(self, html: str) -> str:
        return html

    block_html = inline_html

    def block_code(self, code: str, _language: str | None) -> str:
        return code

    def newline(self) -> str:
        return self.linebreak()

    def linebreak(self) -> str:
        raise NotImplementedError

    def table_cell(self, _content: str, **_flags: object) -> str:
        return ""

    def table_row(self, _content: str) -> str:
        return ""

    def table(self, _header: str, _body: str) -> str:
        return ""

    def image(self, _source: str, _title: str | None, _text: str) -> str:
        return ""

    def footnote_ref(self, _key: str, _index: int) -> str:
        return ""

    def footnote_item(self, _key: str, text: Pieces) -> str:
        return str(text)

    def footnotes(self, text: Pieces) -> str:
        return str(text)


class HtmlPart(_Shared):
    """The HTML part.

    Its tags have white space where Notify's have, in every opening tag and not in ``<br>``: its
    typography takes what stands between two spaces with an ``@`` in it for an address.
    """

    def header(self, text: str, level: int, _raw: str) -> str:
        if level == 1:
            return f'<h2 style="margin: 0 0 15px; font-size: 27px; line-height: 35px">{text}</h2>'
        if level == 2:
            return f'<h3 style="margin: 0 0 15px; font-size: 19px; line-height: 25px">{text}</h3>'
        return self.paragraph(text)

    def paragraph(self, text: str) -> str:
        if not text.strip():
            return ""
        return f'<p style="margin: 0 0 20px; font-size: 19px; line-height: 25px">{text}</p>'

    def hrule(self) -> str:
        return '<hr style="border: 0; height: 1px; background: #b1b4b6; margin: 30px 0">'

    def linebreak(self) -> str:
        return "<br>"

    def list(self, body: Pieces, ordered: bool) -> str:  # noqa: FBT001 mistune calls it so
        tag, marker = ("ol", "decimal") if ordered else ("ul", "disc")
        style = f"margin: 0 0 20px 20px; padding: 0; list-style-type: {marker}"
        return f'<{tag} style="{style}">{body}</{tag}>'

    def list_item(self, text: Pieces) -> str:
        style = "margin: 5px 0; padding: 0 0 0 5px; font-size: 19px; line-height: 25px"
        return f'<li style="{style}">{str(text).strip()}</li>'

    def block_quote(self, text: Pieces) -> str:
        style = "margin: 0 0 20px; border-left: 10px solid #b1b4b6; padding: 15px 0 0 15px"
        return f'<blockquote style="{style}">{text}</blockquote>'

    def link(self, link: str, title: str | None, content: str) -> str:
        address = link if link.lower().startswith(_SCHEMES) else f"http://{link}"
        shown_title = f' title="{title}"' if title else ""
        href = quote(address, safe=":/?#=&;%")
        return f'<a style="color: #1d70b8" href="{href}"{shown_title}>{content or link}</a>'

    def autolink(self, link: str, is_email: bool) -> str:  # noqa: FBT001 mistune calls it so
        return link if is_email else self.link(link, None, link)


class TextPart(_Shared):
    """The plain text part. Each element brings its own blank lines before it."""

    def header(self, text: str, level: int, _raw: str) -> str:
        if level > 2:
            return self.paragraph(text)
        return f"\n\n\n{text}\n{('=' if level == 1 else '-') * _TEXT_WIDTH}"

    def paragraph(self, text: str) -> str:
        return f"\n\n{text}" if text.strip() else ""

    def hrule(self) -> str:
        return self.paragraph(("=-" * _TEXT_WIDTH)[:_TEXT_WIDTH])

    def linebreak(self) -> str:
        return "\n"

    def list(self, body: Pieces, ordered: bool) -> str:  # noqa: FBT001 mistune calls it so
        first, *items = str(body).split(_ITEM)
        markers = (f"{number}." for number in count(1)) if ordered else ("•" for _ in items)
        return "\n" + first + "".join(map("{}{}".format, markers, items))

    def list_item(self, text: Pieces) -> str:
        return f"\n{_ITEM} {str(text).strip()}"

    def block_quote(self, text: Pieces) -> str:
        return str(text)

    def link(self, link: str, title: str | None, content: str) -> str:
        return f"{content} ({title}): {link}" if title else f"{content}: {link}"

    def autolink(self, link: str, _is_email: bool) -> str:  # noqa: FBT001 mistune calls it so
        return link


class PreheaderPart(TextPart):
    """The line an inbox shows after the subject: the text without its drawing and addresses."""

    def header(self, text: str, _level: int, _raw: str) -> str:
        return self.paragraph(text)

    def hrule(self) -> str:
        return ""

    def link(self, _link: str, title: str | None, content: str) -> str:
        return f"{content} ({title})" if title else content
