"""What a new campaign begins as: a file and a template with everything to fill in marked.

Any template can be started from, but those of emails that are sent by themselves, which say
`kind: confirmation`. One that is meant for it says so in the comment it begins with: what it is
for, then `kind: …` and, for each fact, `facts.NAME: what belongs there`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from jinja2 import nodes

from postroom.content.campaign_file import Campaign, Fact, Kind
from postroom.content.near_words import nearest
from postroom.content.template_errors import TEMPLATES, parsed
from postroom.content.template_language import read
from postroom.errors import TemplateError

_HEADER = re.compile(r"\A\s*\{#-?(.*?)-?#\}\s*", re.DOTALL)
_SAID = re.compile(r"^[ \t]*(kind|facts\.[a-z][a-z0-9_]*):[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)

# What base.md names, and so nearly every campaign; a template's own words for one come first.
_FOOT = {
    "facts.organisation": "the organisation that sends this and answers for the addresses",
    "facts.team": "the team that signs the email",
    "facts.contact": "the email address of the mailbox that answers questions",
    "facts.address_source": "why people get this email, and who gave you their addresses",
    "facts.privacy_notice": "the link to your privacy notice, from https onwards",
}
_CONFIRMATION = "confirmation"  # the kind of a template that the tool itself sends
BLANK = """{% extends "base.md" %}

{% block subject %}TBC: what the reader is to do{% endblock %}

{% block body %}
# TBC: the one thing to know

TBC: what it means for the reader.

If you have any questions, please email [{{ facts.contact }}](mailto:{{ facts.contact }})

Kind regards,
{{ facts.team }}
{% endblock %}
"""
"""The template of a campaign that starts from none."""


CONFIRMATIONS = """
# If people sign up through this campaign: the emails that go by themselves when they do, or stop
# our emails, or have their details deleted. Without this table they get none of them, only a link
# to their details when they ask. Take the first # off the lines below and fill them in.

# [confirmations]
# service = { value = "TBC: what the service is called", source = "TBC" }
# kept_for = { value = "TBC: how long you keep sign-ups, like 2 years", source = "TBC" }
# log_kept_for = { value = "TBC: how long you keep the note of a request", source = "TBC" }
# address_source = { value = "you signed up or asked us for this, or somebody did with your \
email address", source = "How these emails come about" }
"""


@dataclass(frozen=True)
class Start:
    """A template to start from, and what a campaign of it has to state."""

    name: str  # its file's name without .md
    text: str  # what the new template begins as: the file without its leading comment
    purpose: str = ""  # what it is for, when it says so
    kind: Kind = Kind.ANNOUNCEMENT
    facts: Mapping[str, str] = field(default_factory=dict)  # fact → what belongs there, in order
    columns: tuple[str, ...] = ()  # the columns that a list must have for it


def starts(folder: Path) -> list[Start]:
    """Return every template of *folder* with a subject of its own, by name.

    Raises `TemplateError` with file and line when one of them needs mending.
    """
    texts = {name: _text(folder, name) for name in _names(folder)}
    own = (name for name, text in texts.items() if _is_a_start(text, name))
    return [start_from(folder, name) for name in own]


def start_from(folder: Path, name: str) -> Start:
    """Return the template *name* (with or without .md) of *folder*, ready to start from.

    Raises `TemplateError` when there is no such template, saying which there are.
    """
    name, known = name.removesuffix(".md"), _names(folder)
    if name not in known:
        likely = nearest(name, known)
        meant = f" (did you mean {likely}?)" if likely else ""
        raise TemplateError(
            f"There is no template {name}{meant} in {TEMPLATES}/. "
            f"There are: {', '.join(known) or 'none'}. Read about them: outreach new --list"
        )
    text = _text(folder, name)
    if not _has_subject(text, name):
        raise TemplateError(
            f"{TEMPLATES}/{name}.md has no subject of its own: other templates are built on it. "
            "Choose one of: outreach new --list"
        )
    if not _is_a_start(text, name):
        raise TemplateError(
            f"{TEMPLATES}/{name}.md is of an email that is sent by itself, when somebody does "
            "something. Choose one of: outreach new --list"
        )
    return _start(folder, name, text)


@dataclass(frozen=True)
class Corrected:
    """What a correction corrects."""

    campaign: Campaign
    texts: tuple[str, ...]
    """The names of those of its texts that were wrong."""


def blank(folder: Path) -> Start:
    """Return the start of a campaign of its own words over the base.md of *folder*."""
    return _start(folder, "", BLANK)


def campaign_text(
    name: str, start: Start, *, author: str, send_on: date, corrects: Corrected | None = None
) -> str:
    """Return the text of a new campaign file with the facts that *start* names, each a marked gap.

    What *corrects* another campaign goes to those of its list who may have the old text, and states
    what both state as the other does.

    It reads and renders as it stands, but no gap passes `outreach check`.
    """
    known = corrects.campaign.facts if corrects else {}
    stated = "\n".join(
        _stated(fact, known[fact]) if fact in known else _gap(fact, wanted)
        for fact, wanted in start.facts.items()
    )
    list_names = (corrects and corrects.campaign.list) or (name,)
    quoted = json.dumps(list_names if len(list_names) > 1 else list_names[0], ensure_ascii=False)
    return f'''# Fill in every TBC, then see what is wrong with: outreach check {name}
# Lines that begin with # are notes for people. Text goes in "straight quotes"; dates do not.

title = "TBC: what this is, in a few words"
kind = "{start.kind.value}"  # announcement, research, or service (about what people already use)
template = "{name}.md"  # a file in templates/email
route = "direct"  # we email a list; or "partner" (they pass it on), or "open"
list = {quoted}  # its name in: outreach recipients import FILE --list NAME
{_columns_note(start.columns)}\
send_on = {send_on.isoformat()}  # the day you mean to send: deadlines in the text are judged by it
author = "{author}"

# Everything the email states that could be wrong, each typed once, with where it comes from.

[facts]
{stated}
{_who_is_corrected(corrects) or CONFIRMATIONS}\
'''


def _stated(fact: str, known: Fact) -> str:
    # JSON's strings are TOML's, but for the one character that JSON leaves as it is.
    value, source = (
        json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
        for text in (known.value, known.source)
    )
    return f"{fact} = {{ value = {value}, source = {source} }}"


def _who_is_corrected(corrects: Corrected | None) -> str:
    if corrects is None:
        return ""
    names = [f"{corrects.campaign.name}@{text}" for text in corrects.texts]
    return f"""
