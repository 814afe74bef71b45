"""One cell of an export at a time: what it says, or why it cannot be taken."""

from collections.abc import Iterable, Mapping, Sequence

from postroom.audience.addresses import normalise, tidied
from postroom.content.form_mapping import PermissionMapping
from postroom.content.same_words import as_compared, as_typed
from postroom.content.signup_form import Choose, Question
from postroom.errors import InvalidAddress
from postroom.research import form_choices
from postroom.research.cleaning import one_line, several_lines

LONGEST = {"name": 200, "role": 200, "school": 200, "telephone": 40, "support": 4_000}
"""Characters."""
LONGEST_ANSWER = 200


class Fault(Exception):
    """Why a cell cannot be taken. Its value is for the importer's terminal only."""

    def __init__(self, field: str, value: str, why: str, remedy: str, unknown: Sequence[str] = ()):
        self.field, self.value, self.why, self.remedy = field, value, why, remedy
        self.unknown = unknown
        """Answers that are none of the question's options."""
        super().__init__(why)


def line(text: str, field: str) -> str:
    """Return *text* on one line, without what cannot be seen. Raises `Fault` when it is long."""
    said = one_line(text)
    if len(said) > LONGEST.get(field, LONGEST_ANSWER):
        raise Fault(
            field,
            said,
            f"It has more than {LONGEST.get(field, LONGEST_ANSWER)} characters.",
            "Shorten it, or look whether the mapping file names the right column.",
        )
    return said


def lines(text: str, field: str) -> str:
    """Return *text* with its lines kept, otherwise as `line` cleans each."""
    said = several_lines(text)
    if len(said) > LONGEST[field]:
        # What would help somebody may tell of their health: it is not shown.
        raise Fault(field, "", f"It has more than {LONGEST[field]:,} characters.", "Shorten it.")
    return said


def address(text: str) -> str:
    """Return the address, as it is typed but for spaces. Raises `Fault`."""
    typed = tidied(text)
    together = "".join(typed.split())  # dictation puts spaces into addresses
    try:
        normalise(typed)
    except InvalidAddress as error:
        if typed.count("@") == 1 and together != typed:
            return address(together)
        remedy = "Correct the address, or ask them for it."
        why = str(error)
        if typed.lower() == "anonymous":
            why = "The form did not ask who they are, and the tool wrote “anonymous”."
            remedy = "Name the question that asked for the address in the mapping file."
        raise Fault("email", typed, why, remedy) from None
    return typed


def answer(
    cells: Iterable[str],
    name: str,
    question: Question,
    *,
    known_as: Mapping[str, str],
    separator: str,
) -> list[str]:
    """Return which options of *question* the *cells* say, and what was typed beside them.

    *known_as* gives what else the form calls an option. Without a *separator* each cell is one
    answer. Raises `Fault` for an answer that is no option, where the question has none for
    "something else", and for several where it takes one.
    """
    canonical = {as_compared(option): option for option in question.all_options}
    options = {as_typed(option): option for option in question.all_options}
    options |= {as_typed(said): canonical[as_compared(known_as[said])] for said in known_as}
    found: list[str] = []
    others: list[str] = []
    for cell in filter(None, cells):
        chosen = _chosen(cell, options, separator)
        found += [options[said] for said in chosen.options]
        others += [line(said, name) for said in chosen.others]
    if others and not question.other:
        raise Fault(
            name,
            "; ".join(others),
            "It is none of the question’s options.",
            f"Say under [questions.{name}.answers] which one it is, or correct it.",
            unknown=others,
        )
    said = list(dict.fromkeys([*found, *others]))
    if question.choose is Choose.ONE and len(said) > 1:
        why = "There are several answers, and the question takes one."
        raise Fault(name, "; ".join(said), why, "Keep the one that is meant.")
    return said


def said_yes(cell: str, permission: PermissionMapping, every_answer: Iterable[str]) -> bool:
    """Return whether *cell* is exactly an accepted answer, or has one among several.

    Several are told apart only where the mapping file gives a separator. Commas may stand within
    a sentence ("Yes, but not by telephone"), so between commas each answer must be one of
    *every_answer*: those that the mapping file knows of this column.
    """
    accepted = {_as_answer(one) for one in permission.accepted}
    if _as_answer(cell) in accepted:
        return True
    if not permission.separator:
        return False
    chosen = form_choices.split(cell, {as_typed(one) for one in every_answer}, permission.separator)
    if chosen.others and permission.separator == ",":
        return False
    return any(_as_answer(one) in accepted for one in chosen.options)


def _chosen(cell: str, options: Mapping[str, str], separator: str) -> form_choices.Chosen:
    if separator:
        return form_choices.split(cell, options, separator)
    same = [said for said in options if as_compared(said) == as_compared(cell)]
    return form_choices.Chosen(tuple(same[:1]), () if same else (as_typed(cell),))


def _as_answer(text: str) -> str:
    return as_typed(text).rstrip("; ")  # Microsoft Forms ends every answer of a list with one
