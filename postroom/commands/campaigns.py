"""`campaigns` and `new`: see the campaigns there are, and begin another."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from postroom.audience.was_sent import Text, texts_of
from postroom.commands.desk import Desk, JsonOption, WorkspaceOption, now, open_desk
from postroom.commands.printing import london, plural, say, show, show_json, show_table
from postroom.content.campaign_file import Campaign, check_name
from postroom.content.editions import campaigns_in
from postroom.content.new_campaign import Corrected, Start, blank, campaign_text, start_from, starts
from postroom.errors import CampaignError, ContentError, NotPermitted
from postroom.reports.counts import mailings
from postroom.settings import Mode

app = typer.Typer()

TextsOption = Annotated[
    list[str] | None,
    typer.Option("--text", help="With --correct: the text that was wrong, where several went out."),
]
CORRECTION = "correction"  # the template of templates/email that a correction begins with


@app.command()
def campaigns(
    as_json: JsonOption = False,  # an option of the command line
    workspace: WorkspaceOption = None,
) -> None:
    """List the campaigns in this workspace.

    Example: outreach campaigns
    """
    desk = open_desk(workspace)
    found, broken = _read_all(desk)
    sent = _planned_in(desk)
    if as_json:
        show_json(
            [
                {
                    "name": campaign.name,
                    "title": campaign.title,
                    "route": campaign.route,
                    "send_on": campaign.send_on,
                    "planned_in": sent.get(campaign.name, []),
                }
                for campaign in found
            ]
        )
    elif not found and not broken:
        show("There are no campaigns yet. Begin one with: outreach new NAME")
    else:
        show_table(
            ("Campaign", "Title", "Route", "Send on", "Planned in"),
            (
                (c.name, c.title, c.route, c.send_on, ", ".join(sent.get(c.name, [])) or "–")
                for c in found
            ),
        )
    if broken:
        raise CampaignError(*broken)


@app.command()
def new(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Small letters, digits and -, like spring-reminder."),
    ] = None,
    begin_from: Annotated[
        str | None, typer.Option("--from", metavar="TEMPLATE", help="The template to start from.")
    ] = None,
    correct: Annotated[
        str | None, typer.Option(metavar="CAMPAIGN", help="Draft a correction of this campaign.")
    ] = None,
    texts: TextsOption = None,
    list_them: Annotated[
        bool, typer.Option("--list", help="List the templates to start from, and stop.")
    ] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Begin a campaign file.

    Starts from a template that is written already, or from nothing. Writes campaigns/NAME.toml
    and templates/email/NAME.md for you to fill in and change, over nothing that is there. The
    file has each fact that the template names, with TBC where you fill it in; `outreach check`
    stops the campaign until none is left. With --correct it goes to exactly those who may have
    that campaign's email; where several texts of it went out, to those who may have an earlier
    one than the last, or the one that --text names.

    Example: outreach new spring-reminder --from reminder
    """
    desk = open_desk(workspace)
    if list_them:
        _show_starts(desk, as_json=as_json)
        return
    if name is None:
        raise typer.BadParameter("name the campaign, like spring-reminder, or give --list")
    check_name(name)
    corrects = _corrected(desk, correct, texts or ()) if correct else None
    begin_from = begin_from or (CORRECTION if corrects else None)
    templates = desk.workspace.templates
    start = start_from(templates, begin_from) if begin_from else blank(templates)
    _write_new(desk, _texts(desk, name, start, corrects))
    say(_what_next(name, start))


def _texts(desk: Desk, name: str, start: Start, corrects: Corrected | None) -> dict[Path, str]:
    author = desk.settings.people[0] if desk.settings.people else "your.name@example.com"
    send_on = (now() + timedelta(days=14)).date()
    return {
        desk.workspace.campaigns / f"{name}.toml": campaign_text(
            name, start, author=author, send_on=send_on, corrects=corrects
        ),
        desk.workspace.templates / f"{name}.md": start.text,
    }


