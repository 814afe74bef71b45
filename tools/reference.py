"""Write docs/reference/commands.md and settings.md from the commands and settings themselves.

python -m tools.reference           write both
python -m tools.reference --check   change nothing; exit 1 and name what is stale
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from typer.core import TyperGroup

import outreach
from postroom.settings import SECRETS, Settings

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
WIDTH = 92  # characters: what a code block shows on a page without scrolling

COMMANDS_HEAD = """\
# Commands

Everything that `outreach` can do, as each command says it of itself with `--help`. In a copy of the
code write `./outreach` (on Windows `py outreach`); where it is installed as a package, `outreach`.

Every command ends with 0 when it did what was asked, 1 when it refused or found problems, 2 when it
was called in a way it does not know, and 130 when Ctrl-C ended it while it started or asked.
Results and `--json` go to standard output, messages to standard error. This page is written by
`python -m tools.reference`.
"""

SETTINGS_HEAD = """\
# Settings

Every setting can stand in three places. The environment counts before `.env`, and `.env` before
`outreach.toml`.

- `outreach.toml` is kept in git and read by the team. Write the name as it is below:
  `people = ["policy.officer@example.com"]`.
- `.env` is in the same folder; git ignores it. Write the variable: `NOTIFY_TEST_KEY=…`.
- The environment of the process, for servers: the same variables.

A secret is taken from `.env` or the environment only: in `outreach.toml` it is refused. Lists are
written with commas in a variable: `OUTREACH_PEOPLE=a@example.com,b@example.com`. A name that means
nothing is refused in `outreach.toml`; `outreach doctor` tells of one in the environment.

`OUTREACH_WORKSPACE` names the workspace folder for commands that run elsewhere.

| In outreach.toml | Variable | Default | What it is |
|---|---|---|---|
"""

SETTINGS_FOOT = """
Without `NOTIFY_BASE_URL`, local mode starts a local Notify of its own for as long as a command
runs, and the other modes talk to GOV.UK Notify. Local mode refuses an address that is not on this
machine.

Without `OUTREACH_SECRET`, the secret is read from `outreach.secret` in the workspace.
See [what each file of a workspace is](workspace.md).

The last three exist so that the local Notify can be tried without waiting. In test, team and live
they are refused: the waits there are what keeps an email from going out twice.

This page is written by `python -m tools.reference`.
"""


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command that does something as its words and itself, in the order of --help."""
    for name in outreach.COMMANDS:
        command = outreach.load_command(name)
        if isinstance(command, TyperGroup):
            yield from (((name, word), each) for word, each in command.commands.items())
        else:
            yield (name,), command


def help_text(words: tuple[str, ...], command: Any) -> str:
    """Return what `--help` prints for a command, at a fixed width and without colours or boxes."""
    command.rich_markup_mode = None
    context = typer.Context(command, info_name=" ".join(("outreach", *words)), terminal_width=WIDTH)
    return str(command.get_help(context)).rstrip()


def commands_page() -> str:
    """Return docs/reference/commands.md."""
    found = [(" ".join(words), help_text(words, command)) for words, command in commands()]
    links = [f"- [{name}](#outreach-{name.replace(' ', '-')})" for name, _ in found]
    parts = [f"## outreach {name}\n\n```text\n{text}\n```" for name, text in found]
    return "\n".join([COMMANDS_HEAD, *links, ""]) + "\n" + "\n\n".join(parts) + "\n"


def settings_page() -> str:
    """Return docs/reference/settings.md."""
    rows = (_settings_row(name, field) for name, field in Settings.model_fields.items())
    return SETTINGS_HEAD + "\n".join(rows) + "\n" + SETTINGS_FOOT


def _settings_row(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    variable = alias.choices[0] if isinstance(alias, AliasChoices) else f"OUTREACH_{name.upper()}"
    shown = f"`{name}`" if name not in SECRETS else "a secret: none"
    meaning = f"{field.description}{_bounds(field)}".replace("|", "\\|")
    return f"| {shown} | `{variable}` | {_default(field)} | {meaning} |"


def _default(field: FieldInfo) -> str:
    return f"`{field.default}`" if field.default not in (None, ()) else "none"


def _bounds(field: FieldInfo) -> str:
    least = next((rule.ge for rule in field.metadata if hasattr(rule, "ge")), None)
    most = next((rule.le for rule in field.metadata if hasattr(rule, "le")), None)
    told = least is None or most is None or f"{least} to {most}" in str(field.description)
    return "" if told else f" ({least:,} to {most:,})"


PAGES = {"commands.md": commands_page, "settings.md": settings_page}


def main(arguments: list[str]) -> int:
    """Write or check both pages; return the exit status."""
    stale = [
        name
        for name, page in PAGES.items()
        if not (REFERENCE / name).exists()
        or (REFERENCE / name).read_text(encoding="utf-8") != page()
    ]
    if arguments == ["--check"]:
        for name in stale:
            print(f"docs/reference/{name} is stale. Run: python -m tools.reference")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"wrote docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
