"""Every table, one module a room. Any room may read any table; only its owner writes it."""

from postroom.tables.audience import (
    ContactKind,
    Membership,
    Recipient,
    RecipientList,
    Scope,
    Suppression,
)
from postroom.tables.ground import Event, Identity, JournalEntry, KnownJournal
from postroom.tables.outbox import (
    Approval,
    ApprovalRequest,
    Attempt,
    Edition,
    Mailing,
    Message,
    Pace,
    ReadBack,
    Status,
    StopAnswer,
    Stray,
)
from postroom.tables.partners import Agreement, Partner, PartnerSend
from postroom.tables.research import (
    AwaitedSignUp,
    ImportedAnswer,
    Permission,
    SignUp,
    SupportNeed,
    UsedLink,
    Volunteer,
)
from postroom.tables.schools import School
from postroom.tables.work import Schedule, ScheduleState, Worker

__all__ = [
    "Agreement",
    "Approval",
    "ApprovalRequest",
    "Attempt",
    "AwaitedSignUp",
    "ContactKind",
    "Edition",
    "Event",
    "Identity",
    "ImportedAnswer",
    "JournalEntry",
    "KnownJournal",
    "Mailing",
    "Membership",
    "Message",
    "Pace",
    "Partner",
    "PartnerSend",
    "Permission",
    "ReadBack",
    "Recipient",
    "RecipientList",
    "Schedule",
    "ScheduleState",
    "School",
    "Scope",
    "SignUp",
    "Status",
    "StopAnswer",
    "Stray",
    "SupportNeed",
    "Suppression",
    "UsedLink",
    "Volunteer",
    "Worker",
]
