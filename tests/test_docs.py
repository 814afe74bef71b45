import calendar
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroom.settings import SECRETS, Settings
from tests.waiting import until
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
MONTHS = "|".join(calendar.month_name[1:])
DIFFERS = {
    rf"\b\d{{1,2}} (?:{MONTHS})(?: \d{{4}})?(?: at \d{{1,2}}:\d\d[ap]m)?": "DAY",
    r"\bUR-\w{4}-\w{4}\b": "UR-",
    r"\b\d+ seconds\b": "N seconds",
}


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


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `outreach` in *folder*; what it says on both outputs stands in the order it was said."""
    return subprocess.run(
        [sys.executable, "-u", ROOT / "outreach.py", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )


def without_what_differs(line: str) -> str:
    """Return *line* without what is another each time: days, references, how long it took."""
    for differs, same in DIFFERS.items():
        line = re.sub(differs, same, line)
    return line.rstrip()


def not_printed(shown: str, printed: str) -> list[str]:
    """Return the lines of *shown* that were not *printed*, in their order. “…” stands for more."""
    lines = [without_what_differs(line) for line in printed.splitlines()]
    missing = []
    for line in shown.splitlines():
        begins, more, _ = line.partition("…")
        begins = without_what_differs(begins)
        if more and not begins:
            continue
        found = (
            number
            for number, said in enumerate(lines)
            if said == begins or (more and said.startswith(begins))
        )
        if (number := next(found, None)) is None:
            missing.append(line)
        else:
            del lines[: number + 1]
    return missing


def steps(page: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a page, and what the page shows of its answer."""
    blocks = re.findall(r"^```(console|text)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    for number, (kind, text) in enumerate(blocks):
        if kind == "text":
            continue
        after = blocks[number + 1][1] if blocks[number + 1 : number + 2] else ""
        shown = after if after and blocks[number + 1][0] == "text" else ""
        *others, last = re.findall(r"^\$ \./outreach (.+)$", text, re.MULTILINE)
        yield from ((line, "") for line in others)
        yield last, shown


def test_the_quickstart_does_what_it_says(tmp_path):
    lines = list(steps((ROOT / "docs/quickstart.md").read_text(encoding="utf-8")))
    assert lines[0][0].startswith("init ")
    assert sum(1 for _, shown in lines if shown) == 3

    failed = []
    workspace = tmp_path / "workspace"
    for line, shown in [(f"init {workspace}", ""), *lines[1:]]:
        words = shlex.split(line)
        if words[0] == "local-notify":
            continue  # it serves until it is ended
        answer = ["--yes"] if command_of(words) in ASKING else []
        folder = workspace if workspace.exists() else tmp_path
        done = run([*words, *answer], folder)
        if words == ["sync"]:  # whoever reads the page takes longer than the mail
            until(lambda: "(settled)" in run(["sync"], workspace).stdout)
        missing = not_printed(shown, done.stdout)
        if done.returncode != 0 or missing:
            failed.append(f"{line}: {missing}\n{done.stdout}")

    assert failed == []


def test_the_demo_says_what_the_readme_shows(tmp_path):
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^\$ \./outreach demo\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    of_the_tool = shown[shown.index("A throw-away workspace") :]

    done = run(["demo", "--in", "shown"], tmp_path)

    assert (done.returncode, not_printed(of_the_tool, done.stdout)) == (0, [])
