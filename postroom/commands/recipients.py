"""`recipients`: bring lists in, and see the lists there are."""

from dataclasses import asdict

import typer

from postroom.audience import lists
from postroom.audience.lists import ListSummary
from postroom.commands import importing, replacing
from postroom.commands.desk import JsonOption, WorkspaceOption, open_desk
from postroom.commands.printing import show, show_json, show_table

app = typer.Typer()
recipients = typer.Typer(no_args_is_help=True, help="Bring lists in and see who is on them.")
app.add_typer(recipients, name="recipients")
recipients.command("import")(importing.import_list)
recipients.command("replace")(replacing.replace)


@recipients.command("list")
def list_lists(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List the lists there are, how many people are on each and on whose terms.

    Example: outreach recipients list
    """
    desk = open_desk(workspace)
    with desk.database.read() as session:
        found = lists.summaries(session)
    if as_json:
        show_json([_as_json(summary) for summary in found])
    elif not found:
        show("There are no lists yet. Bring one in with: outreach recipients import FILE --list L")
    else:
        show_table(
            ("List", "People", "Schools", "Owner", "Source", "Must be gone by", "Imported"),
            (
                (
                    summary.name,
                    f"{summary.people:,}",
                    f"{summary.schools:,}",
                    summary.terms.owner or "–",
                    summary.terms.source or "–",
                    summary.terms.gone_by or "–",
                    summary.imported_at,
                )
                for summary in found
            ),
        )


def _as_json(summary: ListSummary) -> dict[str, object]:
    return {
        "name": summary.name,
        "people": summary.people,
        "schools": summary.schools,
        **asdict(summary.terms),
        "imported_at": summary.imported_at,
    }
