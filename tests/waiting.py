"""How a test waits for what happens beside it: until it has, and no longer."""

import time

PATIENCE = 60.0  # seconds: what a busy machine may take


def wait_until(happened, *, patience=PATIENCE, every=0.02):
    """Return what *happened* gives once that is true. Fails after *patience* seconds."""
    end = time.monotonic() + patience
    while not (found := happened()):
        assert time.monotonic() < end, f"not within {patience:g} seconds"
        time.sleep(every)
    return found
