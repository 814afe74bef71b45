"""Which email addresses Notify accepts, and when two spellings are one address.

The rule is Notify's own (notifications_utils, recipient_validation/email_address.py, version
127.0.0): what it accepts we accept, although other programs would not, and the other way round.
The words for why an address is refused come from email-validator where it agrees.
"""

import re
import string
from functools import lru_cache

from postroom.errors import InvalidAddress

LONGEST = 320  # characters, of the whole address
LONGEST_HOST = 253  # characters, once written in ASCII
LONGEST_LABEL = 63

# Spreadsheets and web pages leave these behind; Notify takes them out wherever they stand.
_UNSEEN = dict.fromkeys(map(ord, "\u180e\u200b\u200c\u200d\u2060\ufeff\u2028\u2029\u00a0\u202f"))

_local_part = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+").fullmatch
_host = re.compile(r"[^.@][^@\s]+").fullmatch
_host_label = re.compile(r"(xn|[a-zA-Z0-9]+)(-?-[a-zA-Z0-9]+)*").fullmatch
_last_label = re.compile(r"[a-zA-Z]{2,63}|[xX][nN]--([a-zA-Z0-9]+-)*[a-zA-Z0-9]+").fullmatch


def normalise(address: str) -> str:
    """Return *address* as Notify sends to it: unseen characters gone, lower case.

    Two addresses are the same person or mailbox exactly when this returns the same for both.
    A host outside ASCII stays in its own letters. Raises `InvalidAddress`, whose text says why in
    words and never holds the address.
    """
    local, _, host = address.partition("@")
    if address.isascii() and _accepted(address, local, host):
        return address.lower()
    written = tidied(address)
    local, _, host = written.partition("@")
    if _accepted(written, local, host):
        return written.lower()
    raise InvalidAddress(_why_not(written))


def tidied(address: str) -> str:
    """Return *address* without unseen characters and outer white space, its case as it was."""
    seen = address if address.isascii() else address.translate(_UNSEEN)
    return seen.strip(string.whitespace)


def _accepted(address: str, local: str, host: str) -> bool:
    return (
        _local_part(local) is not None
        and ".." not in local
        and len(address) <= LONGEST
        and _is_host(host)
    )


@lru_cache(maxsize=32_768)  # more than there are schools; a hostile list's memory stays flat
def _is_host(host: str) -> bool:
    if not _host(host) or ".." in host:
        return False
    try:
        # The codec of the standard library (IDNA 2003), not the newer rules: Notify uses it.
        ascii_host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return False
    labels = ascii_host.split(".")
    return (
        len(ascii_host) <= LONGEST_HOST
        and len(labels) >= 2
        and all(len(label) <= LONGEST_LABEL and _host_label(label) for label in labels)
        and _last_label(labels[-1]) is not None
    )


def _why_not(address: str) -> str:
    """Say in words why Notify would refuse *address*, without repeating any of it."""
    if not address:
        return "There is no email address."
    if address.count("@") > 1 and re.search(r"[,;\s]", address):
        return "There is more than one email address here. Give each its own row."
    if re.search(r"[<>]|mailto:", address, re.IGNORECASE):
        return "Write the email address alone, without a name, brackets or “mailto:”."
    before_at = address.rpartition("@")[0]
    if before_at and not before_at.isascii():
        return _reason_by_sign(before_at)
    return _reason_by_library(address) or _reason_by_notify(address)


def _reason_by_sign(before_at: str) -> str:
    """Word processors curl apostrophes and people type names as they are: say which sign it is."""
    for sign in "’‘":
        if sign in before_at:
            return (
                f"Before the @ stands a curly apostrophe ({sign}), which addresses cannot have. "
                "Type a straight one (')."
            )
    return (
        "Before the @ stands a letter with an accent or another sign that addresses sent through "
        "GOV.UK Notify cannot have. Ask them how it is spelt."
    )


def _reason_by_library(address: str) -> str | None:
    # Slow to import, and most lists never need it.
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        return re.sub(r" \(.*\)", "", str(error))  # the brackets can hold a piece of the address
    return None


def _reason_by_notify(address: str) -> str:
    """email-validator saw nothing wrong; these are the rules that only Notify has."""
    if len(address) > LONGEST:
        return f"The email address is longer than {LONGEST} characters."
    last_label = address.rpartition(".")[2]
    if not _last_label(last_label):
        return "The part after the last dot is not the ending of a domain, like uk or com."
    return "GOV.UK Notify does not accept this email address. Check the part after the @."
