"""What a visitor has in hand while they sign up, or while they see to their own details."""

import threading
from dataclasses import dataclass, field

OF_EVERY_FORM = {"name", "email", "work", "find", "pick", "support"}
"""Steps that ask the same whatever a campaign's file says."""


@dataclass
class Journey:
    """One visitor's answers to one campaign's form, so far."""

    campaign: str
    answers: dict[str, list[str]] = field(default_factory=dict)
    """A step's key → what was answered; an optional step that was passed over has an empty list."""
    asked: object = None
    """The questions and statements of the form, as it had them when these were answered."""
    reference: str = ""  # once signed up; the answers are gone then
    signing_up: threading.Lock = field(default_factory=threading.Lock)

    def keep_to(self, asked: object) -> bool:
        """Forget the answers to what the form asks otherwise by now; return whether it does.

        What somebody is on record as having said yes to is what they read.
        """
        if self.asked == asked:
            return False
        self.asked = asked
        for step in self.answers.keys() - OF_EVERY_FORM:
            self.answers.pop(step, None)
        return True


@dataclass
class Opening:
    """A volunteer who has shown that the mailbox is theirs, and what they are changing."""

    volunteer_id: int
    changing: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """The reference of a sign-up → its answers, with the changes so far."""
    asked: dict[str, object] = field(default_factory=dict)
    """By the same, the questions and statements of its form as they were last shown."""

    def keep_to(self, reference: str, asked: object) -> bool:
        """Forget the changes to a sign-up whose form asks otherwise by now; return whether so."""
        before = self.asked.setdefault(reference, asked)
        if before == asked:
            return False
        self.asked[reference] = asked
        self.changing.pop(reference, None)
        return True
