"""How a test waits for what happens beside it: until it has, and no longer."""

import time

PATIENCE = 60  # seconds: what a busy machine may take


def until(condition, *, patience=PATIENCE, every=0.02):
    """Return once *condition* holds, asking it *every* so many seconds. Fails after *patience*."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"not within {patience:g} seconds"
        time.sleep(every)
