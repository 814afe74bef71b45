"""What a template may say.

Templates are written by colleagues and may come from strangers, so the language is a short list
of what is allowed; all else is refused with its file and line before anything runs.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from jinja2 import nodes

from postroom.content.near_words import did_you_mean, nearest
from postroom.content.template_places import Before

LINKS = ("sign_up", "stop", "page")
FILTERS = (
    "capitalize",
    "default",
    "first",
    "join",
    "last",
    "length",
    "lower",
    "replace",
    "trim",
    "upper",
    "url",
)
TESTS = ("blank", "defined", "undefined")
OURS = ("recipient", "facts", "links", "campaign")
_LOOP = ("index", "index0", "revindex", "revindex0", "first", "last", "length")
_CALLABLE = ("range", "super")

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.CondExpr,
    nodes.For,
    nodes.Block,
    nodes.Extends,
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Macro,
    nodes.Call,
    nodes.Keyword,
    nodes.Assign,
    nodes.AssignBlock,
    nodes.With,
    nodes.Filter,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.List,
    nodes.Tuple,
)
_REFUSED = {
    nodes.BinExpr: "templates do not calculate. State the figure as a fact; join texts with ~",
    nodes.UnaryExpr: "templates do not calculate. State the figure as a fact",
    nodes.CallBlock: "{% call %} is not part of this language. Use a macro's arguments",
    nodes.Scope: "{% autoescape %} is not part of this language. What people typed is always "
    "escaped, and what a template says never is",
    nodes.FilterBlock: "{% filter %} is not part of this language. Put the filter on each value",
    nodes.NSRef: "a value cannot be changed inside another. Use {% set NAME = … %}",
    nodes.Dict: "a template holds no dictionaries. State the values as facts",
}


@dataclass(frozen=True)
class Mistake:
    """Something a template may not say."""

    line: int
    meaning: str


@dataclass
class Reading:
    """What reading one template's syntax tree gave."""

    mistakes: list[Mistake] = field(default_factory=list)
    fields: dict[str, int] = field(default_factory=dict)  # recipient's fields → line first used
    shown: set[str] = field(default_factory=set)
    """The recipient's fields that are shown as they are, with no word for when they are blank."""
    facts: dict[str, int] = field(default_factory=dict)  # facts → line first used
    templates: dict[str, int] = field(default_factory=dict)  # other templates named → line


def read(tree: nodes.Template, *, link_facts: Container[str] = ()) -> Reading:
    """Return what *tree* uses and what it may not say, in the order of its lines.

    *link_facts* names the facts that are links: what a template writes straight after one is part
    of its address.
    """
    reading = Reading()
    reader = _Reader(tree, reading, link_facts)
    reader.read(tree)
    reading.mistakes.sort(key=lambda mistake: mistake.line)
    return reading


def parent_of(tree: nodes.Template) -> nodes.Extends | None:
    """Return the step of *tree* that names the template it extends, if it does."""
    return next((node for node in tree.body if isinstance(node, nodes.Extends)), None)


