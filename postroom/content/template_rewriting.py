"""Makes a template that has passed `template_language.read` ready to be compiled.

Facts, the campaign's fields and the template's own words become constants that are already
Markdown; each `recipient.NAME` or `links.NAME` becomes one plain variable; joins and loops become
filters of ours, which escape and count.

A recipient's field has two variables. Where a template shows it and nothing else, it is *ready*:
escaped once for the whole email, and written as it is. Everywhere else (compared, filtered, handed
to a macro) it is what was *typed*, which the sandbox escapes when it comes to be shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from postroom.content.template_language import Mistake, field_of, unknown_word

Constants = Mapping[str, Mapping[str, str | None]]
"""The values behind `facts` and `campaign`: for each, what is written after its dot."""

JOIN = "(join)"  # the filters that only we can write: an author's name holds no bracket
COUNT = "(count)"


_READY = "_ready_"
_TYPED = "_typed_"
_LINK = "_link_"


@dataclass
class Variables:
    """What the rewritten templates of an edition want passed in: variable → recipient's field."""

    ready: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


def link_variable(name: str) -> str:
    """Return the variable of `links.NAME`."""
    return _LINK + name


def is_ready(node: nodes.Node) -> bool:
    """Say whether *node*, shown, is written as it is: nothing in it is left to escape."""
    return isinstance(node, nodes.Name) and node.name.startswith((_READY, _LINK))


def _named(prefix: str, field_name: str) -> str:
    # Any column heading must give a name that Python takes, and no two the same.
    return prefix + field_name.encode("utf-8", "replace").hex()


class _Rewriter(NodeTransformer):
    """Replaces our names by constants and variables, and plain joins and loops by guarded ones."""

    def __init__(self, constants: Constants, variables: Variables, mistakes: list[Mistake]):
        self._constants = constants
        self._variables = variables
        self._mistakes = mistakes

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802 jinja2 names it
        node.nodes = [self._ready(part) for part in node.nodes]
        return self.generic_visit(node)

    def visit_Const(self, node: nodes.Const) -> nodes.Expr:  # noqa: N802
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
        if group == "links":
            return nodes.Name(link_variable(name), "load", lineno=node.lineno)
        if group == "recipient":
            slot = _named(_TYPED, name)
            self._variables.typed[slot] = name
            return nodes.Name(slot, "load", lineno=node.lineno)
        if group not in self._constants:
            return node
        known = self._constants[group]
        if name not in known:
            self._mistakes.append(Mistake(node.lineno, unknown_word(group, name, known)))
        return _markdown(known.get(name), node)

    def _ready(self, node: nodes.Expr) -> nodes.Expr:
        name = field_of(node)
        if name is None:
            return node
        slot = _named(_READY, name)
        self._variables.ready[slot] = name
        return nodes.Name(slot, "load", lineno=node.lineno)


def rewrite(tree: nodes.Template, constants: Constants, variables: Variables) -> list[Mistake]:
    """Make *tree*, which `read` has passed, ready to compile; return what it names in vain.

    Adds to *variables* those that it will want.
    """
    mistakes: list[Mistake] = []
    _Rewriter(constants, variables, mistakes).visit(tree)
    return mistakes


def plain_pieces(block: nodes.Block) -> list[nodes.Expr] | None:
    """Return what the rewritten *block* shows, if showing is all that it does."""
    pieces: list[nodes.Expr] = []
    for step in block.body:
        if not isinstance(step, nodes.Output):
            return None
        pieces += step.nodes
    plain = all(isinstance(p, nodes.TemplateData | nodes.Const) or is_ready(p) for p in pieces)
    return pieces if plain else None


def _markdown(value: str | None, at: nodes.Node) -> nodes.Const:
    return nodes.Const(None if value is None else Markup(value), lineno=at.lineno)  # noqa: S704


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
