"""Compile GOV.UK Frontend in its plain brand into the package: no crown, no GDS Transport.

Needs npm, and the network for it once. The version is the one that govuk-frontend-jinja's templates
are written for. Run after raising it: python tools/govuk_frontend/build.py
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "6.3.0"
SASS = "1.108.2"
HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[1] / "postroom" / "web" / "static" / "govuk"


def main() -> None:
    """Write the style sheet, the script and their hashes."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("This needs npm (on Debian: sudo apt install npm).")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        packages = [f"govuk-frontend@{VERSION}", f"sass@{SASS}"]
        subprocess.run([npm, "install", "--prefix", name, *packages], check=True)
        modules = place / "node_modules"
        subprocess.run(
            [
                modules / ".bin" / "sass",
                f"--load-path={modules}",
                "--style=compressed",
                "--no-source-map",
                "--quiet-deps",
                HERE / "plain.scss",
                TARGET / "govuk-frontend.min.css",
            ],
            check=True,
        )
        shutil.copy(modules / "govuk-frontend/dist/govuk/govuk-frontend.min.js", TARGET)
    lines = (
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
        for file in sorted(TARGET.glob("*.min.*"))
    )
    (TARGET / "SHA256SUMS").write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()
