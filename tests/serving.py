"""The real server of the public pages, for as long as a test asks it."""

import threading
from contextlib import contextmanager

from postroom.web.server import listen


@contextmanager
def serving(site):
    """Serve *site* on a free port of this machine; give the address it is at."""
    server = listen(site, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.trigger.pull_trigger(lambda: _close(server))
        thread.join(10)


def _close(server):
    """Close *server* and what is open of it: without it nobody would look after those any more."""
    server.close()
    for channel in list(server.active_channels.values()):
        channel.handle_close()
