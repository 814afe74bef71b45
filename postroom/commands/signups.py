"""`signups`: record and list who signed up for research."""

from dataclasses import asdict
from typing import Annotated

import typer

from postroom.commands.desk import JsonOption, ModeOption, WorkspaceOption, now, open_desk
from postroom.commands.printing import london, say, show, show_json, show_table, warn
from postroom.content.campaign_file import Campaign
from postroom.research import signups as records
from postroom.research import volunteers
from postroom.research.signups import Recorded
from postroom.research.volunteers import Method, Person, Purpose, Through, Wording

app = typer.Typer()
signups = typer.Typer(no_args_is_help=True, help="Record and list who signed up for research.")
app.add_typer(signups, name="signups")

CampaignArgument = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="What they answered.")]
PurposeOption = Annotated[
    list[Purpose] | None, typer.Option(help="What they said yes to; can be given more than once.")
]
StatementOption = Annotated[
    str, typer.Option(help="The exact words they said yes to, if not the usual ones.")
]
EvidenceOption = Annotated[
    str, typer.Option(help="Where the proof is: a note's number, the date of an email.")
]


@signups.command("add")
def add_by_staff(
    campaign: CampaignArgument,
    name: Annotated[str, typer.Option(help="Their name.")],
    email: Annotated[str, typer.Option(help="Their email address.")],
    method: Annotated[Method, typer.Option(help="How they told us.")],
    school: Annotated[str, typer.Option(help="Their school's URN.")] = "",
    school_name: Annotated[str, typer.Option(help="Their school or organisation.")] = "",
    role: Annotated[str, typer.Option(help="What they do there.")] = "",
    purpose: PurposeOption = None,
    statement: StatementOption = "",
    evidence: EvidenceOption = "",
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Record a sign-up that came by telephone, email, paper or at an event.

    Keeps the exact words of what they said yes to, and how long that lasts. Somebody who signed
    up before is not there twice. Signing up ends an earlier wish not to be emailed, but not a
    wish to get nothing at all.

    Example: outreach signups add bpn-invite --name "Ada Example" --email ada@example.com
    --method telephone --school 900001 --role "General mentor"
    """
    desk = open_desk(workspace)
    the_campaign = desk.edition(campaign).campaign
    the_mode = desk.mode(mode)
    permissions = _permissions(the_campaign, purpose or [Purpose.THIS_SERVICE], statement)
    with desk.database.write() as session:
        recorded = records.add_sign_up(
            session,
            desk.keys,
            Person(email, name, role, school, school_name),
            through=Through(campaign, the_mode, the_campaign.route, Method(method), evidence),
            permissions=permissions,
            recorded_by=desk.settings.who(),
            now=now(),
        )
    _tell(recorded, permissions)


@signups.command("list")
def list_signups(
    campaign: Annotated[
        str | None, typer.Argument(metavar="[CAMPAIGN]", help="All campaigns, if none is named.")
    ] = None,
    mode: ModeOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List who signed up, oldest first.

    Example: outreach signups list bpn-invite
    """
    desk = open_desk(workspace)
    if campaign is not None:
        desk.edition(campaign)  # an unknown campaign is answered with those there are
    with desk.database.read() as session:
        found = records.listing(session, campaign=campaign, mode=desk.mode(mode))
    if as_json:
        show_json([asdict(line) for line in found])
    elif not found:
        show(f"Nobody has signed up yet, in {desk.mode(mode)} mode.")
    else:
        show_table(
            ("Reference", "Signed up", "Name", "Address", "Role", "School", "Yes to"),
            (
                (
                    line.reference,
                    london(line.signed_up_at).partition(" at ")[0],
                    line.name,
                    line.address,
                    line.role or "–",
                    line.school_name or line.school_urn or "–",
                    ", ".join(line.purposes),
                )
                for line in found
            ),
        )


def _permissions(
    campaign: Campaign, purposes: list[Purpose], statement: str
) -> dict[Purpose, Wording]:
    facts = {name: fact.value for name, fact in campaign.facts.items()}
    controller = facts.get("organisation", "")
    return {
        purpose: Wording(
            statement or volunteers.statement(purpose, title=campaign.title, controller=controller),
            controller=controller,
            privacy_notice_url=facts.get("privacy_notice", ""),
        )
        for purpose in purposes
    }


def _tell(recorded: Recorded, permissions: dict[Purpose, Wording]) -> None:
    if recorded.was_new:
        show(f"Recorded: {recorded.reference}. Tell them this reference.")
    else:
        show(f"They had signed up before: {recorded.reference}. Their record is up to date.")
    for wording in permissions.values():
        say(f"In these words: {wording.statement}")
    if recorded.lifted:
        warn("They had asked not to be emailed. This ends that for research and announcements.")
    if recorded.still_held:
        warn(
            "They asked to get nothing at all, so no email reaches them. If they want that "
            "changed: outreach suppress lift ADDRESS --scope everything --reason TEXT"
        )
