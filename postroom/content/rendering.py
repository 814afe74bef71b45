"""Rendering: from an edition, a recipient's fields and its links to one email."""

import hashlib
from collections.abc import Generator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import jinja2
from jinja2 import nodes
from markupsafe import Markup

from postroom.content.campaign_file import Campaign
from postroom.content.editions import Edition
from postroom.content.markdown_escaping import escape, escape_subject, escape_url_part
from postroom.content.near_words import nearest
from postroom.content.notify_limits import MOST_BYTES
from postroom.content.template_errors import (
    FORESEEN,
    TEMPLATES,
    TOO_DEEP,
    explained,
    parsed,
    reading,
)
from postroom.content.template_language import parent_of, read
from postroom.content.template_rewriting import (
    Constants,
    Variables,
    keep_only_block,
    leave_out_block,
    link_variable,
    plain_pieces,
    rewrite,
)
from postroom.content.template_sandbox import (
    EditionLoader,
    Escape,
    Shape,
    TemplateSandbox,
    Typed,
    link_facts,
)
from postroom.errors import TemplateError

SUBJECT = "subject"


@dataclass(frozen=True)
class Links:
    """The links an email carries. Empty where it has none."""

    sign_up: str
    stop: str  # empty where people stop by writing to us
    page: str = ""  # of a confirmation: where its reader goes on, and nobody else


def sample_links(public_url: str) -> Links:
    """Return links for previews and test sends: they open a page that says nothing happens."""
    return Links(
        sign_up=f"{public_url}/sample/sign-up",
        stop=f"{public_url}/sample/stop",
        page=f"{public_url}/sample/page",
    )


@dataclass(frozen=True)
class Email:
    """A subject and a body in Notify's Markdown."""

    subject: str
    body: str

    @cached_property
    def content_hash(self) -> bytes:
        """SHA-256 (32 bytes) over subject and body; no other pair gives the same input to it."""
        subject = self.subject.encode()
        whole = hashlib.sha256(len(subject).to_bytes(8) + subject)
        whole.update(self.body.encode())
        return whole.digest()


@dataclass(frozen=True)
class Escaping:
    """How what people typed is shown in a body, in a subject and in a link's address."""

    body: Escape
    subject: Escape
    link: Escape


ESCAPED = Escaping(escape, escape_subject, escape_url_part)
"""As it is sent: every character as it was typed."""


class Renderer:
    """Renders the emails of one edition. Its templates are compiled once.

    Raises `TemplateError` with every mistake in them: file, line, what is wrong.
    """

    def __init__(self, edition: Edition, subject_prefix: str = "", *, escaping: Escaping = ESCAPED):
        self._prefix = subject_prefix
        _refuse_mistakes(edition)
        self._places = _places(edition)
        self._body = _part(edition, _all_but_subject, escaping.body, escaping.link)
        self._subject = _subject(edition, escaping)

    @cached_property
    def fields_used(self) -> frozenset[str]:
        """The recipient's fields that the edition's templates name: a list must have them all."""
        return frozenset(self._places)

    def render(self, fields: Mapping[str, str], links: Links) -> Email:
        """Return the email for a recipient with *fields*.

        What the fields hold comes out as those characters, never as Markdown. Raises
        `TemplateError` that names the template's file and line, and every field that is absent;
        never a field's value.
        """
        self._check(fields)
        subject = self._subject.render(fields, links)
        body = self._body.render(fields, links)
        if len(body) * 4 > MOST_BYTES and len(body.encode()) > MOST_BYTES:
            raise TemplateError(f"the body is longer than {MOST_BYTES:,} bytes: Notify refuses it")
        return Email(self._prefix + " ".join(subject.split()), body)

    def _check(self, fields: Mapping[str, str]) -> None:
        for name, place in self._places.items():
            value = fields.get(name)
            if value is None:
                raise self._absent(fields)
            if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
                raise TemplateError(
                    f"{place}: recipient.{name} holds half a character. Mend it in the list"
                )

    def _absent(self, fields: Mapping[str, str]) -> TemplateError:
        return TemplateError(*_absent(self._places, fields))


def columns_missing(edition: Edition, fields: Mapping[str, str]) -> list[str]:
    """Return a mistake for each column that the templates name and a list with *fields* has not.

    For a list that is at hand although the templates have other mistakes too, which hide these.
    """
    try:
        return _absent(_places(edition), fields)
    except TemplateError:
        return []  # a template that cannot be read at all says so by itself


def fields_shown(edition: Edition) -> frozenset[str]:
    """Return the recipient's fields that the templates show as they are, whether blank or not.

    Not those with a `default`, nor those inside an `{% if %}` that asks about them.
    """
    shown: set[str] = set()
    for name, text in edition.templates.items():
        with suppress(TemplateError):  # a template that cannot be read at all says so by itself
            shown |= reading(text, name).shown
    return frozenset(shown)


def _absent(places: Mapping[str, str], fields: Mapping[str, str]) -> list[str]:
    columns = ", ".join(sorted(fields)) or "none"
    return [
        f"{place}: recipient.{name}: the list has no such column{_meant(name, fields)}. "
        f"Its columns are: {columns}"
        for name, place in places.items()
        if fields.get(name) is None
    ]


def _refuse_mistakes(edition: Edition) -> None:
    """Raise `TemplateError` with everything that the templates may not say or name in vain."""
    constants = _constants(edition.campaign)
    problems: list[str] = []
    for name, text in edition.templates.items():
        try:
            tree = parsed(text, name)
        except TemplateError as error:
            problems += error.problems
            continue
        mistakes = read(tree, link_facts=link_facts(constants)).mistakes
        mistakes += rewrite(tree, constants, Variables())
        said = {(mistake.line, mistake.meaning) for mistake in mistakes}
        problems += [f"{TEMPLATES}/{name}:{line}: {meaning}" for line, meaning in sorted(said)]
    if problems:
        raise TemplateError(*problems)


