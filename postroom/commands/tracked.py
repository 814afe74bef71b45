"""What git keeps of a workspace and should not: private files, and people's addresses.

Three rules, which docs/reference/workspace.md tells users:

- What the starter's ignore rules keep out is never in git, whatever it holds.
- A table, or anything in recipients/, holds no address but reserved example ones. A workbook is not
  looked into: it does not belong in git.
- Campaigns, facts, pages and templates state the team's own published addresses. Those may stand
  anywhere; elsewhere any other address is worth a look, and many of them are a list.

A file that is marked `no-real-addresses` in .gitattributes is exempt from the last two.
"""

import codecs
import re
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from postroom.commands.findings import Finding, Verdict
from postroom.commands.starter import private_rules
from postroom.workspace import SETTINGS_FILE, as_typed

MANY = 10  # addresses in one file: no longer somebody's contact address, but a list
SHOWN = 20  # files of one kind
MARK = "no-real-addresses"
CONTENT = ("campaigns", "facts", "pages", "templates")
TABLES = {".csv", ".tsv"}
WORKBOOKS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers"}
SQLITE = b"SQLite format 3\0"
TEXT_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # text, though full of zero bytes

# Looking behind keeps this quick: a long run of letters is gone through once, not from each.
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[^\W\d_][\w-]+")
NOBODYS = re.compile(
    r"@([a-z0-9-]+\.)*example\.(com|org|net)$|\.(test|invalid|example|localhost)$"
    r"|@simulator\.notify$|@notifications\.service\.gov\.uk$"
    r"|^git@"  # the address of a repository
)


