import os
import shutil
import signal
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

from tests.waiting import until

ROOT = Path(__file__).resolve().parent.parent
TOOL = """
import sys, time
try:
    print("tool", *sys.argv[1:], flush=True)
    if "wait" in sys.argv:
        time.sleep(60)
except KeyboardInterrupt:
    sys.exit("the tool saw Ctrl-C")
sys.exit(3 if "three" in sys.argv else 0)
"""
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")


def make_checkout(folder: Path) -> Path:
    """Lay out a checkout whose locks ask for nothing, so that setting up needs no network."""
    (folder / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "outreach", folder)
    (folder / "outreach.py").write_text(TOOL)
    (folder / "requirements" / "runtime.txt").write_text("# nothing\n")
    (folder / "requirements" / "dev.txt").write_text("# nothing, for developers\n")
    return folder


def command(checkout: Path, *arguments: str) -> list[str]:
    return [sys.executable, str(checkout / "outreach"), *arguments]


def run(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(checkout, *arguments),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def start(checkout: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(checkout, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that is set up already."""
    checkout = make_checkout(tmp_path_factory.mktemp("ready") / "checkout")
    assert run(checkout).returncode == 0
    return checkout


def test_the_first_run_sets_up_and_the_second_starts_at_once(tmp_path):
    checkout = make_checkout(tmp_path / "a folder with spaces")

    first = run(checkout, "demo", "--all")
    second = run(checkout, "demo", "--all")

    assert first.stdout == second.stdout == "tool demo --all\n"
    assert "the first time only" in first.stderr
    assert second.stderr == ""


def test_the_tools_exit_code_is_passed_on(ready):
    assert run(ready, "three").returncode == 3


def test_a_changed_lock_is_installed_before_the_tool_starts(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    run(checkout)
    (checkout / "requirements" / "runtime.txt").write_text("# still nothing\n")

    after = run(checkout)

    assert "Installing the packages" in after.stderr
    assert run(checkout).stderr == ""


def test_the_tests_get_their_own_packages_in_the_same_environment(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    run(checkout)
    marker = checkout / ".venv" / "made-once"
    marker.touch()

    asked = run(checkout, "test")
    afterwards = run(checkout, "demo")

    assert "Installing the tests and tools" in asked.stderr
    assert marker.exists()
    assert afterwards.stderr == ""


@posix
def test_a_run_killed_while_setting_up_is_made_good_by_the_next(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    killed = start(checkout)
    until((checkout / ".venv" / "bin").exists)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()

    after = run(checkout)

    assert "the first time only" in after.stderr
    assert after.stdout == "tool\n"


@posix
def test_ctrl_c_while_setting_up_ends_without_a_stack(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    stopped = start(checkout)
    until((checkout / ".venv" / "bin" / "python").exists)
    os.killpg(stopped.pid, signal.SIGINT)

    _, said = stopped.communicate(timeout=120)

    assert stopped.returncode == 130
    assert said.endswith("Stopped. Run it again to go on.\n")
    assert "Traceback" not in said


@posix
def test_ctrl_c_reaches_the_tool(ready):
    running = start(ready, "wait")
    assert running.stdout is not None
    assert running.stdout.readline() == "tool wait\n"  # from then on it would see it
    os.killpg(running.pid, signal.SIGINT)

    _, said = running.communicate(timeout=120)

    assert said == "the tool saw Ctrl-C\n"
    assert running.returncode == 1


def test_two_first_runs_at_once_set_up_once(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    both = [start(checkout, "one"), start(checkout, "two")]

    results = [process.communicate(timeout=120) for process in both]

    assert [out for out, _ in results] == ["tool one\n", "tool two\n"]
    assert sum("the first time only" in said for _, said in results) == 1
    assert sum("waiting for it" in said for _, said in results) == 1


def test_a_python_without_venv_is_told_which_package_to_install(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    broken = tmp_path / "broken" / "ensurepip.py"
    broken.parent.mkdir()
    broken.write_text("raise ImportError('kept in a package of its own')")

    result = run(checkout, PYTHONPATH=str(broken.parent))

    assert result.returncode == 1
    assert "sudo apt install python3-venv" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_proxy_that_does_not_answer_is_explained(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    lock = checkout / "requirements" / "runtime.txt"
    lock.write_text(f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n")

    # Port 9 of this machine discards or refuses; the index is never reached.
    result = run(
        checkout,
        HTTPS_PROXY="http://127.0.0.1:9",
        PIP_INDEX_URL="https://index.example.com/simple",
        PIP_EXTRA_INDEX_URL="",
        PIP_CONFIG_FILE=os.devnull,
        PIP_RETRIES="0",
    )

    assert result.returncode == 1
    assert "The proxy did not let pip through" in result.stderr
    assert "Traceback" not in result.stderr


def wrapper():
    loader = SourceFileLoader("wrapper", str(ROOT / "outreach"))
    spec = spec_from_loader("wrapper", loader)
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("said", "explained"),
    [
        (
            """Retrying after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL:
            CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate'))'
            ERROR: No matching distribution found for alembic==1.20.1""",
            "PIP_CERT=",
        ),
        (
            """Retrying after connection broken by 'NewConnectionError('Failed to establish a new
            connection: [Errno -2] Name or service not known')': /simple/alembic/
            ERROR: No matching distribution found for alembic==1.20.1""",
            "cannot be reached",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "was not installed",
        ),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for psycopg-binary==3.3.9", "mirror"),
        ("something quite new", "Its last lines:\n  something quite new"),
    ],
)
def test_what_pip_says_is_put_into_plain_words(said, explained):
    assert explained in wrapper().explain(said)
