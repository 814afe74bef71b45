"""Which email addresses Notify accepts. Written from its measured behaviour, on our side again.

The sending side has its own rule; this one must not share code with it, or a fault in one would
be hidden by the same fault in the other.
"""

import re

MAX_LENGTH = 320
# Removed wherever they stand, even inside an address.
INVISIBLE = dict.fromkeys(map(ord, "\u180e\u200b\u200c\u200d\u2060\ufeff\u00a0\u202f\u2028\u2029"))
ENDS = " \t\n\v\f\r"
LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
LABEL = re.compile(r"(xn|[a-z0-9]+)(-?-[a-z0-9]+)*", re.IGNORECASE)
TOP = re.compile(r"[a-z]{2,63}|xn--([a-z0-9]+-)*[a-z0-9]+", re.IGNORECASE)


def normalised(address: str) -> str | None:
    """Return *address* as Notify sends to it, in lower case, or None if it accepts no such."""
    tidy = address.translate(INVISIBLE).strip(ENDS)
    local, at, host = tidy.partition("@")
    if not at or len(tidy) > MAX_LENGTH or ".." in tidy:
        return None
    if not LOCAL.fullmatch(local) or not _is_host(host):
        return None
    return tidy.lower()


def _is_host(host: str) -> bool:
    if re.search(r"[@\s]", host):
        return False
    try:
        labels = host.encode("idna").decode("ascii").split(".")
    except UnicodeError:
        return False
    if len(labels) < 2 or len(".".join(labels)) > 253:
        return False
    return all(LABEL.fullmatch(label) for label in labels) and bool(TOP.fullmatch(labels[-1]))
