"""What `doctor` finds: how one thing is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How one thing is."""

    GOOD = "ok"
    NOTE = "note"
    BAD = "stop"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it is, and what to do."""

    verdict: Verdict
    about: str
    says: str
