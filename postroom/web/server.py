"""The server of the public pages: waitress, told how many people there may be at once."""

import logging

import waitress
from flask import Flask
from waitress.server import BaseWSGIServer

from postroom.errors import SettingsError

# A burst of receipts is no trouble: it says how many wait for a thread, line after line.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)

THREADS = 8
CONNECTIONS = 1_000
"""Browsers keep one or more open after a page. Whoever comes when all are taken waits."""

IDLE_SECONDS = 30
"""After which an open connection that asks for nothing is closed."""

LONGEST_HEARD = 12 * 1024 * 1024
"""Bytes of a request that are read to the end, so that a refusal of it can be read in turn.

Each page refuses far less, in words of its own (site.py, callbacks.py). Of anything longer the
connection is closed.
"""


def listen(site: Flask, host: str, port: int) -> BaseWSGIServer:
    """Return a server of *site* that listens already; port 0 chooses a free one.

    Raises `SettingsError` when it cannot listen there.
    """
    try:
        return waitress.create_server(
            site,
            host=host,
            port=port,
            threads=THREADS,
            ident="outreach",
            max_request_body_size=LONGEST_HEARD,
            connection_limit=CONNECTIONS,
            channel_timeout=IDLE_SECONDS,
            asyncore_use_poll=True,  # select() knows no more than 1,024 connections
        )
    except OSError as error:
        raise SettingsError(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Name another: --port 8001"
        ) from error
    except ValueError as error:  # waitress's word for a name that is no address
        raise SettingsError(
            f"Cannot listen on {host}: there is no such address. Name another: --host 127.0.0.1"
        ) from error
