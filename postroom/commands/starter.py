"""What a new workspace starts from: this repository's campaigns, templates, facts and lists."""

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

WRAPPER = Path(__file__).resolve().parents[2] / "outreach"
"""The script to type in a checkout; where the tool was installed there is none."""

# This repository is itself a workspace; a wheel carries the same files in postroom/starter/.
STARTER_PATTERNS = (
    ".gitignore",
    "outreach.toml",
    "campaigns/*.toml",
    "facts/*.toml",
    "pages/*.md",
    "recipients/example-*",
    "templates/email/*.md",
)


def starter_files() -> Iterator[tuple[str, bytes]]:
    """Yield each file as its path in a workspace (with `/`) and its content, sorted by path.

    They come from the wheel where the tool was installed from one, else from the checkout.
    """
    packed = resources.files("postroom").joinpath("starter")
    if packed.is_dir():
        yield from sorted(_packed_files(packed))
    else:
        yield from checkout_files(Path(__file__).resolve().parents[2])


def private_rules() -> list[str]:
    """Return the ignore rules that keep private files out of git: the starter's first block."""
    written = dict(starter_files())[".gitignore"].decode("utf-8")
    lines = written.partition("\n\n")[0].splitlines()
    return [line for line in lines if not line.startswith("#")]


def checkout_files(root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the same from a checkout at `root`; the wheel is filled from here."""
    paths = {path for pattern in STARTER_PATTERNS for path in root.glob(pattern)}
    for path in sorted(paths):
        if path.is_file():
            yield path.relative_to(root).as_posix(), path.read_bytes()


def _packed_files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _packed_files(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_bytes()
