"""The files of a partner's pack: what to read, what to pass on, and a slip to answer with.

They hold nobody's address. Whoever opens the email opens an unsent draft without a recipient.
Until the pack is approved, every one of them says DRAFT.
"""

import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP

from markupsafe import Markup

from postroom.content.notify_markdown import render_html, render_subject, render_text
from postroom.delivery.packs import Pack
from postroom.reports.html import page_from

DRAFT = "DRAFT: not approved yet. Do not pass this on."
READ_FIRST = "1-read-me-first.html"
THE_EMAIL = "2-email-to-pass-on"
RETURN_SLIP = "3-return-slip.txt"
LONGEST_HEADER = 998  # RFC 5322: a subject on one line is read by every program
UNSEEN = "\u200b"  # Notify puts it into GOV.UK, to keep mail programs from making a link of it
_SAID_TWICE = re.compile(r"(\S+@\S+): mailto:\1")

_SLIP = """\
{draft}RETURN SLIP

Campaign:  {title}
Partner:   {partner}

How many schools did you send it to?        ____________

On which day? (day, month, year)            ____________

How many could not be delivered, if known?  ____________

Only numbers and the day, please: no names and no email addresses.
Send this to: {contact}
Please answer by: {tell_us_by}
"""


def pack_files(pack: Pack, *, approved: bool) -> Mapping[str, bytes]:
    """Return every file of the pack: its name and what is in it.

    To be written as they are: the `.eml` has the line ends that mail wants.
    """
    draft = "" if approved else DRAFT
    read_first = page_from("partner-pack.html", pack=pack, draft=draft, note=_note(pack))
    return {
        READ_FIRST: read_first.encode(),
        f"{THE_EMAIL}.eml": _unsent(pack, draft),
        f"{THE_EMAIL}.html": _html(pack, draft).encode(),
        f"{THE_EMAIL}.txt": _text(pack, draft).encode(),
        RETURN_SLIP: _slip(pack, draft).encode(),
    }


def _unsent(pack: Pack, draft: str) -> bytes:
    """Return the email as a mail program keeps a draft: no recipient, no sender, no date."""
    message = EmailMessage(policy=SMTP)
    subject = render_subject(pack.email.subject)
    message["Subject"] = f"DRAFT: {subject}" if draft else subject
    message["X-Unsent"] = "1"  # Outlook opens it to be sent, not as one that came in
    message.set_content(_text(pack, draft, with_subject=False), cte="quoted-printable")
    message.add_alternative(_html(pack, draft), subtype="html", cte="quoted-printable")
    message.set_boundary(f"pack-{pack.texts.digest.hex()}")  # the same pack is the same file
    return message.as_bytes(policy=SMTP.clone(max_line_length=LONGEST_HEADER))


def _html(pack: Pack, draft: str) -> str:
    return page_from(
        "partner-email.html",
        subject=render_subject(pack.email.subject),
        body=_shown(pack.email.body),
        draft=draft,
    )


def _text(pack: Pack, draft: str, *, with_subject: bool = True) -> str:
    begins = f"Subject: {render_subject(pack.email.subject)}" if with_subject else ""
    body = _SAID_TWICE.sub(r"\1", render_text(pack.email.body).replace(UNSEEN, ""))
    return "\n\n".join(part for part in (draft, begins, body) if part)


def _note(pack: Pack) -> Markup:
    return _shown(pack.note.body)


def _shown(body: str) -> Markup:
    return Markup(render_html(body).replace(UNSEEN, ""))  # noqa: S704  # our renderer escapes its input


def _slip(pack: Pack, draft: str) -> str:
    facts = pack.edition.campaign.facts | pack.edition.campaign.covering_note
    said = {name: fact.value for name, fact in facts.items()}
    return _SLIP.format(
        draft=f"{draft}\n\n" if draft else "",
        title=pack.edition.campaign.title,
        partner=pack.partner,
        contact=said.get("contact", pack.edition.campaign.author),
        tell_us_by=said.get("tell_us_by", "as soon as you have sent it"),
    )