class _Reader:
    """Walks a tree once, noting as it goes."""

    def __init__(self, tree: nodes.Template, reading: Reading, link_facts: Container[str]):
        self._reading = reading
        self._link_facts = link_facts
        self._modules = set(_imported_modules(tree))
        self._known = self._modules | set(_declared(tree))
        self._before = Before()
        self._asked: list[set[str]] = []  # the fields that the {% if %} around here asks about

    def read(self, node: nodes.Node) -> None:
        if not isinstance(node, _ALLOWED):
            self._refuse(node, _why_not(node))
            return
        rule = getattr(self, f"_read_{type(node).__name__.lower()}", None)
        if rule is None:
            self._read_parts(node)
        else:
            rule(node)

    def _read_parts(self, node: nodes.Node) -> None:
        for part in node.iter_child_nodes():
            self.read(part)

    def _refuse(self, node: nodes.Node, meaning: str) -> None:
        self._reading.mistakes.append(Mistake(_line(node), meaning))

    def _read_template(self, node: nodes.Template) -> None:
        for extends in list(node.find_all(nodes.Extends)):
            if extends not in node.body or extends is not parent_of(node):
                self._refuse(extends, "{% extends %} stands once, at the top of the template")
        self._read_parts(node)

    def _read_block(self, node: nodes.Block | nodes.Macro) -> None:
        # What stands before it in the file is not what will stand before it in the email.
        before, self._before = self._before, Before()
        self._read_parts(node)
        self._before = before

    def _read_macro(self, node: nodes.Macro) -> None:
        self._read_block(node)

    def _read_templatedata(self, node: nodes.TemplateData) -> None:
        self._before.add(node.data)

    def _read_output(self, node: nodes.Output) -> None:
        for part, after in zip_longest(node.nodes, node.nodes[1:]):
            self.read(part)
            if not isinstance(part, nodes.TemplateData):
                self._read_shown(part)
                self._reading.shown.update(set(_shown_as_is(part)).difference(*self._asked))
                self._read_before(part, after)
                self._before.add_value()

    def _is_link(self, node: nodes.Expr) -> bool:
        if not isinstance(node, nodes.Getattr):
            return False
        form = _is_name(node.node, ("campaign",)) and node.attr == "form"
        fact = _is_name(node.node, ("facts",)) and node.attr in self._link_facts
        return form or fact or _is_name(node.node, ("links",))

    def _read_before(self, part: nodes.Expr, after: nodes.Expr | None) -> None:
        """Refuse what a number would make a numbered list of: the one thing no escape prevents."""
        stop = isinstance(after, nodes.TemplateData) and after.data.startswith(".")
        if stop and not _is_authored(part) and self._before.at_start:
            self._refuse(
                part,
                "a value at the start of a line with a full stop after it becomes a numbered list "
                "if it is a number. Put a word before it",
            )

    def _read_shown(self, node: nodes.Expr) -> None:
        """Refuse what is not text, and a value with which a recipient could steer a link."""
        if isinstance(node, nodes.List | nodes.Tuple | nodes.Test | nodes.Compare | nodes.Not):
            self._refuse(node, "only text and numbers can be shown. Use it in {% if … %} or join")
        elif isinstance(node, nodes.Const) and not isinstance(node.value, str | float | int):
            self._refuse(node, "nothing cannot be shown")
        elif self._is_link(node):
            self._before.add_link()
        elif self._before.inside_link and not _is_safe_in_link(node):
            self._refuse(node, "inside a link a value needs the filter url: {{ VALUE|url }}")

    def _read_name(self, node: nodes.Name) -> None:
        name = node.name
        if name in OURS and node.ctx == "load":
            self._refuse(node, f"{name} is not a value of its own. Write {name}.NAME")
        elif node.ctx != "load" and (name in OURS or name in _CALLABLE or name[0] == "_"):
            self._refuse(node, f"{name} cannot be given another meaning. Choose another name")
        elif node.ctx == "load" and name not in self._known:
            self._refuse(node, _unknown_name(name, self._known))

    def _read_getattr(self, node: nodes.Getattr) -> None:
        self._read_part_of(node, node.node, node.attr)

    def _read_getitem(self, node: nodes.Getitem) -> None:
        owner = node.node.name if isinstance(node.node, nodes.Name) else ""
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            self._read_part_of(node, node.node, node.arg.value)
        elif owner in OURS:
            self._refuse(node, f'write {owner}.NAME or {owner}["NAME"]: the name itself, in full')
        else:
            self._refuse(node, "a part of a value cannot be taken by number. Use first or last")

    def _read_part_of(self, node: nodes.Expr, owner: nodes.Expr, name: str) -> None:
        group = owner.name if isinstance(owner, nodes.Name) else ""
        if group == "recipient":
            self._read_field(node, name)
        elif group == "facts":
            self._reading.facts.setdefault(name, node.lineno)
        elif group == "links" and name not in LINKS:
            self._refuse(node, unknown_word("links", name, LINKS))
        elif group == "loop" and name not in _LOOP:
            self._refuse(node, f"loop.{name} is not known. There are: {', '.join(_LOOP)}")
        elif group in self._modules and name.startswith("_"):
            self._refuse(node, f"{group}.{name}: no macro has a name that begins with _")
        elif group not in (*OURS, "loop", *self._modules):
            self._refuse(node, f".{name}: only {', '.join(OURS)} have parts. {_hint(name)}")

    def _read_field(self, node: nodes.Expr, name: str) -> None:
        if name.startswith("_"):
            self._refuse(node, f"recipient.{name}: no column has a name that begins with _")
        else:
            self._reading.fields.setdefault(name, node.lineno)

    def _read_call(self, node: nodes.Call) -> None:
        callee = node.node
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self._refuse(node, "* and ** are not part of this language")
        if not (
            _is_name(callee, (*_CALLABLE, *self._known))
            or (isinstance(callee, nodes.Getattr) and _is_name(callee.node, self._modules))
        ):
            self._refuse(node, f"only macros and range(…) can be called. {_hint(_last(callee))}")
        for part in (*node.args, *node.kwargs):
            self.read(part)

    def _read_for(self, node: nodes.For) -> None:
        if node.recursive:
            self._refuse(node, "a loop cannot be recursive")
        self._read_parts(node)

    def _read_if(self, node: nodes.If) -> None:
        self._asked.append(set(_fields_in(node.test)))
        self._read_parts(node)
        self._asked.pop()

    def _read_filter(self, node: nodes.Filter) -> None:
        if node.name not in FILTERS:
            self._refuse(node, unknown_word("filter", node.name, FILTERS))
        self._read_parts(node)

    def _read_test(self, node: nodes.Test) -> None:
        if node.name not in TESTS:
            self._refuse(node, unknown_word("test", node.name, TESTS))
        self._read_parts(node)

    def _read_named_template(
        self, node: nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport
    ) -> None:
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if isinstance(name, str):
            self._reading.templates.setdefault(name, node.lineno)
        else:
            self._refuse(node, 'name the other template in full, in quotes: "base.md"')

    _read_extends = _read_include = _read_named_template
    _read_import = _read_fromimport = _read_named_template


