"""`test-send`: one recipient's email, to somebody in the team."""

from collections.abc import Sequence
from typing import Annotated

import typer

from postroom.audience import chosen as people_chosen
from postroom.audience import segments
from postroom.audience.addresses import normalise
from postroom.audience.segments import Chosen
from postroom.commands.desk import (
    CampaignArgument,
    Desk,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.printing import show
from postroom.content.rendering import Renderer, sample_links
from postroom.delivery import test_sends
from postroom.errors import NotPermitted
from postroom.london import london_day

app = typer.Typer()


@app.command("test-send")
def send_a_test(
    campaign: CampaignArgument,
    to: Annotated[str, typer.Option(help="Where to send it: an address in `people`.")],
    row: Annotated[int | None, typer.Option(help="Whose email: a row of the list.")] = None,
    address: Annotated[str | None, typer.Option(help="Whose email: by their address.")] = None,
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Send one person's email to somebody in the team.

    Its subject begins with TEST, its links are samples, and it never counts as sent to that
    person. It needs no approval.

    Example: outreach test-send bpn-invite --to me@example.com --row 14
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    who = desk.who(the_mode)
    edition = desk.edition(campaign)
    with desk.database.read() as session:
        everybody = segments.recipients_of(
            session, edition.campaign, edition.facts_files, mode=the_mode, today=london_day(now())
        )
        chosen = _person(everybody, row, _key(desk, address))
    renderer = Renderer(edition, subject_prefix=desk.office(the_mode).subject_prefix)
    email = renderer.render(chosen.told, sample_links(desk.settings.public_url))
    with desk.database.write() as session:
        test_sends.allow_test_send(session, desk.settings, to, now=now())
        test_sends.note_test_send(session, campaign, the_mode, who, now=now())
    with open_notify(desk, the_mode, edition.campaign) as notify:
        test_sends.send_test(notify, email, to)
    show(f"Sent the email for row {chosen.row} as a test of {campaign}, in {the_mode} mode.")


def _key(desk: Desk, address: str | None) -> bytes | None:
    return None if address is None else desk.keys.address_key(normalise(address))


def _person(everybody: Sequence[Chosen], row: int | None, address_key: bytes | None) -> Chosen:
    """Return who was named, else the first; exactly one way of naming somebody will do."""
    if row is not None and address_key is not None:
        raise typer.BadParameter("give one of --row and --address")
    if not everybody:
        raise NotPermitted("Nobody is chosen, so there is no email to send as a test.")
    if address_key is not None:
        return people_chosen.at_address(everybody, address_key)
    return everybody[0] if row is None else people_chosen.in_row(everybody, row)
