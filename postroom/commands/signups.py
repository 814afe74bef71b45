"""`signups`: record and list who signed up for research."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from postroom.audience.exports import write_spreadsheet
from postroom.commands import importing_answers, matching
from postroom.commands.desk import Desk, JsonOption, ModeOption, WorkspaceOption, now, open_desk
from postroom.commands.printing import (
    london,
    plural,
    say,
    show,
    show_json,
    show_point,
    show_table,
    warn,
)
from postroom.content.campaign_file import Campaign
from postroom.london import london_day
from postroom.reasons import stated
from postroom.research import awaited, volunteers, who_is_missing, workplaces
from postroom.research import signups as records
from postroom.research.receiving import Received, receive
from postroom.research.signups import SignUpLine
from postroom.research.typed_by_staff import is_own_role, offered_role, real_urn
from postroom.research.volunteers import Method, Person, Purpose, Through, Wording
from postroom.research.who_is_missing import Count

app = typer.Typer()
signups = typer.Typer(no_args_is_help=True, help="Record and list who signed up for research.")
app.add_typer(signups, name="signups")
signups.command("import")(importing_answers.import_answers)
signups.command("match")(matching.match)


class ByHand(StrEnum):
    """How somebody told a colleague: every method but a form of another tool."""

    TELEPHONE = Method.TELEPHONE.value
    EMAIL = Method.EMAIL.value
    PAPER = Method.PAPER.value
    EVENT = Method.EVENT.value
    WEB_FORM = Method.WEB_FORM.value


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
    method: Annotated[ByHand, typer.Option(help="How they told us.")],
    school: Annotated[str, typer.Option(help="Their school's URN.")] = "",
    school_name: Annotated[str, typer.Option(help="Their school or organisation.")] = "",
    role: Annotated[
        str, typer.Option(help="What they do there, in the words of the campaign's form.")
    ] = "",
    purpose: PurposeOption = None,
    statement: StatementOption = "",
    evidence: EvidenceOption = "",
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Record a sign-up that came by telephone, email, paper or at an event.

    Keeps the exact words of what they said yes to, and how long that lasts. Somebody who signed
    up before is not there twice. Signing up ends an earlier wish not to be emailed, but not a
    wish to get nothing at all. Answers to another tool's form: outreach signups import.

    Example: outreach signups add bpn-invite --name "Ada Example" --email ada@example.com
    --method telephone --school 900001 --role "General mentor"
    """
    desk = open_desk(workspace)
    the_campaign = desk.edition(campaign).campaign
    role, school = offered_role(the_campaign, role), real_urn(school)
    the_mode = desk.mode(mode)
    permissions = _permissions(the_campaign, purpose or [Purpose.THIS_SERVICE], statement)
    with desk.database.write() as session:
        received = receive(
            session,
            desk.workspace.root,
            desk.office(the_mode),
            Person(email, name, role, school, school_name),
            through=Through(campaign, the_mode, the_campaign.route, Method(method), evidence),
            permissions=permissions,
            recorded_by=desk.settings.who(),
            now=now(),
        )
    _tell(received, permissions)
    _say_what_is_odd(desk, the_campaign, role, school)


