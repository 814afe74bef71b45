"""The environment templates run in: what people typed is escaped, and work has a limit.

A value is one of two things. `Markup` means "already Markdown": what colleagues wrote in the
template and the facts. Every other string is somebody's typing, and becomes literal characters
at the moment it is shown, joined or put into a link. Nobody has to remember to escape.
"""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any, Self

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as JINJA_TESTS
from markupsafe import Markup

from postroom.content import template_language, template_rewriting
from postroom.content.markdown_escaping import escape_url_part
from postroom.content.template_language import Mistake
from postroom.content.template_lines import keep_line_ends
from postroom.content.template_rewriting import Constants, Variables, rewrite

MOST_CHARACTERS = 2_000_000
"""The longest text a template may make: Notify takes 2,000,000 bytes."""
MOST_STEPS = 20_000
"""The most turns of loops, calls and includes in making one email."""
LONGEST_RANGE = 1_000

Escape = Callable[[str], str]
"""Takes what a person typed, often a `Typed`, and gives Markdown that shows it."""
Shape = Callable[[str, nodes.Template], None]
"""Takes a template's name and tree, and takes away from the tree what is not wanted."""


class TooMuch(jinja2.TemplateRuntimeError):
    """A template asked for more than an email could need."""


class Typed(str):
    """What a person typed, in a list or a form: never Markdown, wherever it is shown."""

    column: str = ""  # of the list, where that is known

    @classmethod
    def of(cls, column: str, value: str) -> Self:
        """Return *value* as what the list says in *column*."""
        typed = cls(value)
        typed.column = column
        return typed


class _CodeGenerator(CodeGenerator):
    """Writes a value that is ready as it is; every other is finalised and escaped when shown."""

    def _output_child_pre(self, node: nodes.Expr, *others: Any) -> None:
        if not template_rewriting.is_ready(node):
            super()._output_child_pre(node, *others)

    def _output_child_post(self, node: nodes.Expr, *others: Any) -> None:
        if not template_rewriting.is_ready(node):
            super()._output_child_post(node, *others)


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """Compiles and runs the templates of one edition. May be used by several threads."""

    code_generator_class = _CodeGenerator

    def __init__(
        self,
        loader: jinja2.BaseLoader | None,
        *,
        escape: Escape,
        escape_in_link: Escape = escape_url_part,
    ):
        super().__init__(
            loader=loader,
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            finalize=self._shown,
            trim_blocks=True,
            lstrip_blocks=True,
            cache_size=-1,
            auto_reload=False,
        )
        self._escape = escape
        self._escape_in_link = escape_in_link
        self._work = threading.local()
        self.globals = {"range": _short_range}
        self.filters = self._filters()
        self.tests = {
            "blank": _is_blank,
            "defined": JINJA_TESTS["defined"],
            "undefined": JINJA_TESTS["undefined"],
        }

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """Return *source* as Jinja is to read it."""
        return keep_line_ends(super().preprocess(source, name, filename))

    def stream(self, pieces: Generator[str, None, None]) -> str:
        """Return *pieces*, which a template yields, as one text. Raises `TooMuch` in time."""
        self._work.steps = 0
        taken: list[str] = []
        length = 0
        for piece in pieces:
            length += len(piece)
            if length > MOST_CHARACTERS:
                pieces.throw(_too_long())  # from inside, so that the error knows its line
            taken.append(piece)
        return "".join(taken)

    def concat(self, pieces: Iterable[str]) -> str:
        """Return *pieces* as one text: macros and blocks kept in a variable are made with this."""
        taken = list(pieces)
        if sum(map(len, taken)) > MOST_CHARACTERS:
            raise _too_long()
        return "".join(taken)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """Call a macro, `range` or `super`, and count it."""
        __self.count(1)
        return super().call(__context, __obj, *args, **kwargs)

    def _load_template(self, name: str, globals: Any) -> jinja2.Template:  # noqa: A002
        self.count(1)  # an include inside a loop is work too
        return super()._load_template(name, globals)

    def count(self, steps: int) -> None:
        """Note *steps* more. Raises `TooMuch` when one email has had its share."""
        self._work.steps = getattr(self._work, "steps", 0) + steps
        if self._work.steps > MOST_STEPS:
            raise TooMuch(f"it takes more than {MOST_STEPS:,} steps to make one email")

    def _shown(self, value: object) -> Markup:
        if isinstance(value, Markup):
            return value
        if isinstance(value, str):
            return Markup(self._escape(value))  # noqa: S704 escaping is what makes it so
        if isinstance(value, int) and not isinstance(value, bool):
            return Markup(value)  # noqa: S704 digits
        if isinstance(value, jinja2.Undefined):
            return Markup(value)  # noqa: S704 says which name has no value
        raise TypeError(f"{_in_words(value)} cannot be shown. Show text or a number")

    @jinja2.pass_context  # or a loop over what the template spells out would be counted once, early
    def _counted(self, _context: Context, values: Iterable[Any]) -> list[Any]:
        taken = list(values)
        self.count(len(taken))
        return taken

    def _joined(self, values: Iterable[Any], between: str = "") -> Markup:
        shown = [self._shown(value) for value in values]
        return Markup(self.concat(_with(self._shown(between), shown)))  # noqa: S704

    def _replaced(self, value: str, old: str, new: str) -> str:
        if isinstance(value, Markup):
            new = self._shown(new)
        self._room_for(value, old, new)
        return _like(value, str(value).replace(str(old), str(new)))

    def _room_for(self, value: str, old: str, new: str) -> None:
        if (len(value) + 1) * max(1, len(new)) > MOST_CHARACTERS and len(old) < len(new):
            raise _too_long()

    def _for_link(self, value: str | int) -> Markup:
        if isinstance(value, str):
            return Markup(self._escape_in_link(value))  # noqa: S704 percent-encoded
        return self._shown(value)

    def _default(self, value: Any, otherwise: Any = "") -> Any:
        return otherwise if _is_blank(value) else value

    def _filters(self) -> dict[str, Callable[..., Any]]:
        ours: dict[str, Callable[..., Any]] = {
            name: _kept(getattr(str, method))
            for name, method in (
                ("capitalize", "capitalize"),
                ("lower", "lower"),
                ("trim", "strip"),
                ("upper", "upper"),
            )
        }
        return ours | {
            "default": self._default,
            "first": _first,
            "join": self._joined,
            "last": _last,
            "length": len,
            "replace": self._replaced,
            "url": self._for_link,
            template_rewriting.JOIN: self._joined,
            template_rewriting.COUNT: self._counted,
        }


