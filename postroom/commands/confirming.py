"""What `status` and `doctor` say of confirmations that wait: how many, since when, and for what."""

from postroom.commands.desk import Desk
from postroom.commands.printing import london, plural
from postroom.delivery import confirmations
from postroom.settings import Mode


def that_wait(desk: Desk, mode: Mode, campaign: str = "") -> list[str]:
    """Return a sentence for each campaign, or for *campaign*, whose confirmations wait."""
    with desk.database.read() as session:
        found = confirmations.held_up(session, mode)
    return [
        f"{plural(one.number, 'confirmation')} of {one.campaign} "
        f"{'waits' if one.number == 1 else 'wait'} since {london(one.since)}: {why}."
        for one, why in found
        if campaign in ("", one.campaign)
    ]


def as_json(desk: Desk, mode: Mode, campaign: str) -> dict[str, object]:
    """Return what `status --json` prints of the confirmations of *campaign* that wait."""
    with desk.database.read() as session:
        found = confirmations.held_up(session, mode)
    mine = [(one, why) for one, why in found if one.campaign == campaign]
    if not mine:
        return {"waiting": 0, "since": None, "why": ""}
    one, why = mine[0]
    return {"waiting": one.number, "since": one.since, "why": why}
