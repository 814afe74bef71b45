"""Which hosts a reader can open: not a machine's own, a private network's, or a test site's."""

import ipaddress
import re

_PRIVATE_ENDINGS = {"localhost", "local", "internal", "lan", "test", "invalid", "home", "corp"}
_NOT_YET = r"localhost|staging|stage|preprod|pre-prod|preview|dev|development|qa|uat|sandbox"
_TEST_LABEL = re.compile(rf"(?:{_NOT_YET}|local|internal|lan|test)[\d-]*")
_TEST_PART = re.compile(rf"(?:{_NOT_YET})\d*-.+|.+-(?:{_NOT_YET}|local|internal|test)\d*")
_TEST_NAME = re.compile(r".+-(?:staging|preprod|pre-prod|uat)\d*")
_SHARED_SECOND = {
    "ac",
    "co",
    "gov",
    "judiciary",
    "ltd",
    "mod",
    "net",
    "nhs",
    "org",
    "plc",
    "police",
}


def is_public(host: str) -> bool:
    """Return whether readers can be expected to open *host*, given in small letters.

    A site may be called test-valley or local (www.local.gov.uk): only what stands before a site's
    own name, such as dev. or staging., says that it is not for readers.
    """
    address = _as_address(host)
    if address is not None:
        return address.is_global
    labels = host.rstrip(".").split(".")
    if len(labels) == 1 or labels[-1] in _PRIVATE_ENDINGS:
        return False
    if len(labels) == 2:  # the name alone, as of gov.uk
        return not _TEST_NAME.fullmatch(labels[0])
    own = 3 if labels[-1] == "uk" and labels[-2] in {*_SHARED_SECOND, "sch"} else 2
    *before, name = labels[: len(labels) - own + 1]
    if any(_TEST_LABEL.fullmatch(label) or _TEST_PART.fullmatch(label) for label in before):
        return False
    return not _TEST_NAME.fullmatch(name)


def _as_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