# Exactly those who may have the old words: accepted by Notify, delivered, or in doubt. Behind the @
# is the text; without it these are all who may have any text of that campaign.

[segment]
was_sent = {json.dumps(names if len(names) > 1 else names[0])}
"""


def _gap(fact: str, wanted: str) -> str:
    return f'{fact} = {{ value = "TBC: {wanted}", source = "TBC" }}'


def _columns_note(columns: tuple[str, ...]) -> str:
    """Return a line that names *columns* as a spreadsheet may head them, or nothing."""
    headings = ", ".join(column.replace("_", " ") for column in columns)
    return f"# The list needs these columns beside the addresses: {headings}\n" if columns else ""


def _start(folder: Path, name: str, text: str) -> Start:
    trees = list(_trees(folder, f"{name}.md", text))
    said = _said(text, name)
    purpose, _, _ = _header(text).strip().partition("\n\n")
    wanted = {**_FOOT, **said}
    readings = [read(tree) for tree in trees]
    facts = dict.fromkeys(fact for reading in readings for fact in reading.facts)
    columns = dict.fromkeys(column for reading in readings for column in reading.fields)
    return Start(
        name=name,
        text=_HEADER.sub("", text, count=1),
        purpose=" ".join(purpose.split()) if said else "",
        kind=Kind(said.get("kind", Kind.ANNOUNCEMENT)),
        facts={fact: wanted.get(f"facts.{fact}", fact.replace("_", " ")) for fact in facts},
        columns=tuple(columns),
    )


def _trees(folder: Path, file: str, text: str) -> Iterator[nodes.Template]:
    """Yield the tree of *text* and those of all templates it reaches, each once."""
    waiting, seen = [(file, text)], {file}
    while waiting:
        file, text = waiting.pop(0)
        tree = parsed(text, file)
        yield tree
        for other, line in read(tree).templates.items():
            if other in seen:
                continue
            seen.add(other)
            if other.removesuffix(".md") not in _names(folder):
                raise TemplateError(
                    f"{TEMPLATES}/{file}:{line}: there is no template {other} in {TEMPLATES}/"
                )
            waiting.append((other, _text(folder, other.removesuffix(".md"))))


def _header(text: str) -> str:
    match = _HEADER.match(text)
    return match[1] if match else ""


def _said(text: str, name: str) -> dict[str, str]:
    """Return what the leading comment of *text* says: its kind, and what belongs in each fact."""
    said = {}
    for match in _SAID.finditer(_header(text)):
        if match[1] == "kind" and match[2] not in {*Kind, _CONFIRMATION}:
            line = text.count("\n", 0, text.index(match[0])) + 1
            raise TemplateError(
                f'{TEMPLATES}/{name}.md:{line}: kind: must be {", ".join(Kind)}, not "{match[2]}"'
            )
        # What belongs in a fact is shown between straight quotes in the campaign file.
        said[match[1]] = match[2].replace("\\", "/").replace('"', "'")
    return said


def _has_subject(text: str, name: str) -> bool:
    tree = parsed(text, f"{name}.md")
    return any(block.name == "subject" for block in tree.find_all(nodes.Block))


def _is_a_start(text: str, name: str) -> bool:
    return _has_subject(text, name) and _said(text, name).get("kind") != _CONFIRMATION


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.md"))


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / f"{name}.md").read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateError(
            f"{TEMPLATES}/{name}.md: is not UTF-8 text. Save it as UTF-8"
        ) from error
