"""What holds for every test: no settings from outside; no skip in CI."""

import gc
import logging
import os
import shutil
import signal
from collections.abc import Iterator

import hypothesis
import pytest

from postroom.web.site import Site
from tests.compiled import Compiled
from tests.databases import postgresql_server, sqlite_model
from tests.logs import Listener, telling

__all__ = ["postgresql_server", "sqlite_model"]  # nowhere else: one of each for all the rooms

# A developer's own keys, workspace or database must never be met by a test.
for name in list(os.environ):
    if name.startswith(("OUTREACH_", "NOTIFY_")):
        del os.environ[name]

# A shell that starts the tests in the background lets them ignore Ctrl-C, and so whatever they
# start, which must not.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

CHROMIUM = next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None
)
ENGINES = {"sqlite": ["sqlite"], "postgresql": ["postgresql"], "both": ["sqlite", "postgresql"]}
IN_CI = bool(os.environ.get("CI"))

# Two shared cores make any limit on a single example a coin toss.
hypothesis.settings.register_profile("house", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a developer choose the databases: both take twice as long as one."""
    parser.addoption("--engine", choices=list(ENGINES), default="both", help="for the database")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a database once on each engine."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ENGINES[metafunc.config.getoption("--engine")])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser on a machine without one."""
    if CHROMIUM is None:
        skip = pytest.mark.skip(reason="needs Chromium (on Debian: sudo apt install chromium)")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(skip)


# A test makes a site of its own; what Jinja makes of the pages' templates is the same for all.
Site.jinja_options = {**Site.jinja_options, "bytecode_cache": Compiled()}


def pytest_collection_finish() -> None:
    """Keep the garbage collector from going through thousands of tests again and again."""
    gc.collect()
    gc.freeze()


LISTENER = Listener()
logging.getLogger().addHandler(LISTENER)
logging.getLogger("postroom").setLevel(logging.DEBUG)


@pytest.fixture(autouse=True)
def _no_log_tells_of_a_person() -> Iterator[None]:
    """Listen to every log while a test runs: nobody's address, name, number or token is in one."""
    LISTENER.lines.clear()
    yield
    found = {line: what for line in LISTENER.lines if (what := telling(line))}
    assert found == {}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Drive the Chromium of this machine; root cannot have its sandbox."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": ["--no-sandbox"] if root else [],
    }


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """In CI, where everything is installed, let a skipped test fail the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("\nCI is set, where nothing may be skipped; see the reasons below.")
    return (yield)
