"""What `status` says of messages in doubt: until when, and what settles them."""

from postroom.commands.desk import Desk, now
from postroom.commands.printing import london, plural, show, warn
from postroom.delivery import messages
from postroom.delivery.messages import Doubt
from postroom.reports.counts import Standing


def found(desk: Desk, standing: Standing) -> tuple[list[Doubt], list[Doubt]]:
    """Return the messages in doubt that Notify can be asked about, and those it has forgotten."""
    remembers = now() - desk.settings.retention
    with desk.database.read() as session:
        doubts = messages.doubts(session, standing.campaign, standing.mode)
    known: list[Doubt] = []
    forgotten: list[Doubt] = []
    for doubt in doubts:
        old = doubt.asked_at is not None and doubt.asked_at <= remembers
        (forgotten if old else known).append(doubt)
    return known, forgotten


def show_all(desk: Desk, standing: Standing) -> None:
    """Show each message in doubt under what may be done about it."""
    known, forgotten = found(desk, standing)
    if known:
        _show_known(known, standing)
    if forgotten:
        warn(
            f"{plural(len(forgotten), 'email')} in doubt for longer than Notify remembers: nobody "
            "can look it up any more. Find out what became of it, and say so: outreach settle "
            f"{standing.campaign} --mode {standing.mode} --reference REFERENCE --as sent|not-sent "
            "--reason TEXT"
        )
        for doubt in forgotten:
            asked = london(doubt.asked_at) if doubt.asked_at else "an unknown time"
            show(f"  {_named(doubt)}: asked for on {asked}; {doubt.reason}")


def _show_known(known: list[Doubt], standing: Standing) -> None:
    until = max((doubt.until for doubt in known if doubt.until), default=now())
    when = f" until {london(until)}; then" if until > now() else ". You can look now:"
    settles = f"`outreach sync --mode {standing.mode}`"
    if not all(doubt.part for doubt in known):  # confirmations are none of `send`'s business
        settles = f"`outreach send {standing.campaign} --mode {standing.mode}` or {settles}"
    warn(f"{plural(len(known), 'email')} in doubt{when} {settles} settles it.")
    for doubt in known:
        show(f"  {_named(doubt)}: {doubt.reason}")


def _named(doubt: Doubt) -> str:
    return f"{doubt.reference} (a confirmation)" if doubt.part else doubt.reference