def _corrected(desk: Desk, name: str, wanted: Sequence[str]) -> Corrected:
    """Return what of the campaign *name* is to be corrected: its texts *wanted*, or the old ones.

    Raises `NotPermitted` when it was sent to nobody, and for a text that nobody has.
    """
    campaign = desk.edition(name).campaign
    texts = _texts_sent(desk, name)
    if campaign.list is None or not texts:
        raise NotPermitted(
            f"{name} was sent to nobody from here, so there is nobody to send a correction to."
        )
    known = [text.name for text in texts]
    if unknown := [text for text in wanted if text not in known]:
        raise NotPermitted(
            f"{name} did not go out in the text {' or '.join(unknown)}. Its texts: "
            f"{', '.join(known)}."
        )
    chosen = [text for text in known if text in wanted] if wanted else (known[:-1] or known)
    if len(texts) > 1:
        _say_which(name, texts, chosen)
    return Corrected(campaign, tuple(chosen))


def _say_which(campaign: str, texts: Sequence[Text], chosen: Sequence[str]) -> None:
    say(f"{campaign} went out in {len(texts)} texts. Those who may have one marked * get this:")
    for text in texts:
        mark = "*" if text.name in chosen else " "
        approved = f"approved on {london(text.approved_at)}" if text.approved_at else "restored"
        say(f"{mark} {text.name}  {plural(text.people, 'person', 'people')}, {approved}")
    say("To choose another: --text TEXT, as often as you like.")


def _texts_sent(desk: Desk, campaign: str) -> list[Text]:
    """Return the texts of *campaign* that may have reached somebody, the last approved one last.

    In the mode that matters most of those it was sent in: a rehearsal needs no correction.
    """
    with desk.database.read() as session:
        found = (texts_of(session, campaign, mode) for mode in reversed(Mode))
        return next((texts for texts in found if texts), [])


def _show_starts(desk: Desk, *, as_json: bool) -> None:
    found = starts(desk.workspace.templates)
    if as_json:
        show_json(
            [
                {
                    "name": start.name,
                    "purpose": start.purpose,
                    "kind": start.kind.value,
                    "facts": list(start.facts),
                    "columns": list(start.columns),
                }
                for start in found
            ]
        )
        return
    show_table(
        ("Template", "What it is", "Kind"),
        ((s.name, s.purpose, s.kind) for s in found if s.purpose),
    )
    if others := ", ".join(start.name for start in found if not start.purpose):
        show(f"You can start from these campaigns' templates too: {others}")
    show("Begin with: outreach new NAME --from TEMPLATE")


def _write_new(desk: Desk, texts: Mapping[Path, str]) -> None:
    """Write *texts*, all or none: raises `CampaignError` where a file is there already."""
    if taken := [path for path in texts if path.exists()]:
        raise CampaignError(
            *(f"{_short(desk, path)} is there already. Choose another name." for path in taken)
        )
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        show(_short(desk, path))


def _what_next(name: str, start: Start) -> str:
    headings = ", ".join(column.replace("_", " ") for column in start.columns)
    needs = f" The list needs these columns beside the addresses: {headings}." * bool(headings)
    gaps = plural(len(start.facts), "fact")
    return f"Fill in the {gaps} marked TBC.{needs} Then: outreach check {name}"


def _read_all(desk: Desk) -> tuple[list[Campaign], list[str]]:
    read = [campaign for _, campaign in campaigns_in(desk.workspace.root)]
    return (
        [one for one in read if isinstance(one, Campaign)],
        [str(one) for one in read if isinstance(one, ContentError)],
    )


def _planned_in(desk: Desk) -> dict[str, list[str]]:
    """Return the modes each campaign was planned in; none where there is no database yet."""
    if not desk.settings.database_url and not desk.workspace.database_file.exists():
        return {}
    planned: dict[str, list[str]] = {}
    with desk.database.read() as session:
        for mailing in mailings(session):
            planned.setdefault(mailing.campaign, []).append(mailing.mode)
    return planned


def _short(desk: Desk, path: Path) -> str:
    return path.relative_to(desk.workspace.root).as_posix()
