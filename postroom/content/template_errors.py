"""What went wrong in a template, said with its file and line."""

from functools import lru_cache
from types import TracebackType

import jinja2
from jinja2 import nodes

from postroom.content.template_language import Reading, read
from postroom.content.template_sandbox import ForbiddenByLanguage, parse
from postroom.errors import TemplateError

TEMPLATES = "templates/email"

# What running a template can raise once the language and the sandbox have let it through.
FORESEEN = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
TOO_DEEP = (RecursionError, MemoryError, SyntaxError)
"""What Python says when a template is nested further than it can read or compile."""


def parsed(text: str, name: str) -> nodes.Template:
    """Return the syntax tree of the template *name*. Raises `TemplateError` with file and line."""
    try:
        return parse(text, name)
    except (jinja2.TemplateError, ValueError, *TOO_DEEP) as error:
        raise explained(error, name) from error


@lru_cache(maxsize=128)
def reading(text: str, name: str) -> Reading:
    """Return what the template *name* uses, remembered: not to be changed. Raises as `parsed`.

    A page of the form writes a confirmation of a handful of templates, the same each time.
    """
    return read(parsed(text, name))


def explained(error: BaseException, name: str = "") -> TemplateError:
    """Return *error* as one of ours, with the template's file and line."""
    match error:
        case ForbiddenByLanguage():
            return TemplateError(
                *(f"{TEMPLATES}/{name}:{m.line}: {m.meaning}" for m in error.mistakes)
            )
        case jinja2.TemplateSyntaxError():
            return TemplateError(f"{TEMPLATES}/{error.name}:{error.lineno}: {error.message}")
        case RecursionError() | MemoryError() | SyntaxError():
            meaning = "this goes too deep: it is nested too far, or uses itself"
        case jinja2.UndefinedError():
            meaning = f"{error.message}: it has no value at this point"
        case _:
            meaning = str(error)
    template, line = _place(error.__traceback__) or (name, 1)
    return TemplateError(f"{TEMPLATES}/{template}:{line}: {meaning}")


def _place(traceback: TracebackType | None) -> tuple[str, int] | None:
    """Return the innermost template and its line that *traceback* went through."""
    found = None
    while traceback is not None:
        template = traceback.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            found = template.name, template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return found
