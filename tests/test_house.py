import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FRONT_DOOR = ROOT / "outreach.py"
MODULES = [FRONT_DOOR, *sorted((ROOT / "postroom").rglob("*.py"))]
AROUND = [ROOT / "outreach", ROOT / "setup.py"]
AROUND += sorted(path for name in ("tools", "benchmarks") for path in (ROOT / name).rglob("*.py"))
"""What sets the tool up, packs it, writes its pages and measures it: Python of ours as well."""
HEAVY = {"alembic", "flask", "notifications_python_client", "requests", "sqlalchemy", "sqlmodel"}
NEVER = {
    "blacklist",
    "blast",
    "data",
    "helper",
    "helpers",
    "info",
    "item",
    "items",
    "manager",
    "user",
    "users",
    "util",
    "utils",
}
# Put together here, so that this file does not hold what it looks for.
INDEX_HOSTS = [f"{name}.org" for name in ("pypi", "pythonhosted")]
MACHINE_PATH = re.compile(
    r"(?<![\w.:/-])/(?:home|root|Users|work|workspace|opt|mnt|tmp)/\w|[A-Z]:\\Users\\"
)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def functions(nodes: Iterable[ast.AST]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def writes_of_status(path: Path) -> Iterator[ast.AST]:
    """Yield what sets a message's status: an assignment, a keyword of an update, a key of a row."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if node.attr == "status" and not named(path).startswith("postroom/localnotify"):
                yield node
        elif isinstance(node, ast.keyword):
            if node.arg == "status" and is_a_status(node.value):
                yield node
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key and re.search(r"\bstatus\b", ast.unparse(key)) and is_a_status(value):
                    yield node


def is_a_status(value: ast.expr) -> bool:
    return re.search(r"\bStatus\b", ast.unparse(value)) is not None


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this copy is not a git checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_imports_go_down_the_house_only():
    linter = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as l; l()"]

    result = subprocess.run(
        [*linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout + result.stderr


def test_only_the_gateway_imports_notifys_client():
    importers = {
        named(path)
        for path in MODULES
        if any(name.split(".")[0] == "notifications_python_client" for name in imported(path))
    }

    assert {name for name in importers if not name.startswith("postroom/delivery/gateway")} == set()


def test_the_markdown_renderer_imports_only_its_grammar_and_the_standard_library():
    allowed = {"mistune", "smartypants", *sys.stdlib_module_names}
    waiting, seen = [ROOT / "postroom/content/notify_markdown.py"], set()
    while waiting:
        path = waiting.pop()
        seen.add(named(path))
        for name in imported(path):
            own = ROOT / Path(*name.split(".")).with_suffix(".py")
            if name.startswith("postroom.content.notify_") and own.exists():
                if named(own) not in seen:
                    waiting.append(own)
            else:
                assert name.split(".")[0] in allowed, f"{named(path)} imports {name}"


def test_only_settings_reads_the_environment():
    asking = re.compile(r"\bos\.(environ|getenv)|from os import .*\b(environ|getenv)")

    readers = {named(path) for path in MODULES if asking.search(ast.unparse(tree(path)))}

    assert readers <= {"postroom/settings.py"}


@pytest.mark.parametrize("question", ["--help", "--version"])
def test_a_question_about_the_tool_loads_no_database_web_or_network(question):
    ask = (
        "import sys, contextlib\n"
        f"sys.argv = ['outreach', {question!r}]\n"
        "with contextlib.suppress(SystemExit):\n"
        "    import outreach; outreach.main()\n"
        f"print('LOADED', *sorted(set(sys.modules) & {HEAVY!r}))"
    )

    result = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert result.stdout.splitlines()[-1] == "LOADED"


def test_the_version_told_is_the_version_packaged():
    told = subprocess.run(
        [sys.executable, FRONT_DOOR, "--version"], capture_output=True, text=True, check=True
    )

    assert PROJECT["project"]["version"] in told.stdout


def test_no_tracked_file_names_a_path_of_somebodys_machine_or_a_package_index():
    found = []
    for path in tracked_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        for number, line in enumerate(text.splitlines(), start=1):
            if MACHINE_PATH.search(line) or any(host in line for host in INDEX_HOSTS):
                found.append(f"{named(path)}:{number}: {line.strip()[:100]}")

    assert found == []


def test_no_recipient_list_is_tracked_but_the_examples():
    lists = {path.name for path in tracked_files() if path.parent == ROOT / "recipients"}

    assert {name for name in lists if not name.startswith("example-")} == set()


def test_no_module_is_longer_than_400_lines():
    lengths = {
        named(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in [*MODULES, *AROUND]
        if "migrations/versions" not in named(path)  # a list of columns, read once
    }

    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def test_no_function_is_longer_than_45_lines():
    lengths = {
        f"{named(path)}: {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in [*MODULES, *AROUND]
        if "migrations/versions" not in named(path)  # a list of columns, read once
        for function in functions(ast.walk(tree(path)))
    }

    assert {name: lines for name, lines in lengths.items() if lines > 45} == {}


def test_every_module_says_its_duty():
    silent = [
        named(path)
        for path in [*MODULES, *AROUND]
        if path.stat().st_size and not ast.get_docstring(tree(path))
    ]

    assert silent == []


def test_nothing_is_called_by_a_word_that_says_nothing():
    ours = [*MODULES, *AROUND]
    names = {named(path): path.stem for path in ours}
    # Methods are left out: a library may want them by such a name.
    names |= {f"{named(p)}: {f.name}": f.name for p in ours for f in functions(tree(p).body)}

    assert [where for where, name in names.items() if NEVER & set(name.split("_"))] == []


def test_only_the_outbox_adopting_and_attempts_write_a_messages_status():
    writers = {named(path) for path in MODULES if set(writes_of_status(path))}

    assert writers == {
        f"postroom/delivery/{name}.py" for name in ("adopting", "attempts", "outbox")
    }


def test_only_suppression_knows_who_may_not_be_emailed():
    askers = {
        named(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("postroom.tables")
        and "Suppression" in {alias.name for alias in node.names}
    }

    assert askers == {"postroom/audience/suppression.py", "postroom/tables/__init__.py"}


def test_every_foreseen_error_stands_in_the_tree_of_errors():
    drawn = ast.get_docstring(tree(ROOT / "postroom/errors.py")) or ""
    known = {"PostroomError"}
    classes = [
        node for path in MODULES for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)
    ]
    while (
        more := {one.name for one in classes if known & {ast.unparse(base) for base in one.bases}}
        - known
    ):
        known |= more

    assert [name for name in sorted(known) if not re.search(rf"\b{name}\b", drawn)] == []


def test_a_test_sets_nothing_of_ours_but_these_values():
    replaced, mocking = set(), []
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        replaced |= set(re.findall(r'monkeypatch\.setattr\(\s*([\w.]+, "\w+")', text))
        mocking += [named(path) for name in imported(path) if name.startswith("unittest")]

    ours = {name for name in replaced if not name.startswith("sys, ")}
    assert mocking == []
    assert ours == {
        'pace, "SILENCE"',
        'pace, "TRY_EVERY"',
        'printing, "_out"',
        'rechecking, "CHECKS"',
        'recording, "PATIENCE"',
    }


def test_no_amount_that_a_campaign_states_stands_in_the_engine():
    stated = [*(ROOT / "campaigns").glob("*.toml"), *(ROOT / "facts").glob("*.toml")]
    amounts = {
        amount
        for path in stated
        for amount in re.findall(r"£[\d,]*\d(?:\.\d+)?", path.read_text(encoding="utf-8"))
    }
    assert amounts

    found = [
        f"{named(path)}: {amount}"
        for path in MODULES
        for amount in re.findall(r"£[\d,]*\d(?:\.\d+)?", path.read_text(encoding="utf-8"))
        if amount in amounts
    ]

    assert found == []
