"""The stop link in an email: it ends mail to whoever that email was first sent to, and tells them.

A forwarded email carries the link of its first reader. So they get one email that says what was
stopped, with a link to undo it.
"""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from postroom.audience import suppression
from postroom.content.confirmations import Confirmation, occasion_at
from postroom.delivery import confirmations
from postroom.delivery.confirmations import Happened
from postroom.delivery.preparing import Office
from postroom.tables import Mailing, Message, Scope

THEMSELVES = "themselves"
IN_WORDS = {
    Scope.ANNOUNCEMENTS_AND_RESEARCH: "announcements and invitations to research",
    Scope.RESEARCH: "invitations to research",
}
"""What a stop ends, as the email about it says. Of "everything" nobody can be told by email."""


def stop(
    session: Session, message: Message, mailing: Mailing, scope: Scope, *, now: datetime
) -> bool:
    """Hold back *scope* from whoever *message* was sent to; return False when it already was.

    Does not commit.
    """
    return suppression.add(
        session,
        message.address_key,
        scope=scope,
        reason=f"stop link in {mailing.campaign} ({mailing.mode} mode)",
        who=THEMSELVES,
        now=now,
    )


def tell(
    session: Session,
    root: Path,
    office: Office,
    message: Message,
    mailing: Mailing,
    scope: Scope,
    *,
    now: datetime,
) -> bool:
    """Plan the email that says what was stopped; return whether one goes. Does not commit.

    None goes to the erased, whose address is not held any more, nor after "everything".
    """
    if message.address is None or scope not in IN_WORDS:
        return False
    what = Happened(
        Confirmation.STOPPED,
        mailing.campaign,
        message.address,
        message.address_key,
        {"stopped": IN_WORDS[scope]},
    )
    return confirmations.plan(session, root, office, what, now=now)


def undo(session: Session, message: Message, *, now: datetime) -> bool:
    """End what the stop that *message* tells of began; return whether there was anything to end.

    What somebody stopped later stays. Does not commit.
    """
    lifted = suppression.lift_older(
        session,
        message.address_key,
        scopes=tuple(IN_WORDS),
        than=occasion_at(message.occasion),
        reason="undone by the link in the email about it",
        who=THEMSELVES,
        now=now,
    )
    return bool(lifted)
