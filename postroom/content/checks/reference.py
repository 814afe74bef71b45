"""The reference page of the checks, made from the checks themselves."""

from typing import Any

from postroom.content.checks import CHECKS, Check, Rank

_START = """# The checks

`outreach check CAMPAIGN` renders every email and says what is wrong, with the rows it touches.
This page is made from the checks themselves: `python -m postroom.content.checks.reference` writes
it to the screen.

Dates are judged at the campaign's `send_on`, and once more on the day of a live send.

## What the text is compared with

**The campaign's own facts**, under `[facts]` in its file. Each has a value and a source, and can
carry the arithmetic that gives it, or name the shared fact it must agree with:

```toml
most_to_claim = { value = "£500", source = "Rates of 2024", sum = "20 × £25" }
higher_rate = { value = "£640", source = "Rates of 2024", shared = "grant_band" }
```

A sum is worked out exactly. Its words are units and count for nothing: `20 hours × £25 = £500`.

**Shared facts**, in any file of `facts/`. Facts of one `group` are alternatives, such as the bands
of a grant; `shared` names one fact or one group. A file with a wrong sum is refused, with its line.

```toml
[facts.grant_band_higher]
value = "£640"
sum = "20 hours × £32"
group = "grant_band"
source = "Where the figure is published"
```

**The calendar**, `facts/calendar.toml`: days on which to think twice. It is yours to edit, and a
change to it voids no approval.

```toml
[[periods]]
kind = "pre-election"  # or "school-holiday"
name = "the local elections of 1 May 2025"
first_day = 2025-04-10
last_day = 2025-05-01
source = "Where the dates are published"
```
"""
_BLOCKS = (
    "A stop blocks sending until it is mended, or answered with a typed reason that is kept and "
    "that the approver sees."
)
_RANKS = {
    Rank.STOP: f"Stops\n\n{_BLOCKS}",
    Rank.WARN: "Warnings\n\nA warning does not block, but is probably right: read it, then decide.",
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
