"""Write requirements/*.txt from pyproject.toml, for every platform, hashed.

    python tools/lock.py            what pyproject.toml asks for; keeps versions that still fit
    python tools/lock.py --upgrade  the newest of everything that pyproject.toml leaves open
    python tools/lock.py --check    change nothing; exit 1 and show what is stale

It needs uv, which `./outreach test` puts into .venv/.
"""

import difflib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "runtime.txt": [],
    "dev.txt": ["--group", "dev", "--constraints", "requirements/runtime.txt"],
    "benchmarks.txt": ["--group", "benchmarks", "--constraints", "requirements/runtime.txt"],
}
COMPILE = [
    "pip",
    "compile",
    "pyproject.toml",
    "--quiet",
    "--universal",
    "--python-version",
    "3.11",
    # No address of any index: a department's own mirror must do as well as the public one.
    "--extra",
    "postgres",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--no-annotate",
    # The Notify client asks for docopt and never imports it; it is the one package without a wheel.
    "--no-emit-package",
    "docopt",
]


def uv() -> str:
    """Return the uv beside this Python, else the one on the path."""
    beside = shutil.which("uv", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("uv")
    if found is None:
        sys.exit("uv is not installed. Set up the developers' environment first: ./outreach test")
    return found


def compiled(name: str, upgrade: list[str]) -> str:
    """Return the text that `requirements/NAME` should have. uv starts from the present lock."""
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder, name)
        if (current := ROOT / "requirements" / name).exists():
            shutil.copy(current, lock)
        subprocess.run(
            [uv(), *COMPILE, *LOCKS[name], *upgrade, "--output-file", lock], cwd=ROOT, check=True
        )
        return lock.read_text()


def main(arguments: list[str]) -> int:
    """Write or check the locks; 1 when a check finds one stale."""
    stale = 0
    for name in LOCKS:
        path = ROOT / "requirements" / name
        before = path.read_text() if path.exists() else ""
        after = compiled(name, [a for a in arguments if a == "--upgrade"])
        if "--check" not in arguments:
            path.write_text(after)
        elif before != after:
            stale = 1
            print(*difflib.unified_diff(before.splitlines(), after.splitlines(), name), sep="\n")
    if stale:
        print("The locks are not what pyproject.toml asks for. Run: python tools/lock.py")
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
