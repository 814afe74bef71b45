"""Editions: a campaign file and every template it reaches, frozen as text."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from postroom.content.campaign_file import (
    FOLDER,
    Campaign,
    Fact,
    campaign_names,
    check_name,
    read_campaign,
)
from postroom.content.facts import FOLDER as FACTS
from postroom.content.near_words import nearest
from postroom.content.template_errors import TEMPLATES, reading
from postroom.content.template_sandbox import MOST_CHARACTERS
from postroom.errors import CampaignError, ContentError, TemplateError, out_of_reach


@dataclass(frozen=True)
class Edition:
    """Everything a campaign's emails are made from, as it was at one moment."""

    campaign: Campaign
    files: Mapping[str, str]
    """Relative path → text, with one kind of line end: the campaign file and the templates."""
    facts_files: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The same for facts/*.toml, which the checks compare with. No email is made from them, so they
    are no part of the digest: an addition to the calendar voids no approval."""

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 over every path and text: the same files give the same 32 bytes anywhere."""
        whole = hashlib.sha256()
        for path, text in sorted(self.files.items()):
            for part in (path.encode(), text.encode()):
                whole.update(len(part).to_bytes(8))
                whole.update(part)
        return whole.digest()

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def templates(self) -> dict[str, str]:
        """The templates by the names they call each other."""
        start = f"{TEMPLATES}/"
        return {
            path.removeprefix(start): text
            for path, text in self.files.items()
            if path.startswith(start)
        }


def load_edition(root: Path, name: str) -> Edition:
    """Return the campaign *name* of the workspace at *root* with all the templates it reaches.

    Its `facts_files` are those of the whole workspace, as they are now.

    Raises `CampaignError` or `TemplateError` naming file and line; for an unknown campaign or
    template it lists those that there are.
    """
    path, text, campaign = _campaign(root, name)
    edition = _edition(campaign, {path: text} | _reached(root, campaign, text))
    return replace(edition, facts_files=_facts_files(root))


def campaigns_in(root: Path) -> Iterator[tuple[str, Campaign | ContentError]]:
    """Yield every campaign of the workspace at *root* by name; what is wrong with its file instead.

    Its templates are not looked at.
    """
    for name in campaign_names(root / FOLDER):
        try:
            yield name, read_campaign(name, campaign_file_text(root, name))
        except ContentError as error:
            yield name, error
        except OSError as error:
            yield name, CampaignError(out_of_reach(error))


def campaign_file_text(root: Path, name: str) -> str:
    """Return the file of the campaign *name* as text.

    Raises `CampaignError` for an unknown one, with those that there are.
    """
    check_name(name)
    path = f"{FOLDER}/{name}.toml"
    if not (root / path).is_file():
        known = campaign_names(root / FOLDER)
        raise CampaignError(
            f"There is no campaign {name}{_meant(name, known)} in {FOLDER}/. "
            f"There are: {_listed(known)}. Make one with: outreach new {name}"
        )
    return _read(root / path, path)


def restore_edition(name: str, files: Mapping[str, str]) -> Edition:
    """Return the edition of the campaign *name* that was kept as *files*. Its digest is the same.

    Raises `CampaignError` when its campaign file is not among them.
    """
    path = f"{FOLDER}/{name}.toml"
    if path not in files:
        raise CampaignError(f"{path} is not in this edition")
    return _edition(read_campaign(name, files[path]), files)


def other_letter(root: Path, edition: Edition, campaign: Campaign) -> Edition:
    """Return the edition of another letter of the same campaign file: *campaign*, as changed.

    Its templates are those of the workspace at *root* now. Raises `TemplateError` as
    `load_edition` does.
    """
    path = f"{FOLDER}/{campaign.name}.toml"
    text = edition.files[path]
    files = {path: text} | _reached(root, campaign, text)
    return replace(_edition(campaign, files), facts_files=edition.facts_files)


def load_letters(root: Path, name: str, templates: Iterable[str]) -> Edition:
    """Return the campaign *name* with all that several *templates* reach, and not its own email's.

    Raises as `load_edition` does.
    """
    path, text, campaign = _campaign(root, name)
    files = {path: text}
    for template in templates:
        files |= _reached(root, campaign.model_copy(update={"template": template}), text)
    return replace(_edition(campaign, files), facts_files=_facts_files(root))


def letter_of(edition: Edition, template: str) -> Edition:
    """Return *edition*, which holds several letters' templates, as that of the one of *template*.

    Its files and facts are those that this one reaches: it asks for no column and states no fact
    that only others name.
    """
    path = f"{FOLDER}/{edition.campaign.name}.toml"
    files, facts, waiting = {path: edition.files[path]}, dict[str, Fact](), [template]
    known = edition.campaign.facts
    while waiting:
        name = waiting.pop()
        of_template = f"{TEMPLATES}/{name}"
        if of_template not in files:
            files[of_template] = edition.files[of_template]
            found = reading(files[of_template], name)
            facts |= {fact: known[fact] for fact in found.facts if fact in known}
            waiting += found.templates
    campaign = edition.campaign.model_copy(update={"template": template, "facts": facts})
    return replace(_edition(campaign, files), facts_files=edition.facts_files)


def _campaign(root: Path, name: str) -> tuple[str, str, Campaign]:
    """Return the campaign file's path, its text, and the campaign that it states."""
    text = campaign_file_text(root, name)
    return f"{FOLDER}/{name}.toml", text, read_campaign(name, text)


def _edition(campaign: Campaign, files: Mapping[str, str]) -> Edition:
    return Edition(campaign, MappingProxyType(dict(sorted(files.items()))))


def _facts_files(root: Path) -> dict[str, str]:
    paths = sorted((root / FACTS).glob("*.toml"))
    return {f"{FACTS}/{path.name}": _read(path, f"{FACTS}/{path.name}") for path in paths}


def _reached(root: Path, campaign: Campaign, campaign_text: str) -> dict[str, str]:
    """Return each template that the campaign's own reaches, by path. Names all that are missing."""
    line = _line_of_template(campaign_text)
    waiting = [(campaign.template, f"{FOLDER}/{campaign.name}.toml:{line}: template: ")]
    found: dict[str, str] = {}
    names: dict[str, dict[str, int]] = {}
    missing: list[str] = []
    while waiting:
        name, where = waiting.pop(0)
        if name in names:
            continue
        names[name] = {}
        text = _template_text(root, name)
        if text is None:
            missing.append(where + _no_template(root, name))
            continue
        path = f"{TEMPLATES}/{name}"
        found[path] = text
        names[name] = reading(text, name).templates
        waiting += [(other, f"{path}:{line}: ") for other, line in names[name].items()]
    if missing:
        raise TemplateError(*missing)
    _refuse_circles(names)
    return found


def _refuse_circles(names: Mapping[str, Mapping[str, int]]) -> None:
    safe: set[str] = set()
    while len(safe) < len(names):
        more = {name for name in names if name not in safe and safe.issuperset(names[name])}
        if not more:
            raise TemplateError(*_circles(names, set(names) - safe))
        safe |= more


def _circles(names: Mapping[str, Mapping[str, int]], left: set[str]) -> Iterable[str]:
    for name in sorted(left):
        for other, line in names[name].items():
            if other in left:
                yield (
                    f"{TEMPLATES}/{name}:{line}: {other} leads back to {name}, round in a circle. "
                    "Take one of these steps out"
                )


def _template_text(root: Path, name: str) -> str | None:
    folder = (root / TEMPLATES).resolve()
    file = (folder / PurePosixPath(name)).resolve()
    # A link or a path that leads out of the folder is not a template of this workspace.
    if not file.is_relative_to(folder) or not file.is_file():
        return None
    return _read(file, f"{TEMPLATES}/{name}")


def _read(file: Path, shown: str) -> str:
    if file.stat().st_size > 4 * MOST_CHARACTERS:
        raise ContentError(f"{shown}: is too large for anything an email could need")
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ContentError(
            f"{shown}:{line}: is not UTF-8 text. Save the file again with the encoding UTF-8"
        ) from error
    if "\0" in text:
        raise ContentError(f"{shown}:{text[: text.index(chr(0))].count(chr(10)) + 1}: holds a NUL")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _no_template(root: Path, name: str) -> str:
    folder = root / TEMPLATES
    known = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md"))
    return f"there is no template {name}{_meant(name, known)} in {TEMPLATES}/. There are: " + (
        _listed(known)
    )


def _line_of_template(text: str) -> int:
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.startswith("template")), 1)


def _meant(name: str, known: list[str]) -> str:
    likely = nearest(name, known)
    return f" (did you mean {likely}?)" if likely else ""


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
