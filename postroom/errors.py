"""Every error we raise on purpose, drawn as a tree.

    PostroomError                  something foreseen: print it, exit 1
    ├── SettingsError              the settings or the environment need mending
    ├── WorkspaceError             no workspace, or its files are not as they should be
    ├── DatabaseError              no database, a newer one, a locked one, another secret's
    ├── ContentError               a campaign file, template or facts file needs mending
    │   ├── CampaignError
    │   └── TemplateError
    ├── AudienceError              a list or a spreadsheet needs mending
    │   ├── InvalidAddress         (also a ValueError)
    │   ├── UnknownList            a campaign names a list that has not been brought in
    │   ├── WhichSheet             a workbook with several sheets: somebody must say which
    │   ├── WhichColumn            headings that do not say which column holds the addresses
    │   └── WhichEncoding          a text that makes more sense in another encoding than Windows'
    ├── NotPermitted               a rule of ours says no: approval, mode, suppression, agreement
    │   └── OpenStops              stops that nobody has mended or answered (delivery/planning.py)
    ├── TooManyVisitors            more than the machine can hold at once (web/memory.py)
    └── NotifyError                what Notify answered, grouped by what to do next
        ├── Refused                this one message will never be accepted as it is
        ├── Stopped                no message will be accepted until somebody mends something
        ├── Paused                 the rate limit: everybody waits, then goes on
        └── InDoubt                no answer, or a 5xx: it may have been accepted; look it up

A message says what is wrong, where, and what to do. It never holds a person's address or name,
so it may be logged.
"""

import errno
from collections.abc import Sequence

DISK = (errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC))
"""What a disk says when it takes no more. Python then names no file."""


class PostroomError(Exception):
    """Something went wrong that we foresaw.

    `problems` holds every problem found, one line each, in the order a reader would mend them.
    """

    def __init__(self, *problems: str):
        self.problems = problems or ((self.__doc__ or "").splitlines()[0],)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)


def out_of_reach(error: OSError) -> str:
    """Return what *error* says of a file or the disk, and what to do; nothing where of neither."""
    if error.filename is None:
        return f"{error.strerror}. Mend that, and run this again." if error.errno in DISK else ""
    return f"{error.filename}: {error.strerror}. Mend that, or name another place."


class SettingsError(PostroomError):
    """The settings need mending."""


class WorkspaceError(PostroomError):
    """This folder is not a workspace. Make one with: outreach init DIR"""


class DatabaseError(PostroomError):
    """The database cannot be used."""


class ContentError(PostroomError):
    """A campaign, template or facts file needs mending."""


class CampaignError(ContentError):
    """The campaign file needs mending."""


class TemplateError(ContentError):
    """The template needs mending."""


class AudienceError(PostroomError):
    """The list needs mending."""


class InvalidAddress(AudienceError, ValueError):
    """Not an email address that Notify accepts."""


class WhichSheet(AudienceError):
    """More than one sheet of the workbook could be the list."""

    def __init__(self, *problems: str, sheets: Sequence[str]):
        super().__init__(*problems)
        self.sheets = sheets


class UnknownList(AudienceError):
    """A campaign names a list that has not been brought in."""


class WhichColumn(AudienceError):
    """It is not clear which column holds the addresses."""

    def __init__(self, *problems: str, headings: Sequence[str], likely: str = ""):
        super().__init__(*problems)
        self.headings = headings
        self.likely = likely  # the heading over what looks like addresses


class WhichEncoding(AudienceError):
    """It is not certain in which encoding a text was saved."""

    def __init__(self, *problems: str, readings: Sequence[tuple[str, str]]):
        super().__init__(*problems)
        self.readings = readings  # encodings, the likeliest first, each with a word read so


class NotPermitted(PostroomError):
    """This is not permitted as things stand."""


class NotifyError(PostroomError):
    """Notify did not accept this."""


class Refused(NotifyError):
    """Notify refused this one message. It will never be accepted as it is."""


class Stopped(NotifyError):
    """Notify will accept nothing until somebody mends something."""


class Paused(NotifyError):
    """Notify's rate limit was reached. Every sender waits, then goes on more slowly."""


class InDoubt(NotifyError):
    """No answer came, or a 5xx did. Notify may have accepted the message."""
