"""What `serve` and `worker` share: confirmations are sent as soon as they are due.

In local and test mode no mail reaches anybody, so whoever starts this approves their texts by it.
In live mode they leave once somebody has switched them on.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

import typer

from postroom.commands.approving_texts import confirmations_of, record, refuse_open_stops
from postroom.commands.confirming import not_sent
from postroom.commands.desk import Desk, now
from postroom.commands.letting_go import act
from postroom.commands.printing import ask, london, plural, say, show, warn
from postroom.content.campaign_file import FOLDER, campaign_names
from postroom.content.confirmations import PART
from postroom.delivery import approval as approvals
from postroom.delivery import confirmations, fixed_texts, tracking, workers
from postroom.delivery.approval import Terms
from postroom.delivery.confirmations import Waiting
from postroom.delivery.gateway import Notify
from postroom.errors import (
    ContentError,
    DatabaseError,
    NotifyError,
    NotPermitted,
    PostroomError,
)
from postroom.research import replaying
from postroom.settings import Mode
from postroom.tables import Approval, Mailing

ApprovedTextsOption = Annotated[
    int | None,
    typer.Option(
        "--approved", help="Live only, beside --yes: how many texts of confirmations are approved."
    ),
]

LOOK_EVERY = 1.0  # seconds
AFTER_TROUBLE = 10.0  # seconds
DOUBLINGS = 6  # of that, for what goes wrong again and again: to nearly eleven minutes


@dataclass
class Rest:
    """How long something that went wrong is left alone: twice as long each time."""

    times: int = 0
    until: float = 0.0  # monotonic

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until

    def lengthen(self) -> None:
        self.until = time.monotonic() + AFTER_TROUBLE * 2 ** min(self.times, DOUBLINGS)
        self.times += 1


@dataclass
class Poster:
    """Sends the confirmations of one mode, from one process."""

    desk: Desk
    mode: Mode
    notify: Notify
    ended: threading.Event
    check_site: Callable[[str], None] = lambda _campaign: None
    """Raises `NotPermitted` when the links would lead nowhere. `serve` is the site itself."""
    rests: dict[int, Rest] = field(default_factory=lambda: defaultdict(Rest))
    """By mailing: of those whose last run had to end early."""
    rests_of_messages: dict[int, Rest] = field(default_factory=lambda: defaultdict(Rest))
    """Of those for which no usable answer came. They hold up no others."""
    told: set[str] = field(default_factory=set)
    """What was said of confirmations that may not leave: once, and not every second."""

    def look(self) -> int:
        """Send what is due; return how many were accepted. Commits as it goes.

        Raises `NotifyError` when Notify does not answer: they wait for the next look.
        """
        self._settle_doubts()
        with self.desk.database.read() as session:
            due = confirmations.waiting(session, self.mode, but_not=self._resting())
        ready = (one for one in due if self.rests[one.mailing_id].is_over)
        return sum(self._send(one) for one in ready if not self.ended.is_set())

    def _resting(self) -> list[int]:
        return [message for message, rest in self.rests_of_messages.items() if not rest.is_over]

    def _settle_doubts(self) -> None:
        """Look up confirmations of which nobody knows whether Notify took them."""
        settings = self.desk.settings
        with self.desk.database.read() as session:
            ids = workers.doubts_due(
                session,
                self.mode,
                waits=settings.waits(self.mode),
                retention=settings.retention,
                now=now(),
            )
            theirs = [one for one in ids if session.get_one(Mailing, one).part == PART]
        for mailing_id in theirs:
            tracking.resolve_doubts(
                self.desk.database,
                self.notify,
                mailing_id,
                waits=settings.waits(self.mode),
                retention=settings.retention,
                now=now(),
            )

    def keep_looking(self) -> None:
        """Look every second until `ended` is set; after trouble, said once, every ten."""
        pause = 0.0
        while not self.ended.wait(pause):
            try:
                self.look()
                pause = LOOK_EVERY
            except PostroomError as trouble:
                self._tell(f"{trouble} Trying again every {AFTER_TROUBLE:.0f} seconds.")
                pause = AFTER_TROUBLE

    def _send(self, due: Waiting) -> int:
        try:
            approval = self._approval(due)
            if approval is None or not self._may_leave(due, approval):
                return 0
            replaying.replay(self.desk.database, now=now())  # a restored database lacks opt-outs
            run = confirmations.send_waiting(
                self.desk.database,
                self.notify,
                self.desk.office(self.mode),
                approval,
                clock=now,
                interrupted=self.ended,
                but_not=self._resting(),
            )
        except (NotifyError, DatabaseError):
            raise  # no other campaign's would leave either
        except PostroomError as hindrance:
            self._tell(f"{due.campaign}: its confirmations wait. {hindrance}")
            return 0
        for message in run.doubts:
            self.rests_of_messages[message].lengthen()
        if not run.ended_because:
            self.rests.pop(due.mailing_id, None)
        elif not self.ended.is_set():
            self.rests[due.mailing_id].lengthen()
            self._tell(f"{due.campaign}: confirmations are held: {run.ended_because}")
        return run.tally["accepted"]

    def _approval(self, due: Waiting) -> Approval | None:
        with self.desk.database.read() as session:
            approval = approvals.standing(session, due.mailing_id)
        if approval is None and self.mode in (Mode.LOCAL, Mode.TEST):
            return approve_here(self.desk, due.campaign, self.mode, self._terms())
        return approval

    def _may_leave(self, due: Waiting, approval: Approval) -> bool:
        if not confirmations.may_leave(approval, self.mode):
            verb = "has" if due.number == 1 else "have"
            self._tell(
                f"{plural(due.number, 'confirmation')} of {due.campaign} {verb} waited since "
                f"{london(due.since)}: they are approved, and not switched on. Start this again "
                "in a terminal to switch them on."
            )
            return False
        self.check_site(due.campaign)
        if differences := self._terms().differences(approval.terms):
            raise NotPermitted(
                "Since its confirmations were approved:",
                *(f"  - {one}" for one in differences),
                f"Undo that, or approve them again: outreach approve {due.campaign} "
                f"--confirmations --mode {self.mode}",
            )
        return True

    def _terms(self) -> Terms:
        return approvals.terms_of(self.notify, self.notify.template(), self.desk.settings)

    def _tell(self, what: str) -> None:
        if what not in self.told:
            self.told.add(what)
            warn(f"{london(now())}: {what}")


def approve_here(desk: Desk, campaign: str, mode: Mode, terms: Terms) -> Approval:
    """Approve the confirmations of *campaign* by this person's starting to send them.

    For modes in which no mail reaches anybody. Commits. Raises `OpenStops` while one is open.
    """
    texts = confirmations_of(desk, desk.edition(campaign), mode)
    with desk.database.read() as session:
        standing = fixed_texts.standing_approval(session, texts, mode)
    if standing is not None:
        return standing
    facts = {name: fact.value for name, fact in texts.edition.campaign.facts.items()}
    refuse_open_stops(desk, texts, mode)
    approval = record(desk, texts, mode, terms, facts, typist=desk.who(mode))
    say(f"{campaign}: {texts.what} approved in {mode.upper()} mode, by starting this.")
    return approval


def say_what_cannot_be_confirmed(desk: Desk, mode: Mode) -> None:
    """Say which campaigns leave people without a word of what they did, and why."""
    for name in campaign_names(desk.workspace.root / FOLDER):
        try:
            edition = desk.edition(name)
            if sentence := not_sent(edition.campaign):
                say(sentence)
            refuse_open_stops(desk, confirmations_of(desk, edition, mode), mode)
        except (ContentError, NotPermitted) as error:
            warn(f"{name}: its confirmations cannot be sent. {error}")


def offer_to_switch_on(desk: Desk, mode: Mode, *, approved: int | None, yes: bool) -> None:
    """Ask whether confirmations that are approved for live shall leave from now on. Commits.

    *approved* is how many texts were approved, as a script has to say beside *yes*.
    """
    if mode is not Mode.LIVE:
        return
    with desk.database.read() as session:
        off = confirmations.switched_off(session, mode)
        named = {one.id: approvals.campaign_of(session, one) for one in off}
    for approval in off:
        campaign = named[approval.id]
        with desk.database.read() as session:
            letters = confirmations.subjects(session, approval, desk.office(mode))
        say(
            f"{campaign}: confirmations approved on {london(approval.approved_at)}, and not "
            "switched on:"
        )
        for subject in letters:
            say(f"  {subject}")
        if yes and approved != len(letters):
            raise NotPermitted(
                f"In live mode say how many texts were approved: --approved {len(letters)}"
            )
        if ask("Send them from now on to everybody who signs up, stops or asks?", yes=yes):
            _switch_on(desk, approval, campaign, mode)


def _switch_on(desk: Desk, approval: Approval, campaign: str, mode: Mode) -> None:
    who = desk.who(mode)
    assert approval.id is not None  # noqa: S101  # it was read from the database
    with desk.database.write() as session:
        confirmations.switch_on(session, approval.id, who=who, now=now())
        session.add(act(who, "switched on confirmations", campaign, mode))
    show(
        f"Confirmations of {campaign} are switched on. Off again: outreach stop {campaign} "
        f"--confirmations --mode {mode}"
    )
