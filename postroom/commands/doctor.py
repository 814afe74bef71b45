"""`doctor`: what is set up, what is missing, and how to get it."""

from collections.abc import Iterator

import typer

from postroom import restored
from postroom.commands import confirming
from postroom.commands.desk import Desk, JsonOption, ModeOption, WorkspaceOption, open_desk
from postroom.commands.findings import Finding, Verdict
from postroom.commands.printing import show_json, show_point
from postroom.commands.proving import at_notify
from postroom.commands.tracked import kept_by_git
from postroom.content.campaign_file import Campaign
from postroom.content.editions import campaigns_in
from postroom.database import database_version
from postroom.delivery.public_site import check_site
from postroom.errors import ContentError, DatabaseError, PostroomError, SettingsError
from postroom.research import replaying
from postroom.settings import SAMPLE_PUBLIC_URL, Mode, unknown_variables
from postroom.workspace import as_typed

app = typer.Typer()


@app.command()
def doctor(
    mode: ModeOption = None,
    as_json: JsonOption = False,  # an option of the command line
    workspace: WorkspaceOption = None,
) -> None:
    """Say what is set up, what is missing and how to get it.

    With --mode test, team or live it asks Notify as well: it proves the key, the template and the
    reply-to by one message to Notify's own simulated address. No mail leaves.

    Example: outreach doctor --mode live
    """
    desk = open_desk(workspace)
    the_mode = desk.mode(mode)
    findings = [*_here(desk, the_mode), *at_notify(desk, the_mode)]
    if as_json:
        show_json([{"verdict": f.verdict, "about": f.about, "says": f.says} for f in findings])
    else:
        for finding in findings:
            show_point(f"{finding.verdict:5} {finding.about:12} ", finding.says)
    if any(finding.verdict is Verdict.BAD for finding in findings):
        raise typer.Exit(1)


def _here(desk: Desk, mode: Mode) -> Iterator[Finding]:
    yield Finding(Verdict.GOOD, "workspace", str(desk.workspace.root))
    yield Finding(Verdict.GOOD, "mode", f"{mode} (--mode, else OUTREACH_MODE, else local)")
    secret = _secret(desk)
    yield secret
    database = _database(desk, secret)
    yield database
    if database.verdict is Verdict.GOOD:
        yield from _journal(desk)
        for sentence in confirming.that_wait(desk, mode):
            yield Finding(Verdict.NOTE, "confirming", sentence)
    for _, campaign in campaigns_in(desk.workspace.root):
        if isinstance(campaign, Campaign) and (sentence := confirming.not_sent(campaign)):
            yield Finding(Verdict.NOTE, "confirming", sentence)
    yield from _keys(desk, mode)
    yield _template_id(desk, mode)
    yield _links(desk, mode)
    yield from _people(desk, mode)
    yield from _pace(desk, mode)
    yield from kept_by_git(desk.workspace.root)
    for said in unknown_variables(desk.workspace):
        yield Finding(Verdict.NOTE, "environment", said)


def _secret(desk: Desk) -> Finding:
    try:
        _ = desk.keys
    except PostroomError as error:
        return Finding(Verdict.BAD, "secret", str(error))
    kept = "OUTREACH_SECRET" if desk.settings.secret else desk.workspace.secret_file.name
    return Finding(
        Verdict.GOOD, "secret", f"{kept} is there. Keep a copy somewhere else than the database"
    )


def _database(desk: Desk, secret: Finding) -> Finding:
    try:
        version, newest = database_version(desk.workspace, desk.settings)
        if version is None:
            remedy = "outreach db upgrade"
            if secret.verdict is Verdict.BAD:
                remedy = f"outreach init {as_typed(desk.workspace.root)}"
            return Finding(Verdict.BAD, "database", f"none yet. Make it: {remedy}")
        _ = desk.database
    except PostroomError as error:
        return Finding(Verdict.BAD, "database", str(error))
    kind = "PostgreSQL" if desk.settings.database_url else desk.workspace.database_file.name
    return Finding(Verdict.GOOD, "database", f"{kind}, version {version} of {newest}")


def _journal(desk: Desk) -> Iterator[Finding]:
    """Say when the database lacks opt-outs that the journal knows, and which lines are broken."""
    try:
        reading = desk.database.journal.read()
        lost = len(replaying.missing(desk.database))
        awaited = _awaited(desk)
    except DatabaseError as error:
        yield Finding(Verdict.BAD, "opt-outs", str(error))
        return
    if awaited:
        yield Finding(Verdict.BAD, "opt-outs", awaited)
    if lost:
        yield Finding(
            Verdict.NOTE,
            "opt-outs",
            f"the database is older than {desk.workspace.journal_file.name}: {lost} entries are "
            "missing from it. The next send does them again before anything leaves.",
        )
    if reading.unreadable:
        numbers = ", ".join(map(str, reading.unreadable))
        yield Finding(
            Verdict.NOTE,
            "opt-outs",
            f"{desk.workspace.journal_file.name}: line {numbers} cannot be read. A crash cuts a "
            "line short before anybody is told that it is done; other damage is the disk's.",
        )


