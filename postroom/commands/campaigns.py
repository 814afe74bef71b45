"""`campaigns` and `new`: see the campaigns there are, and begin another."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from postroom.commands.desk import Desk, JsonOption, WorkspaceOption, now, open_desk
from postroom.commands.printing import say, show, show_json, show_table
from postroom.content.campaign_file import Campaign, campaign_names, check_name, read_campaign
from postroom.content.new_campaign import campaign_text, template_text
from postroom.errors import CampaignError
from postroom.reports.counts import mailings

app = typer.Typer()


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
    name: Annotated[str, typer.Argument(help="Small letters, digits and -, like spring-update.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Begin a campaign file.

    Writes campaigns/NAME.toml and templates/email/NAME.md for you to fill in. Nothing that is
    there is overwritten.

    Example: outreach new spring-update
    """
    desk = open_desk(workspace)
    check_name(name)
    campaign_file = desk.workspace.campaigns / f"{name}.toml"
    template_file = desk.workspace.templates / f"{name}.md"
    taken = [path for path in (campaign_file, template_file) if path.exists()]
    if taken:
        raise CampaignError(
            *(f"{_short(desk, path)} is there already. Choose another name." for path in taken)
        )
    author = desk.settings.people[0] if desk.settings.people else "your.name@example.com"
    send_on = (now() + timedelta(days=14)).date()
    _write(campaign_file, campaign_text(name, author=author, send_on=send_on))
    _write(template_file, template_text())
    for path in (campaign_file, template_file):
        show(_short(desk, path))
    say(f"Fill both in, then: outreach check {name}")


def _read_all(desk: Desk) -> tuple[list[Campaign], list[str]]:
    found: list[Campaign] = []
    broken: list[str] = []
    for name in campaign_names(desk.workspace.campaigns):
        path = desk.workspace.campaigns / f"{name}.toml"
        try:
            found.append(read_campaign(name, path.read_text(encoding="utf-8")))
        except (CampaignError, UnicodeDecodeError) as error:
            broken.append(str(error) if isinstance(error, CampaignError) else f"{path}: not UTF-8")
    return found, broken


def _planned_in(desk: Desk) -> dict[str, list[str]]:
    """Return the modes each campaign was planned in; none where there is no database yet."""
    if not desk.settings.database_url and not desk.workspace.database_file.exists():
        return {}
    planned: dict[str, list[str]] = {}
    with desk.database.read() as session:
        for mailing in mailings(session):
            planned.setdefault(mailing.campaign, []).append(mailing.mode)
    return planned


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _short(desk: Desk, path: Path) -> str:
    return path.relative_to(desk.workspace.root).as_posix()
