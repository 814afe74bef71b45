"""Is a text an https URI, as RFC 3986 writes them?"""

import re

SIGN = r"(?:[A-Za-z0-9._~!$&'()*+,;={}-]|%[0-9A-Fa-f]{{2}})"  # unreserved, sub-delims, escaped
NAMED, SIGNED, ROOMY = (SIGN.format(more) for more in ("", ":", ":@"))
HOST = rf"(?:\[[0-9A-Za-z.:_~!$&'()*+,;=-]+\]|{NAMED}*)"
AUTHORITY = rf"(?:{SIGNED}*@)?{HOST}(?::[0-9]*)?"
PATH = rf"(?://{AUTHORITY}(?:/{ROOMY}*)*|(?!//)(?:{ROOMY}|/)*)"
END = rf"(?:{ROOMY}|[/?])*"
URI = re.compile(rf"https:{PATH}(?:\?{END})?(?:#{END})?")


def is_https(text: str) -> bool:
    """Return whether Notify takes *text* for a one-click URL. Nothing need answer there."""
    return URI.fullmatch(text) is not None
