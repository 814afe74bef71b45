import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroom.settings import SECRETS, Settings
from tools import reference

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMANDS = dict(reference.commands())
GROUPS = {words[0] for words in COMMANDS if len(words) > 1}
LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`(?:\./)?(outreach [a-z][^`\n]*)`|^\s*(?:\$ )?\./(outreach [a-z].*)$", re.M)
OUR_WRAPPER = "test"  # `./outreach test` is the wrapper's own word
ASKING = {("recipients", "import"), ("approve",), ("send",)}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(path: Path) -> set[str]:
    """Return what GitHub makes of a page's headings."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def quoted_commands(path: Path) -> Iterator[list[str]]:
    """Yield every command line of ours that a page quotes, as words without `outreach`."""
    for match in QUOTED.finditer(path.read_text(encoding="utf-8")):
        line = (match[1] or match[2]).split("  #")[0].rstrip("\\ ")
        words = shlex.split(line)[1:]
        if words[0] != OUR_WRAPPER:
            yield words


def command_of(words: list[str]) -> tuple[str, ...]:
    return tuple(words[: 2 if words[0] in GROUPS else 1])


def example_of(words: tuple[str, ...]) -> str:
    help_text = " ".join((COMMANDS[words].help or "").split())
    return help_text.rpartition("Example: ")[2]


def test_the_pages_made_from_the_code_are_current():
    told = subprocess.run(
        [sys.executable, "-m", "tools.reference", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (told.returncode, told.stdout) == (0, "")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_commands_help_ends_in_an_example_that_it_takes(words):
    example = shlex.split(example_of(words))

    assert tuple(example[: 1 + len(words)]) == ("outreach", *words)
    COMMANDS[words].make_context(" ".join(words), example[1 + len(words) :])


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_link_on_a_page_leads_somewhere(path):
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    missing = []
    for target, anchor in LINK.findall(text):
        linked = (path.parent / target).resolve() if target else path
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            missing.append(f"{target}#{anchor}".rstrip("#"))

    assert missing == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_command_that_a_page_quotes_is_there_with_its_options(path):
    unknown = []
    for words in quoted_commands(path):
        command = COMMANDS.get(command_of(words))
        known = {option for part in command.params for option in part.opts} if command else set()
        options = {word.partition("=")[0] for word in words if word.startswith("--")} - {"--help"}
        is_there = command is not None or words[0] in GROUPS | {"--help"}
        if not is_there or options - known:
            unknown.append(" ".join(words))

    assert unknown == []


def test_every_setting_is_described():
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    named = [SECRETS.get(name, name) for name in Settings.model_fields]

    assert [name for name in named if f"`{name}`" not in page] == []
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("folder", ["decisions", "how-to", "reference"])
def test_every_page_is_listed_in_its_index(folder):
    index = ROOT / "docs" / ("decisions/README.md" if folder == "decisions" else "README.md")
    listed = index.read_text(encoding="utf-8")
    pages = [page.name for page in (ROOT / "docs" / folder).glob("*.md") if page != index]

    assert [page for page in pages if f"{page})" not in listed] == []


def test_the_quickstart_does_what_it_says(tmp_path):
    page = (ROOT / "docs/quickstart.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\$ \./outreach (.+)$", page, re.MULTILINE)
    assert lines[0].startswith("init ")

    failed = []
    workspace = tmp_path / "workspace"
    for line in [f"init {workspace}", *lines[1:]]:
        words = shlex.split(line)
        if words[0] == "local-notify":
            continue  # it serves until it is ended
        answer = ["--yes"] if command_of(words) in ASKING else []
        done = subprocess.run(
            [sys.executable, ROOT / "outreach.py", *words, *answer],
            cwd=workspace if workspace.exists() else tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            failed.append(f"{line}: {done.stdout}{done.stderr}")

    assert failed == []