@dataclass(frozen=True)
class _Part:
    """The subject or the body of an edition's emails, compiled."""

    sandbox: TemplateSandbox
    template: jinja2.Template
    variables: Variables
    escape: Escape

    def render(self, fields: Mapping[str, str], links: Links) -> str:
        values = _link_values(links)
        for slot, name in self.variables.ready.items():
            values[slot] = self.escape(fields[name])
        for slot, name in self.variables.typed.items():
            value = fields[name]
            values[slot] = value if isinstance(value, Typed) else Typed(value)
        try:
            # jinja2 promises an iterator; what its compiler writes is a generator.
            pieces = self.template.root_render_func(self.template.new_context(values))
            return self.sandbox.stream(cast("Generator[str, None, None]", pieces))
        except FORESEEN as error:
            raise explained(error) from error


@dataclass(frozen=True)
class _PlainPart:
    """A subject that only shows words, values and links. Most do, and it takes a tenth the time."""

    pieces: tuple[str, ...]  # words and variables in turn, beginning with words
    variables: Variables
    escape: Escape

    def render(self, fields: Mapping[str, str], links: Links) -> str:
        shown = list(self.pieces)
        for at in range(1, len(shown), 2):
            field = self.variables.ready.get(shown[at])
            shown[at] = self.escape(fields[field]) if field else _link_values(links)[shown[at]]
        return "".join(shown)


def _link_values(links: Links) -> dict[str, str]:
    return {
        _SIGN_UP: Markup(links.sign_up),  # noqa: S704 our own link
        _STOP: Markup(links.stop),  # noqa: S704 our own link
        _PAGE: Markup(links.page),  # noqa: S704 our own link
    }


_SIGN_UP = link_variable("sign_up")
_STOP = link_variable("stop")
_PAGE = link_variable("page")


def _part(edition: Edition, shape: Shape, escaping: Escape, in_link: Escape) -> _Part:
    """Compile every template of *edition*, not only those that a render happens to reach."""
    loader = EditionLoader(edition.templates, _constants(edition.campaign), shape)
    sandbox = TemplateSandbox(loader, escape=escaping, escape_in_link=in_link)
    problems: list[str] = []
    for name in edition.templates:
        try:
            sandbox.get_template(name)
        except (jinja2.TemplateError, *TOO_DEEP) as error:
            problems += explained(error, name).problems
    if problems:
        raise TemplateError(*problems)
    template = sandbox.get_template(edition.campaign.template)
    template.globals = dict(
        template.globals
    )  # gone through for each email: a chain of maps is slow
    return _Part(sandbox, template, loader.variables, escaping)


def _all_but_subject(_name: str, tree: nodes.Template) -> None:
    leave_out_block(tree, SUBJECT)


def _subject(edition: Edition, escaping: Escaping) -> _Part | _PlainPart:
    """Compile the subject. Raises `TemplateError` when there is none."""
    chain = _chain(edition)
    blocks = [b for _, tree in chain for b in tree.find_all(nodes.Block) if b.name == SUBJECT]
    if not blocks:
        raise TemplateError(
            f"{TEMPLATES}/{edition.campaign.template}:1: has no subject. "
            "Add a line: {% block subject %}What the email is about{% endblock %}"
        )
    root, _ = chain[-1]

    def only_subject(name: str, tree: nodes.Template) -> None:
        if name == root:
            keep_only_block(tree, SUBJECT)

    part = _part(edition, only_subject, escaping.subject, escaping.link)
    return _plain(blocks[0], edition, escaping.subject) or part


def _chain(edition: Edition) -> list[tuple[str, nodes.Template]]:
    """Return the campaign's template and those that it extends, the campaign's own first."""
    chain: list[tuple[str, nodes.Template]] = []
    name: str | None = edition.campaign.template
    while name is not None:
        tree = parsed(edition.templates[name], name)
        chain.append((name, tree))
        parent = parent_of(tree)
        name = str(parent.template.as_const()) if parent else None
    return chain


def _plain(block: nodes.Block, edition: Edition, escaping: Escape) -> _PlainPart | None:
    variables = Variables()
    whole = nodes.Template([block], lineno=1)
    rewrite(whole, _constants(edition.campaign), variables)
    shown = plain_pieces(block)
    if shown is None:
        return None
    pieces = [""]
    for piece in shown:
        if isinstance(piece, nodes.Name):
            pieces += [piece.name, ""]
        else:
            pieces[-1] += str(piece.as_const())
    return _PlainPart(tuple(pieces), variables, escaping)


def _places(edition: Edition) -> dict[str, str]:
    """Return each recipient's field that the templates name, sorted, with the first place it is."""
    places: dict[str, str] = {}
    for name, text in edition.templates.items():
        for field, line in reading(text, name).fields.items():
            places.setdefault(field, f"{TEMPLATES}/{name}:{line}")
    return dict(sorted(places.items()))


def _meant(name: str, known: Iterable[str]) -> str:
    likely = nearest(name, known)
    return f" (did you mean recipient.{likely}?)" if likely else ""


def _constants(campaign: Campaign) -> Constants:
    return {
        "facts": {name: fact.value for name, fact in campaign.facts.items()},
        "campaign": {
            "name": campaign.name,
            "title": campaign.title,
            "kind": campaign.kind.value,
            "route": campaign.route.value,
            "partner": campaign.partner,
            "send_on": f"{campaign.send_on.day} {campaign.send_on:%B %Y}",
            "form": campaign.form,
            "stop_address": campaign.stop_address,
        },
    }
