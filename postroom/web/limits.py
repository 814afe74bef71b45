"""How often one visitor may do what. Counts live in memory; no address is written anywhere."""

import logging

from flask import request
from flask_limiter import Limiter

LOOPBACK = ("127.0.0.1", "::1")
SIGN_UPS = "300 per hour"
"""Presses of the button from one client: a school shares one address, a conference hall does."""

SIGN_UPS_OF_ADDRESS = "5 per hour"
LINKS_OF_ADDRESS = "5 per hour"
LINKS = "600 per minute"
"""Tries of a token. The pages behind it are not counted: a hall full of people opens thousands."""

ANSWERS = "3000 per minute"


def client() -> str:
    """Return the client's address, to count by.

    Behind a proxy on this machine it is what the proxy adds last to X-Forwarded-For; whatever
    stands before that was written by the visitor.
    """
    direct = request.remote_addr or ""
    passed_on = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return passed_on if direct in LOOPBACK and passed_on else direct


def make_limiter() -> Limiter:
    """Return a limiter of its own for one site."""
    # It would log whom it refused.
    logging.getLogger("flask-limiter").setLevel(logging.CRITICAL + 1)
    return Limiter(client, storage_uri="memory://", headers_enabled=False)
