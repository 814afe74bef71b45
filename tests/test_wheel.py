import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from postroom.commands.starter import starter_files

ROOT = Path(__file__).resolve().parent.parent
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
LIST_STARTER = (
    "from postroom.commands.starter import starter_files\n"
    "for path, content in starter_files(): print(path, len(content))"
)


def project_files() -> list[str]:
    """Return what git tracks or would, so that a private list never gets into a test's wheel."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this copy is not a git checkout")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy with a private list in it."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in project_files():
        target = folder / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    (folder / "source" / "recipients").mkdir(exist_ok=True)
    (folder / "source" / "recipients" / "private.csv").write_text("email address\na@example.com\n")
    build = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder]
    subprocess.run([*build, folder / "source"], check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_engine_and_nothing_private(wheel):
    packed = set(zipfile.ZipFile(wheel).namelist())
    engine = {name for name in project_files() if name.startswith("postroom/")}

    assert (engine | {"outreach.py"}) - packed == set()
    assert [name for name in packed if "private" in name or name.endswith(".pyc")] == []
    assert {name.split("/")[0] for name in packed if ".dist-info" not in name} == {
        "outreach.py",
        "postroom",
    }


def test_an_installed_tool_starts_a_workspace_from_the_same_files_as_a_checkout(wheel, tmp_path):
    elsewhere = tmp_path / "environment"
    install = [*PIP, "install", "--no-deps", "--no-index", "--target", elsewhere]
    subprocess.run([*install, wheel], check=True)

    listed = subprocess.run(
        [sys.executable, "-c", LIST_STARTER],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(elsewhere)},
        capture_output=True,
        text=True,
        check=True,
    )

    expected = [f"{path} {len(content)}" for path, content in starter_files()]
    assert listed.stdout.splitlines() == expected
    assert ".gitignore" in dict(starter_files())
