"""What a visitor has in hand while they sign up, or while they see to their own details."""

import threading
from dataclasses import dataclass, field


@dataclass
class Journey:
    """One visitor's answers to one campaign's form, so far."""

    campaign: str
    answers: dict[str, list[str]] = field(default_factory=dict)
    """A step's key → what was answered; an optional step that was passed over has an empty list."""
    reference: str = ""  # once signed up; the answers are gone then
    signing_up: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Opening:
    """A volunteer who has shown that the mailbox is theirs, and what they are changing."""

    volunteer_id: int
    changing: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """The reference of a sign-up → its answers, with the changes so far."""