def _awaited(desk: Desk) -> str:
    """Return whose journals must be heard before anything is sent; nothing where all were."""
    with desk.database.read() as session:
        if restored.is_elsewhere(session):
            return (
                "the database lies elsewhere than before: it was restored from a backup, or moved. "
                "On each machine that shares it run: outreach db replay"
            )
        awaited = restored.unheard(session)
        return " ".join(replaying.who_is_awaited(awaited)) if awaited else ""


def _keys(desk: Desk, mode: Mode) -> Iterator[Finding]:
    for each in (Mode.TEST, Mode.TEAM, Mode.LIVE):
        name = f"NOTIFY_{each.upper()}_KEY"
        if desk.settings.key(each):
            yield Finding(Verdict.GOOD, "key", f"{name} is set")
        else:
            verdict = Verdict.BAD if each is mode else Verdict.NOTE
            yield Finding(
                verdict,
                "key",
                f"{name} is not set. In Notify: API integration, API keys, Create an API key, "
                f"type {each}. Put it in .env; it is shown once.",
            )


def _template_id(desk: Desk, mode: Mode) -> Finding:
    if desk.settings.notify_template_id:
        return Finding(Verdict.GOOD, "template", "NOTIFY_TEMPLATE_ID is set")
    return Finding(
        Verdict.NOTE if mode is Mode.LOCAL else Verdict.BAD,
        "template",
        "NOTIFY_TEMPLATE_ID is not set. In Notify: Templates, New template, Email; subject "
        "((subject)), message ((body)), nothing else; copy its template ID into .env.",
    )


def _links(desk: Desk, mode: Mode) -> Finding:
    """Say where links lead, and in live mode whether `send` would let mail go out with them."""
    url = desk.settings.public_url
    needed = sorted(_campaigns_with_links(desk))
    if not needed and mode in (Mode.TEAM, Mode.LIVE):
        return Finding(
            Verdict.GOOD, "links", "every campaign has a `form` and a `stop_address` of its own"
        )
    if url == SAMPLE_PUBLIC_URL:
        return Finding(
            Verdict.BAD if mode in (Mode.TEAM, Mode.LIVE) else Verdict.NOTE,
            "links",
            f"lead to {url}. Before team or live, set OUTREACH_PUBLIC_URL to where `outreach "
            "serve` is reached, or give each campaign a `form` and a `stop_address`. Without "
            f"them: {', '.join(needed) or 'none yet'}.",
        )
    if mode is not Mode.LIVE:
        return Finding(Verdict.GOOD, "links", f"lead to {url}")
    try:
        with desk.database.read() as session:
            check_site(session, url)
    except PostroomError as error:
        return Finding(Verdict.BAD, "links", str(error))
    return Finding(Verdict.GOOD, "links", f"lead to {url}, which works from this database")


def _campaigns_with_links(desk: Desk) -> Iterator[str]:
    """Yield the campaigns whose emails link to our own pages, or may."""
    for name, campaign in campaigns_in(desk.workspace.root):
        if isinstance(campaign, ContentError) or not (campaign.form and campaign.stop_address):
            yield name


def _pace(desk: Desk, mode: Mode) -> Iterator[Finding]:
    try:
        desk.settings.refuse_rate_above_limit(Mode.LIVE)
    except SettingsError as error:
        verdict = Verdict.NOTE if mode is Mode.LOCAL else Verdict.BAD
        yield Finding(verdict, "pace", str(error))


def _people(desk: Desk, mode: Mode) -> Iterator[Finding]:
    needed = Verdict.BAD if mode is Mode.LIVE else Verdict.NOTE
    if not desk.settings.people:
        yield Finding(needed, "people", "nobody is named in outreach.toml: who may send and test?")
    else:
        yield _person(desk, needed)
    if not desk.settings.approvers:
        yield Finding(needed, "approvers", "nobody is named in outreach.toml: who signs off?")


def _person(desk: Desk, needed: Verdict) -> Finding:
    try:
        desk.who(Mode.LIVE)
    except SettingsError as error:
        return Finding(needed, "person", str(error))
    return Finding(Verdict.GOOD, "person", "OUTREACH_PERSON is one of `people`")