@signups.command("list")
def list_signups(
    campaign: Annotated[
        str | None, typer.Argument(metavar="[CAMPAIGN]", help="All campaigns, if none is named.")
    ] = None,
    only_counts: Annotated[
        bool, typer.Option("--counts", help="Only how many, against what is wanted: no people.")
    ] = False,
    mode: ModeOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Say who is still missing, count who signed up, then list them, oldest first.

    What is wanted stands in the campaign file under [wanted]. Whoever is marked "asked not to be
    emailed" asked so after they signed up, or pauses. Somebody who had asked so before is not in
    the list until they confirm that the sign-up counts: one email asks them.

    Example: outreach signups list bpn-invite
    """
    desk = open_desk(workspace)
    # An unknown campaign is answered with those there are.
    wanted = desk.edition(campaign).campaign.wanted if campaign is not None else {}
    with desk.database.read() as session:
        found = records.listing(
            session, campaign=campaign, mode=desk.mode(mode), today=london_day(now())
        )
        regions = who_is_missing.regions_of(session, found)
        waiting = awaited.count(session, campaign=campaign, mode=desk.mode(mode))
    counts = who_is_missing.counts(found, regions, wanted)
    if as_json:
        show_json([asdict(one) for one in (counts if only_counts else found)])
        return
    _show_counts(counts)
    if only_counts:
        return
    _show_who_waits([line.reference for line in found if line.school_to_match], waiting)
    if found:
        _show_list(found, of_several=campaign is None)
    else:
        show(f"Nobody has signed up yet, in {desk.mode(mode)} mode.")


@signups.command("export")
def export(
    campaign: CampaignArgument,
    why: Annotated[str, typer.Option("--because", help="What the file is for; it is kept.")],
    to: Annotated[
        Path | None, typer.Option(help="A .csv or .xlsx file; in out/, unless you name one.")
    ] = None,
    mode: ModeOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write who signed up to a spreadsheet that only you can read.

    What people said would help them take part is not in it. Delete the file when it has done its
    work: it holds names, addresses and telephone numbers, and nobody else deletes it.

    Example: outreach signups export bpn-invite --because "Invitations to round 4"
    """
    reason = stated(why, "--because")
    desk = open_desk(workspace)
    the_campaign, the_mode = desk.edition(campaign).campaign, desk.mode(mode)
    file = to or desk.workspace.out / f"signups-{campaign}-{the_mode}.csv"
    questions = [name for name in the_campaign.signup.questions if name != "role"]
    with desk.database.write() as session:  # what cannot be written was not exported
        found = records.listing(session, campaign=campaign, mode=the_mode, today=london_day(now()))
        rows = (
            [*_cells(line), *(", ".join(line.answers.get(q, ())) for q in questions)]
            for line in found
        )
        number = write_spreadsheet(file, [*EXPORTED, *questions], rows)
        records.note_export(
            session, campaign, the_mode, number, who=desk.settings.who(), why=reason, now=now()
        )
    show(f"Wrote {plural(number, 'sign-up')} to {file}")


LISTED = ("Reference", "Signed up", "Name", "Address", "Role", "School", "Yes to")
EXPORTED = (
    "Reference",
    "Signed up",
    "Name",
    "Email address",
    "Telephone",
    "Role",
    "School URN",
    "School",
    "Route",
    "Forwarded",
    "Yes to",
    "Asked not to be emailed",
)
ASKED_NOT = " (asked not to be emailed)"


def _shown(line: SignUpLine) -> tuple[str, ...]:
    """Return a sign-up as the list shows it."""
    to_match = " (to be matched)" if line.school_to_match else ""
    return (
        line.reference,
        london(line.signed_up_at).partition(" at ")[0],
        line.name,
        line.address,
        line.role or "–",
        (line.school_name or line.school_urn or "–") + to_match,
        ", ".join(line.purposes) + (ASKED_NOT if line.held else ""),
    )


def _show_list(found: list[SignUpLine], *, of_several: bool) -> None:
    if of_several:
        show_table((*LISTED, "Campaign"), ((*_shown(line), line.campaign) for line in found))
    else:
        show_table(LISTED, map(_shown, found))


def _cells(line: SignUpLine) -> list[str]:
    when = london(line.signed_up_at)
    who = [line.reference, when, line.name, line.address, line.phone, line.role]
    where = [line.school_urn, line.school_name, line.route, "yes" if line.via_forward else "no"]
    return [*who, *where, ", ".join(line.purposes), "yes" if line.held else ""]


def _show_counts(counts: list[Count]) -> None:
    """Show first who is short, then every count."""
    short = [count for count in counts if count.is_short]
    if short:
        show("Still missing")
        for count in short:
            show_point("  - ", count.in_words)
        show()
    if counts:
        rows = (
            (c.group.replace("_", " "), c.kind, c.signed_up, _or_dash(c.wanted)) for c in counts
        )
        show_table(("By", "Which", "Signed up", "Wanted"), rows)
        show()


def _show_who_waits(references: list[str], unconfirmed: int) -> None:
    """Show which sign-ups wait for somebody to name their school, and how many for their person."""
    if unconfirmed:
        show(
            f"{plural(unconfirmed, 'sign-up')} more, of people who had asked not to be emailed. "
            "Those whom we may still email were asked which counts. What nobody confirms is "
            "deleted after 14 days."
        )
        show()
    if references:
        wait = "sign-up waits" if len(references) == 1 else "sign-ups wait"
        named = ", ".join(references)
        show(f"{len(references):,} {wait} for a person to say which school is meant: {named}")
        show(f"See what was typed: outreach signups match {references[0]}")
        show()


def _or_dash(number: int | None) -> str:
    return "–" if number is None else str(number)


def _permissions(
    campaign: Campaign, purposes: list[Purpose], statement: str
) -> dict[Purpose, Wording]:
    facts = {name: fact.value for name, fact in campaign.facts.items()}
    controller = facts.get("organisation", "")
    words = volunteers.statements_of(campaign)
    return {
        purpose: Wording(
            statement or words.get(purpose) or volunteers.usual_statement(campaign, purpose),
            controller=controller,
            privacy_notice_url=facts.get("privacy_notice", ""),
        )
        for purpose in purposes
    }


def _say_what_is_odd(desk: Desk, campaign: Campaign, role: str, school: str) -> None:
    """Say what was recorded as it was typed, though it may be a mistake."""
    if is_own_role(campaign, role):
        say(f"The form does not offer “{role}”: it is counted by itself.")
    with desk.database.read() as session:
        is_unknown = bool(school) and workplaces.is_missing(session, school)
    if is_unknown:
        warn(
            f"The register of schools that is imported here has no {school}. If it is mistyped, "
            "record the sign-up again with the right one."
        )


def _tell(received: Received, permissions: dict[Purpose, Wording]) -> None:
    recorded = received.recorded
    assert recorded is not None  # noqa: S101  # only what comes by the web form is put by
    if recorded.was_new:
        show(f"Recorded: {recorded.reference}. Tell them this reference.")
    else:
        show(f"They had signed up before: {recorded.reference}. Their record is up to date.")
    for wording in permissions.values():
        say(f"In these words: {wording.statement}")
    if received.is_confirmed and not recorded.still_held:
        say("An email that confirms it goes to them, by `outreach serve` or `outreach worker`.")
    if recorded.lifted:
        warn("They had asked not to be emailed. This ends that for research and announcements.")
    if recorded.still_held:
        warn(
            "They asked to get nothing at all, so no email reaches them. If they want that "
            "changed: outreach suppress lift ADDRESS --scope everything --reason TEXT"
        )