def link_facts(constants: Constants) -> set[str]:
    """Return the facts that are links: what a template writes after one is part of its address."""
    facts = constants.get("facts", {})
    return {name for name, value in facts.items() if value and "://" in value}


class EditionLoader(jinja2.BaseLoader):
    """Loads from an edition's files only; each is read, shaped and rewritten, then compiled."""

    def __init__(self, files: Mapping[str, str], constants: Constants, shape: Shape):
        self._files = files
        self._constants = constants
        self._shape = shape
        self._link_facts = link_facts(constants)
        self.variables = Variables()
        """What the templates loaded so far want passed in."""

    def load(
        self,
        environment: jinja2.Environment,
        name: str,
        globals: Any = None,  # noqa: A002 jinja2 names it
    ) -> jinja2.Template:
        if name not in self._files:
            raise jinja2.TemplateNotFound(name)
        tree = environment.parse(self._files[name], name)
        _refuse(name, template_language.read(tree, link_facts=self._link_facts).mistakes)
        self._shape(name, tree)
        _refuse(name, rewrite(tree, self._constants, self.variables))
        code = environment.compile(tree, name, name)
        return environment.template_class.from_code(environment, code, globals or {})


class ForbiddenByLanguage(jinja2.TemplateError):
    """A template says what it may not. Holds every mistake in that template."""

    def __init__(self, template: str, mistakes: list[Mistake]):
        self.template = template
        self.mistakes = mistakes
        super().__init__(f"{template}: {len(mistakes)} mistakes")


def parse(source: str, name: str) -> nodes.Template:
    """Return the syntax tree of *source*, read as every template is."""
    return _READER.parse(source, name)


def _refuse(name: str, mistakes: list[Mistake]) -> None:
    if mistakes:
        raise ForbiddenByLanguage(name, mistakes)


def _too_long() -> TooMuch:
    return TooMuch(f"the text grows beyond {MOST_CHARACTERS:,} characters, which Notify refuses")


def _short_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > LONGEST_RANGE:
        raise TooMuch(f"range is limited to {LONGEST_RANGE:,} numbers")
    return numbers


def _kept(change: Callable[[str], str]) -> Callable[[str], str]:
    """Return *change* as a filter: what was Markdown stays so, what was typed stays typed."""
    return lambda value: _like(value, change(str(value)))


def _like(value: str, changed: str) -> str:
    if isinstance(value, Markup):
        return Markup(changed)  # noqa: S704 it was Markdown before
    return Typed.of(value.column if isinstance(value, Typed) else "", changed)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _first(values: Any) -> Any:
    return next(iter(values), Markup(""))


def _last(values: Any) -> Any:
    return next(iter(reversed(list(values))), Markup(""))


def _with(between: str, parts: list[Markup]) -> Iterator[str]:
    for number, part in enumerate(parts):
        if number:
            yield between
        yield part


def _in_words(value: object) -> str:
    return {"NoneType": "nothing", "list": "a list", "tuple": "a list"}.get(
        type(value).__name__, f"this ({type(value).__name__})"
    )


_READER = TemplateSandbox(None, escape=str)
