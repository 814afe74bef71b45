import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==([^\s;]+)")
LOCKS = ["runtime.txt", "dev.txt", "benchmarks.txt"]


def pins(lines: list[str]) -> set[tuple[str, str]]:
    found = (PIN.match(line) for line in lines)
    return {(re.sub(r"[-_.]+", "-", pin[1]).lower(), pin[2]) for pin in found if pin}


def lock(name: str) -> str:
    return (ROOT / "requirements" / name).read_text(encoding="utf-8")


RUNTIME = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["project"]["optional-dependencies"]["postgres"],
]
DEVELOPING = PROJECT["dependency-groups"]["dev"]
MEASURING = PROJECT["dependency-groups"]["benchmarks"]


def test_every_dependency_is_pinned_to_one_version():
    loose = [wanted for wanted in [*RUNTIME, *DEVELOPING, *MEASURING] if not PIN.fullmatch(wanted)]

    assert loose == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("runtime.txt", RUNTIME),
        ("dev.txt", [*RUNTIME, *DEVELOPING]),
        ("benchmarks.txt", [*RUNTIME, *MEASURING]),
    ],
)
def test_the_lock_holds_what_the_project_asks_for(name, wanted):
    assert pins(wanted) - pins(lock(name).splitlines()) == set(), "run: python tools/lock.py"


def test_the_developers_lock_holds_all_of_the_other():
    assert pins(lock("runtime.txt").splitlines()) <= pins(lock("dev.txt").splitlines())


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address_and_no_file(name):
    assert re.findall(r"https?:|file:|@|--index|--find-links|^-", lock(name), re.MULTILINE) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_its_hashes(name):
    packages = re.split(r"\n(?=\S)", lock(name).strip())

    assert [package for package in packages if "--hash=sha256:" not in package] == []


@pytest.mark.parametrize("name", LOCKS)
def test_the_one_package_without_a_wheel_is_left_out(name):
    assert "docopt" not in lock(name)
