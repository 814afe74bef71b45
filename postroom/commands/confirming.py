"""What commands say of confirmations: which a campaign does not send, and which wait for what."""

from postroom.commands.desk import Desk
from postroom.commands.printing import london, plural
from postroom.content.campaign_file import Campaign
from postroom.content.confirmations import PART, are_sent
from postroom.delivery import confirmations, messages
from postroom.settings import Mode


def not_sent(campaign: Campaign) -> str:
    """Return a sentence on what *campaign* leaves people without, or nothing.

    A campaign whose form is elsewhere takes no sign-ups by itself.
    """
    if campaign.form is not None or are_sent(campaign):
        return ""
    return (
        f"{campaign.name} has no [confirmations]: who signs up, stops our emails or has their "
        "details deleted gets no email about it, only a link to their details when they ask. To "
        "send them all, state what they need: see “Recruit volunteers from an email”."
    )


def that_wait(desk: Desk, mode: Mode, campaign: str = "") -> list[str]:
    """Return a sentence for each campaign, or for *campaign*, whose confirmations wait."""
    with desk.database.read() as session:
        found = confirmations.held_up(session, mode)
    return [
        f"{plural(one.number, 'confirmation')} of {one.campaign} "
        f"{'has' if one.number == 1 else 'have'} waited since {london(one.since)}: {why}."
        for one, why in found
        if campaign in ("", one.campaign)
    ]


def stopped(desk: Desk, mode: Mode, campaign: str) -> str:
    """Return, in a sentence, that the confirmations of *campaign* are stopped; or nothing."""
    with desk.database.read() as session:
        mailing = messages.find_mailing(session, campaign, mode, part=PART)
    if mailing is None or mailing.stopped_at is None:
        return ""
    return (
        f"Its confirmations are stopped: {mailing.stopped_why}. To go on: "
        f"outreach resume {campaign} --confirmations --mode {mode}"
    )


def as_json(desk: Desk, mode: Mode, campaign: str) -> dict[str, object]:
    """Return what `status --json` prints of the confirmations of *campaign* that wait."""
    with desk.database.read() as session:
        found = confirmations.held_up(session, mode)
    mine = [(one, why) for one, why in found if one.campaign == campaign]
    if not mine:
        return {"waiting": 0, "since": None, "why": "", "stopped": stopped(desk, mode, campaign)}
    one, why = mine[0]
    return {
        "waiting": one.number,
        "since": one.since,
        "why": why,
        "stopped": stopped(desk, mode, campaign),
    }