def field_of(node: nodes.Node) -> str | None:
    """Return NAME when *node* is `recipient.NAME`, however it is written."""
    if isinstance(node, nodes.Getattr) and _is_name(node.node, ("recipient",)):
        return node.attr
    if isinstance(node, nodes.Getitem) and _is_name(node.node, ("recipient",)):
        return str(node.arg.value) if isinstance(node.arg, nodes.Const) else None
    return None


def _fields_in(node: nodes.Node) -> Iterator[str]:
    for part in (node, *node.find_all((nodes.Getattr, nodes.Getitem))):
        if name := field_of(part):
            yield name


def _shown_as_is(node: nodes.Expr) -> Iterator[str]:
    """Yield each of the recipient's fields that *node* shows, blank or not."""
    if isinstance(node, nodes.Concat):
        for part in node.nodes:
            yield from _shown_as_is(part)
    elif isinstance(node, nodes.Filter) and node.node and node.name != "default":
        yield from _shown_as_is(node.node)
    elif name := field_of(node):
        yield name


def _imported_modules(tree: nodes.Template) -> Iterator[str]:
    for node in tree.find_all(nodes.Import):
        yield node.target


def _declared(tree: nodes.Template) -> Iterator[str]:
    """Yield every name that *tree* itself gives a meaning to."""
    for name in tree.find_all(nodes.Name):
        if name.ctx in ("store", "param"):
            yield name.name
    for macro in tree.find_all(nodes.Macro):
        yield macro.name
    for imported in tree.find_all(nodes.FromImport):
        for name_or_pair in imported.names:
            yield name_or_pair if isinstance(name_or_pair, str) else name_or_pair[1]


def _line(node: nodes.Node) -> int:
    """Return the line *node* stands on; where jinja2 made it without one, that of what it holds."""
    within = (part.lineno for part in node.find_all(nodes.Node) if part.lineno)
    return node.lineno or next(within, 1)


def _why_not(node: nodes.Node) -> str:
    for kind, meaning in _REFUSED.items():
        if isinstance(node, kind):
            return meaning
    return f"{type(node).__name__.lower()} is not part of this language"


def _unknown_name(name: str, known: Iterable[str]) -> str:
    meant = did_you_mean(nearest(name, [*OURS, *known]))
    return (
        f"{name} is not known here.{meant} "
        "A template has recipient.NAME, facts.NAME, campaign.NAME and links.NAME"
    )


def unknown_word(what: str, name: str, known: Iterable[str]) -> str:
    named = f"{what}.{name}" if what in OURS else f"the {what} {name}"
    meant = did_you_mean(nearest(name, known))
    return f"{named} is not known.{meant} There are: {', '.join(known) or 'none'}"


def _hint(name: str) -> str:
    return f"Write VALUE|{name}" if name in FILTERS else "See the page “Write a campaign”"


def _last(node: nodes.Node) -> str:
    return node.attr if isinstance(node, nodes.Getattr) else ""


def _is_name(node: nodes.Node, names: Iterable[str]) -> bool:
    return isinstance(node, nodes.Name) and node.name in names


def _is_safe_in_link(node: nodes.Expr) -> bool:
    return _is_authored(node) or (isinstance(node, nodes.Filter) and node.name == "url")


def _is_authored(node: nodes.Expr) -> bool:
    ours = isinstance(node, nodes.Getattr) and _is_name(node.node, ("facts", "campaign", "links"))
    return ours or isinstance(node, nodes.Const)
