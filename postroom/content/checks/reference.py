"""The reference page of the checks, made from the checks themselves."""

from typing import Any

from postroom.content.checks import CHECKS, Check, Rank

_START = """# The checks

`outreach check CAMPAIGN` renders every email and says what is wrong, with the rows it touches.
This page is made from the checks themselves: `python -m postroom.content.checks.reference` writes
it to the screen.
"""
_BLOCKS = (
    "A stop blocks sending until it is mended, or answered with a typed reason that is kept and "
    "that the approver sees."
)
_RANKS = {
    Rank.STOP: f"Stops\n\n{_BLOCKS}",
    Rank.WARN: "Warnings\n\nA warning does not block. Look at each: it is probably right.",
    Rank.ADVICE: "Advice\n\nAdvice does not block. Take it or leave it.",
}


def reference() -> str:
    """Return the page docs/reference/checks.md: every check by rank and name, in Markdown."""
    parts = [_START]
    for rank, start in _RANKS.items():
        parts.append(f"\n## {start}\n")
        parts += (_entry(check) for check in CHECKS if check.rank is rank)
    return "".join(parts)


def _entry(check: Check[Any]) -> str:
    return f"\n### `{check.name}`\n\n{check.meaning}\n\nMend it: {check.mend}\n"


if __name__ == "__main__":
    print(reference(), end="")
