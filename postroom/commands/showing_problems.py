"""What a check found, as people read it in the terminal: gravest first, with the answers to it."""

from collections.abc import Callable, Sequence

from postroom.commands.desk import Desk
from postroom.commands.printing import show_point
from postroom.content.checks import Problem
from postroom.delivery import stop_answers


def _nowhere(_problem: Problem) -> str:
    return ""


def show_found(
    desk: Desk,
    campaign: str,
    problems: Sequence[Problem],
    *,
    rows_of: Callable[[Problem], str] = _nowhere,
) -> None:
    """Print *problems*, each with its rows as *rows_of* words them, and why a stop may stand."""
    with desk.database.read() as session:
        given = stop_answers.answers(session, campaign)
    for problem in problems:
        rows = rows_of(problem)
        said = [f"{problem.text} ({rows})" if rows else problem.text]
        if answer := stop_answers.answer_to(given, problem):
            said.append(f"It may stand, says {answer.who}: {answer.reason}")
        show_point(f"  {problem.rank.label:8} ", " ".join(said))
