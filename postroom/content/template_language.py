"""What a template may say, and how what it says is made ready to be compiled.

Templates are written by colleagues and may come from strangers, so the language is a short list
of what is allowed; all else is refused with its file and line before anything runs. What passes
is rewritten: facts, the campaign's fields and the template's own words become constants that are
already Markdown, and each `recipient.NAME` or `links.NAME` becomes one plain variable.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

Constants = Mapping[str, Mapping[str, str | None]]
"""The values behind `facts` and `campaign`: for each, what is written after its dot."""

LINKS = ("sign_up", "stop")
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
JOIN = "(join)"  # the filters that only we can write: an author's name holds no bracket
COUNT = "(count)"
_OURS = ("recipient", "facts", "links", "campaign")
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
    nodes.FilterBlock: "{% filter %} is not part of this language. Put the filter on each value",
    nodes.NSRef: "a value cannot be changed inside another. Use {% set NAME = … %}",
    nodes.Dict: "a template holds no dictionaries. State the values as facts",
    nodes.Slice: "a template cannot cut a value. Put the part you need in the list or the facts",
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
    templates: dict[str, int] = field(default_factory=dict)  # other templates named → line


def read(tree: nodes.Template) -> Reading:
    """Return what *tree* uses and what it may not say, in the order of its lines."""
    reading = Reading()
    reader = _Reader(tree, reading)
    reader.read(tree)
    reading.mistakes.sort(key=lambda mistake: mistake.line)
    return reading


def parent_of(tree: nodes.Template) -> nodes.Extends | None:
    """Return the step of *tree* that names the template it extends, if it does."""
    return next((node for node in tree.body if isinstance(node, nodes.Extends)), None)


def leave_out_block(tree: nodes.Template, name: str) -> None:
    """Take the block *name* out of *tree*, so that it makes all but that."""
    _WithoutBlock(name).visit(tree)


def keep_only_block(tree: nodes.Template, name: str) -> None:
    """Make *tree*, which extends nothing, give its block *name* and nothing else."""
    blocks = [block for block in tree.find_all(nodes.Block) if block.name == name]
    empty = nodes.Block(name, [], False, False, lineno=1)  # noqa: FBT003 jinja2 has it so
    steps = [node for node in tree.body if isinstance(node, nodes.Assign | nodes.Import)]
    imports = [node for node in tree.body if isinstance(node, nodes.FromImport | nodes.Macro)]
    tree.body = [*steps, *imports, *(blocks[:1] or [empty])]


class _WithoutBlock(NodeTransformer):
    def __init__(self, name: str):
        self._name = name

    def visit_Block(self, node: nodes.Block) -> nodes.Node | None:  # noqa: N802 jinja2 names it
        return None if node.name == self._name else self.generic_visit(node)


def variable(group: str, name: str) -> str:
    """Return the name under which the value of `recipient.NAME` or `links.NAME` is passed in."""
    # Any column heading must give a name that Python takes, and no two the same.
    return f"_{group}_{name.encode('utf-8', 'replace').hex()}"


class _Reader:
    """Walks a tree once, noting as it goes."""

    def __init__(self, tree: nodes.Template, reading: Reading):
        self._reading = reading
        self._modules = set(_imported_modules(tree))
        self._known = self._modules | set(_declared(tree))
        self._text = ""  # what was written just before, for the rule about links

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
        self._reading.mistakes.append(Mistake(node.lineno, meaning))

    def _read_template(self, node: nodes.Template) -> None:
        for extends in list(node.find_all(nodes.Extends)):
            if extends not in node.body or extends is not parent_of(node):
                self._refuse(extends, "{% extends %} stands once, at the top of the template")
        self._read_parts(node)

    def _read_templatedata(self, node: nodes.TemplateData) -> None:
        self._text = (self._text + node.data)[-2_000:]

    def _read_output(self, node: nodes.Output) -> None:
        for part in node.nodes:
            self.read(part)
            if not isinstance(part, nodes.TemplateData):
                self._read_shown(part)

    def _read_shown(self, node: nodes.Expr) -> None:
        """Note a shown value; refuse one that a recipient could steer a link with."""
        if _is_link(node):
            self._text += "https://link"
        elif _inside_link(self._text) and not _is_safe_in_link(node):
            self._refuse(node, "inside a link a value needs the filter url: {{ VALUE|url }}")

    def _read_name(self, node: nodes.Name) -> None:
        name = node.name
        if name in _OURS and node.ctx == "load":
            self._refuse(node, f"{name} is not a value of its own. Write {name}.NAME")
        elif node.ctx != "load" and (name in _OURS or name in _CALLABLE or name[0] == "_"):
            self._refuse(node, f"{name} cannot be given another meaning. Choose another name")
        elif node.ctx == "load" and name not in self._known:
            self._refuse(node, _unknown_name(name, self._known))

    def _read_getattr(self, node: nodes.Getattr) -> None:
        self._read_part_of(node, node.node, node.attr)

    def _read_getitem(self, node: nodes.Getitem) -> None:
        owner = node.node.name if isinstance(node.node, nodes.Name) else ""
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            self._read_part_of(node, node.node, node.arg.value)
        elif owner in _OURS:
            self._refuse(node, f'write {owner}.NAME or {owner}["NAME"]: the name itself, in full')
        else:
            self._refuse(node, "a part of a value cannot be taken by number. Use first or last")

    def _read_part_of(self, node: nodes.Expr, owner: nodes.Expr, name: str) -> None:
        group = owner.name if isinstance(owner, nodes.Name) else ""
        if group == "recipient":
            self._read_field(node, name)
        elif group == "links" and name not in LINKS:
            self._refuse(node, f"links.{name} is not known. There are links.sign_up and links.stop")
        elif group == "loop" and name not in _LOOP:
            self._refuse(node, f"loop.{name} is not known. There are: {', '.join(_LOOP)}")
        elif group not in (*_OURS, "loop", *self._modules):
            self._refuse(node, f".{name}: only {', '.join(_OURS)} have parts. {_hint(name)}")

    def _read_field(self, node: nodes.Expr, name: str) -> None:
        if name.startswith("_"):
            self._refuse(node, f"recipient.{name}: no column has a name that begins with _")
        else:
            self._reading.fields.setdefault(name, node.lineno)

    def _read_call(self, node: nodes.Call) -> None:
        callee = node.node
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self._refuse(node, "* and ** are not part of this language")
        if (isinstance(callee, nodes.Name) and callee.name in (*_CALLABLE, *self._known)) or (
            isinstance(callee, nodes.Getattr) and _is_name(callee.node, self._modules)
        ):
            pass
        else:
            self._refuse(node, f"only macros and range(…) can be called. {_hint(_last(callee))}")
        for part in (*node.args, *node.kwargs):
            self.read(part)

    def _read_for(self, node: nodes.For) -> None:
        if node.recursive:
            self._refuse(node, "a loop cannot be recursive")
        self._read_parts(node)

    def _read_filter(self, node: nodes.Filter) -> None:
        if node.name not in FILTERS:
            self._refuse(node, _unknown_word("filter", node.name, FILTERS))
        self._read_parts(node)

    def _read_test(self, node: nodes.Test) -> None:
        if node.name not in TESTS:
            self._refuse(node, _unknown_word("test", node.name, TESTS))
        self._read_parts(node)

    def _read_extends(self, node: nodes.Extends) -> None:
        self._read_named_template(node)

    def _read_include(self, node: nodes.Include) -> None:
        self._read_named_template(node)

    def _read_import(self, node: nodes.Import) -> None:
        self._read_named_template(node)

    def _read_fromimport(self, node: nodes.FromImport) -> None:
        self._read_named_template(node)

    def _read_named_template(
        self, node: nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport
    ) -> None:
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if isinstance(name, str):
            self._reading.templates.setdefault(name, node.lineno)
        else:
            self._refuse(node, 'name the other template in full, in quotes: "base.md"')


class _Rewriter(NodeTransformer):
    """Replaces our names by constants and variables, and plain joins and loops by guarded ones."""

    def __init__(self, constants: Constants, mistakes: list[Mistake]):
        self._constants = constants
        self._mistakes = mistakes

    def visit_Const(self, node: nodes.Const) -> nodes.Expr:  # noqa: N802 jinja2 names it
        value = node.value
        return _markdown(value, node) if isinstance(value, str) else node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802
        return self._value(node, node.node, node.attr)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        name = node.arg.value if isinstance(node.arg, nodes.Const) else ""
        return self._value(node, node.node, str(name))

    def visit_Test(self, node: nodes.Test) -> nodes.Node:  # noqa: N802
        part = node.node
        if node.name in ("defined", "undefined") and isinstance(part, nodes.Getattr):
            group = part.node.name if isinstance(part.node, nodes.Name) else ""
            if group in self._constants:
                known = self._constants[group].get(part.attr) is not None
                return nodes.Const(known is (node.name == "defined"), lineno=node.lineno)
        return self.generic_visit(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, JOIN, [], [], None, None, lineno=node.lineno)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, COUNT, [], [], None, None, lineno=node.lineno)
        return node

    def visit_Import(self, node: nodes.Import) -> nodes.Node:  # noqa: N802
        node.with_context = True  # a macro may use the recipient without being handed it
        return node

    def visit_FromImport(self, node: nodes.FromImport) -> nodes.Node:  # noqa: N802
        node.with_context = True
        return node

    def _value(self, node: nodes.Expr, owner: nodes.Expr, name: str) -> nodes.Node:
        group = owner.name if isinstance(owner, nodes.Name) else ""
        if group in ("recipient", "links"):
            return nodes.Name(variable(group, name), "load", lineno=node.lineno)
        if group not in self._constants:
            return node
        known = self._constants[group]
        if name not in known:
            self._mistakes.append(Mistake(node.lineno, _unknown_word(group, name, known)))
        return _markdown(known.get(name), node)


def rewrite(tree: nodes.Template, constants: Constants) -> list[Mistake]:
    """Make *tree*, which `read` has passed, ready to compile; return what it names in vain."""
    mistakes: list[Mistake] = []
    _Rewriter(constants, mistakes).visit(tree)
    return mistakes


def _markdown(value: str | None, at: nodes.Node) -> nodes.Const:
    return nodes.Const(None if value is None else Markup(value), lineno=at.lineno)  # noqa: S704


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


def _why_not(node: nodes.Node) -> str:
    for kind, meaning in _REFUSED.items():
        if isinstance(node, kind):
            return meaning
    return f"{type(node).__name__.lower()} is not part of this language"


def _unknown_name(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, [*_OURS, *known], n=1)
    meant = f"Did you mean {close[0]}? " if close else ""
    return (
        f"{name} is not known here. {meant}"
        "A template has recipient.NAME, facts.NAME, campaign.NAME and links.NAME"
    )


def _unknown_word(what: str, name: str, known: Iterable[str]) -> str:
    named = f"{what}.{name}" if what in _OURS else f"the {what} {name}"
    close = difflib.get_close_matches(name, list(known), n=1)
    meant = f" Did you mean {close[0]}?" if close else ""
    return f"{named} is not known.{meant} There are: {', '.join(known) or 'none'}"


def _hint(name: str) -> str:
    return f"Write VALUE|{name}" if name in FILTERS else "See docs/how-to/write-a-campaign.md"


def _last(node: nodes.Node) -> str:
    return node.attr if isinstance(node, nodes.Getattr) else ""


def _is_name(node: nodes.Node, names: Iterable[str]) -> bool:
    return isinstance(node, nodes.Name) and node.name in names


def _is_link(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Getattr) and _is_name(node.node, ("links",))


def _is_safe_in_link(node: nodes.Expr) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name == "url"
    authored = isinstance(node, nodes.Getattr) and _is_name(node.node, ("facts", "campaign"))
    return authored or isinstance(node, nodes.Const)


def _inside_link(text: str) -> bool:
    """Say whether what follows *text* would be part of a link's address."""
    # Written out rather than as a pattern: a pattern over a long line can take very long.
    word = text[max(text.rfind(" "), text.rfind("\n")) + 1 :]
    target = word.rfind("](")
    scheme = max(word.rfind("http://"), word.rfind("https://"))
    return target > word.rfind(")") or scheme > max(word.rfind(")"), word.rfind(">"), -1)
