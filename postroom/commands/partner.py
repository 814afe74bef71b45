"""`partner`: who passes our emails on, the pack they get, and what they told us they sent."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from postroom.audience import partners
from postroom.audience.addresses import normalise
from postroom.audience.partners import Standing
from postroom.commands import last_look
from postroom.commands.approving_texts import pack_for, refuse_open_stops
from postroom.commands.desk import (
    CampaignArgument,
    Desk,
    JsonOption,
    ModeOption,
    WorkspaceOption,
    YesOption,
    day,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.printing import (
    ask,
    plural,
    say,
    show,
    show_json,
    show_table,
    warn,
    write_privately,
)
from postroom.delivery import fixed_texts, packs
from postroom.delivery.gateway import Parcel
from postroom.delivery.packs import Pack
from postroom.errors import NotPermitted
from postroom.london import london_day
from postroom.reports.partner_pack import READ_FIRST, pack_files
from postroom.settings import Mode
from postroom.tables import Agreement, Approval, Event

app = typer.Typer()
partner = typer.Typer(no_args_is_help=True, help="Work through partners, who pass emails on.")
app.add_typer(partner, name="partner")

SENT = "sent a partner's pack"
PartnerArgument = Annotated[str, typer.Argument(metavar="PARTNER", help="As it was added.")]


@partner.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A short name, like niot.")],
    title: Annotated[str, typer.Option(help="As it reads in a sentence, like in campaigns.")],
    agreement: Annotated[
        Agreement | None,
        typer.Option(help="The agreement to share people's addresses with you; at first none."),
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="Where a signed agreement is found.")
    ] = None,
    date: Annotated[
        datetime | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="When it was signed.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Add a partner, or say how the agreement with one stands now.

    Of a partner that is here already, what you do not name stays as it is.
    Without a signed agreement a partner's list is not imported, unless each row says how that
    person agreed. The partner can pass an email on all the same: see `outreach partner pack`.

    Example: outreach partner add niot --title "the National Institute of Teaching"
    """
    desk = open_desk(workspace)
    standing = Standing(agreement, reference, date.date() if date else None)
    with desk.database.write() as session:
        added = partners.add(session, name, title, standing, who=desk.settings.who(), now=now())
    show(f"{added.name}: {added.title}. Agreement: {added.agreement}.")
    if added.agreement is not Agreement.SIGNED:
        say("Addresses of its people may not be held here. It can pass emails on itself.")


@partner.command("list")
def list_partners(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List the partners and how the agreement with each stands.

    Example: outreach partner list
    """
    desk = open_desk(workspace)
    with desk.database.read() as session:
        found = partners.listing(session)
    if as_json:
        show_json([one.model_dump(exclude={"id"}) for one in found])
    elif not found:
        show("There are no partners yet. Add one with: outreach partner add NAME --title TITLE")
    else:
        headings = ("Partner", "Title", "Agreement", "Reference", "Signed on")
        show_table(
            headings,
            (
                (
                    one.name,
                    one.title,
                    one.agreement,
                    one.agreement_reference or "–",
                    one.agreed_on or "–",
                )
                for one in found
            ),
        )


@partner.command()
def record(
    campaign: CampaignArgument,
    name: PartnerArgument,
    sent_to: Annotated[int, typer.Option(help="To how many they sent it.")],
    on: Annotated[datetime, typer.Option(parser=day, metavar="YYYY-MM-DD", help="On which day.")],
    not_delivered: Annotated[
        int | None, typer.Option(help="How many of those could not be delivered, if they know.")
    ] = None,
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Record what a partner told you: to how many they sent it, and when.

    A second answer for the same day corrects the first. The campaign's report counts it.

    Example: outreach partner record niot-invite niot --sent-to 248 --on 2024-01-24
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    edition = desk.edition(campaign)
    with desk.database.write() as session:
        sender = partners.named(session, name)
        packs.refuse_others(edition.campaign, sender)
        partners.record_send(
            session,
            sender,
            campaign=campaign,
            mode=the_mode.value,
            sent_to=sent_to,
            sent_on=on.date(),
            not_delivered=not_delivered,
            who=desk.settings.who(),
            now=now(),
        )
    failed = "" if not_delivered is None else f"; {not_delivered:,} could not be delivered"
    show(f"Recorded: {sender.title} sent {campaign} to {sent_to:,} on {on.date()}{failed}.")


@partner.command()
def pack(
    campaign: CampaignArgument,
    name: PartnerArgument,
    out: Annotated[Path | None, typer.Option(help="Write it here, not into out/.")] = None,
    email: Annotated[
        str | None, typer.Option(help="Send the note and the text to this contact there.")
    ] = None,
    mode: ModeOption = None,
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Make what a partner needs to pass an email on: a note, the email, their link, a slip.

    Nobody's address is in it. Until `outreach approve` approved exactly this pack, every page of
    it says DRAFT. With --email it goes to your contact there in one email, once it is approved;
    their address is not kept.

    Example: outreach partner pack niot-invite niot
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    made = pack_for(desk, desk.edition(campaign), the_mode, name)
    refuse_open_stops(desk, made.texts, the_mode)
    with desk.database.read() as session:
        approval = fixed_texts.standing_approval(session, made.texts, the_mode)
    if email is not None:
        if approval is None:
            raise NotPermitted(
                f"This pack is a draft. Approve it first: outreach approve {campaign} "
                f"--mode {the_mode}"
            )
        _send(desk, made, the_mode, approval, to=email, yes=yes)
        return
    folder = out or desk.workspace.out / f"{campaign}-{the_mode}-pack"
    for file, content in pack_files(made, approved=approval is not None).items():
        write_privately(folder / file, "")  # makes it readable by its owner only
        (folder / file).write_bytes(content)
    show(f"Pack for {made.partner}: {folder}")
    if approval is None:
        warn(f"It says DRAFT. When it is right: outreach approve {campaign} --mode {the_mode}")
    say(f"Open {folder / READ_FIRST} first. Then send the folder to your contact there.")
    say(f"When they answer: outreach partner record {campaign} {name} --sent-to N --on DATE")


def _send(desk: Desk, made: Pack, mode: Mode, approval: Approval, *, to: str, yes: bool) -> None:
    """Send the pack to *to* as *approval* says, once: its reference tells if it was sent before."""
    who, campaign = desk.who(mode), made.edition.campaign
    address_key = desk.keys.address_key(normalise(to))
    reference = desk.keys.reference(
        campaign=campaign.name,
        mode=mode,
        address_key=address_key,
        occasion=f"pack {made.texts.digest.hex()}",
    )
    packs.check_contact(desk.database, desk.office(mode), to, address_key, today=london_day(now()))
    if not ask(f"Send the pack to your contact at {made.partner} in {mode} mode?", yes=yes):
        show("Nothing was sent.")
        raise typer.Exit(1)
    with open_notify(desk, mode, campaign) as notify:
        last_look.refuse_other_terms(desk, made.edition, mode, notify, approval)
        if notify.find(reference):
            show("Notify has this very pack for this contact already. It was not sent again.")
            return
        details = {"mode": mode.value, "partner": made.partner}
        with desk.database.write() as session:
            session.add(Event(at=now(), who=who, act=SENT, target=campaign.name, details=details))
        notify.send(Parcel(to, reference, packs.to_the_partner(made)))
    show(f"Sent the pack to {plural(1, 'contact')} at {made.partner}, in {mode} mode.")