def kept_by_git(root: Path) -> Iterator[Finding]:
    """Yield what is wrong with what git keeps of the workspace at *root*. Changes nothing."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return
    try:
        yield from _few(_private_files(root))
        yield from _missing_rules(root)
        yield from _few(_files_with_addresses(root))
    except FileNotFoundError:
        yield _not_looked("it is not installed here")
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines() or ["it failed"]
        yield _not_looked(said[0])


def _not_looked(why: str) -> Finding:
    return Finding(
        Verdict.NOTE,
        "git",
        f"could not be asked what it keeps ({why}). Look yourself that no list, database or key "
        "is in it.",
    )


def _few(findings: Iterator[Finding]) -> Iterator[Finding]:
    yield from islice(findings, SHOWN)
    if more := sum(1 for _ in findings):
        yield Finding(Verdict.BAD, "git", f"and {more:,} more files like these.")


def _private_files(root: Path) -> Iterator[Finding]:
    for path in _private_paths(root):
        keys = " If it holds keys, make new ones." if ".env" in path else ""
        yield Finding(
            Verdict.BAD, "git", f"{path} is in git, where it never belongs.{keys} {_take_out(path)}"
        )


def _private_paths(root: Path) -> list[str]:
    top = "/" + _git(root, "rev-parse", "--show-prefix").rstrip("\n")
    excludes = (f"--exclude={_under(top, rule)}" for rule in private_rules())
    return _paths(_git(root, "ls-files", "-z", "--cached", "--ignored", *excludes))


def _under(top: str, rule: str) -> str:
    """Return *rule* of a workspace at *top* as a rule of the whole repository."""
    rooted = re.fullmatch("(!?)/(.*)", rule)
    if rooted is None:
        return rule
    return rooted[1] + re.sub(r"([\\*?\[])", r"\\\1", top) + rooted[2]


def _missing_rules(root: Path) -> Iterator[Finding]:
    probes = {
        rule.strip("/").replace("*", "private") + ("/private" if rule.endswith("/") else ""): rule
        for rule in private_rules()
        if not rule.startswith("!")
    }
    # A person's own excludes protect that person only.
    ignored = _git(
        root,
        "-c",
        "core.excludesFile=",
        "check-ignore",
        "--no-index",
        "-z",
        "--stdin",
        stdin="\0".join(probes),
        may_return=(0, 1),
    )
    if missing := [rule for probe, rule in probes.items() if probe not in _paths(ignored)]:
        yield Finding(
            Verdict.BAD,
            "git",
            f"would take in private files: nothing ignores {', '.join(missing)}. Add these rules "
            f"to .gitignore with: outreach init {as_typed(root)}",
        )


def _files_with_addresses(root: Path) -> Iterator[Finding]:
    private = set(_private_paths(root))
    listed = _git(root, "ls-files", "-z", "--", f":(exclude,attr:{MARK})")
    files = [(path, _content(root, path)) for path in _paths(listed) if path not in private]
    own = {
        address
        for path, content in files
        if _is_content(path) and (path == SETTINGS_FILE or len(_addresses(content)) < MANY)
        for address in _addresses(content)
    }
    for path, content in files:
        finding = _looked_through(path, content, own)
        if finding:
            yield finding


def _looked_through(path: str, content: bytes, own: set[str]) -> Finding | None:
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in WORKBOOKS:
        return _found(path, "is a workbook, which cannot be told to hold examples only")
    if content.startswith(SQLITE):
        return _found(path, "is a database")
    is_table = suffix in TABLES or path.startswith("recipients/")
    if not is_table and b"\0" in content[:8_000] and not content.startswith(TEXT_MARKS):
        return None  # a picture or a program
    number = len(_addresses(content) if is_table else _addresses(content) - own)
    if path == SETTINGS_FILE or not number or (_is_content(path) and number < MANY):
        return None
    addresses = f"{number:,} addresses that are" if number > 1 else "an address that is"
    if is_table or number >= MANY:
        return _found(path, f"holds {addresses} not reserved for examples")
    return Finding(
        Verdict.NOTE,
        "git",
        f"{path} is in git and holds {addresses} neither an example nor stated in your content: "
        f"look whether that is a person's. {_mark(path)}",
    )


def _found(path: str, what: str) -> Finding:
    return Finding(
        Verdict.BAD,
        "git",
        f"{path} is in git and {what}. {_mark(path)} {_take_out(path)}",
    )


def _take_out(path: str) -> str:
    return (
        f"To take it out of git (and then of its history): git rm --cached {as_typed(Path(path))}"
    )


def _mark(path: str) -> str:
    pattern = f'"{path}"' if " " in path else path
    return f"If it holds nobody's, mark it in .gitattributes ({pattern} {MARK})."


def _is_content(path: str) -> bool:
    return path == SETTINGS_FILE or path.split("/")[0] in CONTENT


def _addresses(content: bytes) -> set[str]:
    # Without its zero bytes, UTF-16 reads well enough to find addresses in it.
    text = content.replace(b"\0", b"").decode("utf-8", errors="replace").lower()
    found = (address.lstrip(".+-") for address in ADDRESS.findall(text))
    return {address for address in found if not NOBODYS.search(address)}


def _content(root: Path, path: str) -> bytes:
    file = root / path
    if file.is_symlink() or file.is_dir():  # leads elsewhere; a repository of its own
        return b""
    try:
        return file.read_bytes()
    except FileNotFoundError:  # taken from the disk, but still in git
        return _git_bytes(root, "show", f":./{path}")


def _paths(listed: str) -> list[str]:
    return [path for path in listed.split("\0") if path]


def _git(root: Path, *words: str, stdin: str = "", may_return: tuple[int, ...] = (0,)) -> str:
    given = stdin.encode("utf-8", "surrogateescape")
    return _git_bytes(root, *words, stdin=given, may_return=may_return).decode(
        "utf-8", "surrogateescape"
    )


def _git_bytes(
    root: Path, *words: str, stdin: bytes = b"", may_return: tuple[int, ...] = (0,)
) -> bytes:
    command = ["git", "-C", str(root), *words]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    if done.returncode not in may_return:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return done.stdout
