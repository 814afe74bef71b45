"""`recipients`: bring lists in, and see the lists there are."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from postroom.audience import listing, lists, segments, working
from postroom.audience.exports import write_spreadsheet
from postroom.audience.lists import ListSummary
from postroom.commands import importing, replacing
from postroom.commands.desk import (
    CampaignArgument,
    JsonOption,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
)
from postroom.commands.printing import plural, show, show_json, show_table
from postroom.london import london_day

app = typer.Typer()
recipients = typer.Typer(no_args_is_help=True, help="Bring lists in and see who is on them.")
app.add_typer(recipients, name="recipients")
recipients.command("import")(importing.import_list)
recipients.command("replace")(replacing.replace)


@recipients.command("list")
def list_lists(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List the lists there are, how many people are on each and on whose terms.

    A contact is not working when an email of the mode you are in could not be delivered there.

    Example: outreach recipients list
    """
    desk = open_desk(workspace)
    with desk.database.read() as session:
        found = lists.summaries(session)
        flagged = working.counts_by_list(session, desk.mode(None))
    if as_json:
        show_json([_as_json(summary, flagged.get(summary.name, 0)) for summary in found])
    elif not found:
        show("There are no lists yet. Bring one in with: outreach recipients import FILE --list L")
    else:
        show_table(
            (
                "List",
                "People",
                "Schools",
                "Not working",
                "Owner",
                "Source",
                "Purpose",
                "Lawful basis",
                "Must be gone by",
                "Imported",
            ),
            (
                (
                    summary.name,
                    f"{summary.people:,}",
                    f"{summary.schools:,}",
                    f"{flagged.get(summary.name, 0):,}",
                    summary.terms.owner or "–",
                    summary.terms.source or "–",
                    summary.terms.purpose or "–",
                    summary.terms.lawful_basis or "–",
                    summary.terms.gone_by or "–",
                    summary.imported_at,
                )
                for summary in found
            ),
        )


@recipients.command("segments")
def count_segments(
    campaign: CampaignArgument,
    mode: ModeOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Count who meets each condition of a campaign's segment, and all of them together.

    Whoever asked not to be emailed is still among them: `outreach check` says who is left out.

    Example: outreach recipients segments bpn-invite
    """
    desk = open_desk(workspace)
    edition = desk.edition(campaign)
    with desk.database.read() as session:
        found = segments.counts(
            session,
            edition.campaign,
            edition.facts_files,
            mode=desk.mode(mode),
            today=london_day(now()),
        )
    if as_json:
        show_json([asdict(count) for count in found])
    else:
        show_table(
            ("Condition", "People", "Schools"),
            ((count.condition, f"{count.people:,}", f"{count.schools:,}") for count in found),
        )


@recipients.command("export")
def export_list(
    list_name: Annotated[str, typer.Argument(metavar="LIST", help="The list.")],
    out: Annotated[
        Path | None, typer.Option(help="A .csv or .xlsx to write. Default: a .csv in out/.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a list to a spreadsheet that only you can read, and note that you did.

    Nothing in it runs as a formula. Mended, it can be imported again into the same list.

    Example: outreach recipients export example-bpn
    """
    desk = open_desk(workspace)
    file = out or desk.workspace.out / f"recipients-{list_name}.csv"
    with desk.database.write() as session:  # what cannot be written was not exported
        headings, rows = listing.as_spreadsheet(session, list_name, desk.mode(None))
        number = write_spreadsheet(file, headings, rows)
        listing.note_export(session, list_name, number, who=desk.settings.who(), now=now())
    show(f"Wrote {plural(number, 'person', 'people')} to {file}.")


def _as_json(summary: ListSummary, not_working: int) -> dict[str, object]:
    return {
        "name": summary.name,
        "people": summary.people,
        "schools": summary.schools,
        "not_working": not_working,
        **asdict(summary.terms),
        "imported_at": summary.imported_at,
    }
