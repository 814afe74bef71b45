"""Checks: links lead where readers can and should go, and say where."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from postroom.content.checks.hosts import is_public
from postroom.content.checks.kinds import Brief, Check, Rank, is_ours
from postroom.content.checks.passages import Passage

_SHORTENERS = {
    "bit.ly",
    "buff.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "ow.ly",
    "rb.gy",
    "rebrand.ly",
    "shorturl.at",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tinyurl.com",
}
_WRAPPER = ".safelinks.protection.outlook.com"  # what Outlook makes of a link in a mail it shows
_EMPTY_WORDS = re.compile(
    r"(?:please )?(?:click|tap|press|go|see|read|look)?\s*(?:here|more|this|this link|this page|"
    r"link|read more|find out more|learn more|more info(?:rmation)?|click|the form|website)\.?",
    re.IGNORECASE,
)
_WEB = re.compile(r"(?i)https?:")
_UNLINKED = re.compile(
    r"(?<![\w/@.:-])(?:www\.[\w-]+\.[\w./?=&%-]+"
    r"|[a-z0-9][\w-]*(?:\.[\w-]+)*\.(?!(?:pm|am)\b)[a-z]{2,}/[\w./?=&%-]+)",
    re.IGNORECASE,
)

_SHOWN_SITE = re.compile(
    r"(?:https?://)?((?:[\w-]+\.)+(?:com|eu|info|io|net|org|uk))(/\S*)?", re.IGNORECASE
)
_SHOWN_MAILBOX = re.compile(r"\S+@[\w-]+(?:\.[\w-]+)+")


def _web_links(passage: Passage, brief: Brief) -> Iterator[tuple[str, SplitResult]]:
    for link in passage.links:
        if _WEB.match(link.target) and not is_ours(link.target, brief):
            try:
                yield link.target, urlsplit(link.target)
            except ValueError:
                continue  # said by link-incomplete


def _incomplete(passage: Passage, brief: Brief) -> Iterator[str]:
    for link in passage.links:
        target = link.target
        if "TBC" in target:
            continue  # said by placeholder-left
        if not re.match(
            r"(?i)(?:https?://(?:[^/\s]*\.[^/\s]|localhost\b|\[)|mailto:[^@\s]+@|tel:\+?\d)", target
        ) and (not is_ours(target, brief)):
            yield (
                f"The link {brief.quoted(target)} is not complete. Write it in full, with https:// "
                "(mailto: before an email address)."
            )


def _unlinked(passage: Passage, brief: Brief) -> Iterator[str]:
    labels = " ".join(link.label for link in passage.links)
    without = re.sub(r"https?://\S+", "", passage.shown)
    for found in dict.fromkeys(_UNLINKED.findall(without)):
        if found not in labels:
            yield (
                f"{brief.quoted(found)} is not made a link: Notify wants https:// before it. Write "
                f"it in full."
            )


def _not_https(passage: Passage, brief: Brief) -> Iterator[str]:
    for target, parts in _web_links(passage, brief):
        if parts.scheme.lower() == "http":
            yield f"The link {brief.quoted(target)} is not secure. Write https://."


def _not_public(passage: Passage, brief: Brief) -> Iterator[str]:
    for target, parts in _web_links(passage, brief):
        if not is_public((parts.hostname or "").lower()):
            yield (
                f"The link {brief.quoted(target)} leads to a machine or test site that readers "
                "cannot open. Put the public address in."
            )


def _shortened(passage: Passage, brief: Brief) -> Iterator[str]:
    for target, parts in _web_links(passage, brief):
        host = (parts.hostname or "").lower()
        if host in _SHORTENERS or host.endswith(_WRAPPER):
            yield (
                f"The link {brief.quoted(target)} hides where it leads, as dangerous mail does. "
                "Put the address itself in."
            )


def _other_domain(passage: Passage, brief: Brief) -> Iterator[str]:
    allowed = [domain.lower().lstrip(".@") for domain in brief.campaign.link_domains]
    for target, parts in _web_links(passage, brief):
        host = (parts.hostname or "").lower()
        if allowed and not any(host == domain or host.endswith(f".{domain}") for domain in allowed):
            yield (
                f"The link {brief.quoted(target)} leads to a site that is not among the campaign's "
                f"link_domains ({', '.join(allowed)}). Add it there if it is right."
            )


def _says_nothing(passage: Passage, brief: Brief) -> Iterator[str]:
    for link in passage.links:
        if link.label and _EMPTY_WORDS.fullmatch(link.label):
            yield (
                f"The link text {brief.quoted(link.label)} does not say where it leads. Name the "
                "page: some people hear only the links read out."
            )


def _leads_elsewhere(passage: Passage, brief: Brief) -> Iterator[str]:
    for link in passage.links:
        shown = link.label.strip()
        if shown and not _leads_to(link.target, shown):
            yield (
                f"The link {brief.quoted(shown)} shows one address and leads to another, "
                f"{brief.quoted(link.target)}, as dangerous mail does. Show the one it leads to, "
                "or name the page in words."
            )


def _leads_to(target: str, shown: str) -> bool:
    """Return whether a link to *target* leads where *shown* says, if that is an address at all."""
    if _SHOWN_MAILBOX.fullmatch(shown):
        kind, _, address = target.partition(":")
        return kind.lower() == "mailto" and unquote(address).partition("?")[0].lower() == (
            shown.lower()
        )
    if (site := _SHOWN_SITE.fullmatch(shown)) is None:
        return True
    try:
        parts = urlsplit(target)
    except ValueError:
        return True  # said by link-incomplete
    same_site = _bare(parts.hostname or "") == _bare(site[1])
    return same_site and parts.path.startswith((site[2] or "").partition("?")[0].rstrip("/"))


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")


PASSAGE_CHECKS = (
    Check[Passage](
        "link-incomplete",
        Rank.STOP,
        "A link has no https://, or nothing after it: it leads nowhere.",
        "Write it in full, with https://, or mailto: before an email address.",
        _incomplete,
    ),
    Check[Passage](
        "link-not-public",
        Rank.STOP,
        "A link leads to localhost, a private network or a staging or test site.",
        "Put the public address in.",
        _not_public,
    ),
    Check[Passage](
        "link-not-https",
        Rank.WARN,
        "A link begins with http://.",
        "Write https://.",
        _not_https,
    ),
    Check[Passage](
        "link-shortened",
        Rank.WARN,
        "A link goes through a shortener, which hides where it leads.",
        "Put the address itself in.",
        _shortened,
    ),
    Check[Passage](
        "link-shows-another",
        Rank.WARN,
        "The words of a link are a web or email address, and it leads to another.",
        "Show the address it leads to, or name the page in words.",
        _leads_elsewhere,
    ),
    Check[Passage](
        "link-elsewhere",
        Rank.WARN,
        "A link leads to a site that the campaign's link_domains does not name. A campaign that "
        "names none is not asked.",
        "Add the site to link_domains, or correct the link.",
        _other_domain,
    ),
    Check[Passage](
        "not-a-link",
        Rank.WARN,
        "A web address without https:// is shown as plain text.",
        "Write it in full, with https://.",
        _unlinked,
    ),
    Check[Passage](
        "link-text",
        Rank.ADVICE,
        "The words of a link, such as “click here”, do not say where it leads.",
        "Name the page it opens.",
        _says_nothing,
    ),
)
