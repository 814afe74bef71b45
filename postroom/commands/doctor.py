"""`doctor`: what is set up, what is missing, and how to get it."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import requests
import typer

from postroom.commands import confirming
from postroom.commands.desk import (
    Desk,
    JsonOption,
    ModeOption,
    WorkspaceOption,
    now,
    open_desk,
    open_notify,
)
from postroom.commands.findings import Finding, Verdict
from postroom.commands.printing import show_json, show_point
from postroom.commands.tracked import kept_by_git
from postroom.content.rendering import Email
from postroom.database import database_version
from postroom.delivery.gateway import SIMULATED_ADDRESS, Notify, Parcel
from postroom.errors import DatabaseError, NotifyError, PostroomError
from postroom.research import replaying
from postroom.settings import (
    NOTIFY_PRODUCTION,
    SAMPLE_PUBLIC_URL,
    Mode,
    unknown_variables,
)

app = typer.Typer()

CLOCK_SECONDS = 30
"""Notify refuses a request whose clock is further off than this (its docs: JSON web tokens)."""


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
    findings = [*_here(desk, the_mode), *_at_notify(desk, the_mode)]
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
    database = _database(desk)
    yield database
    if database.verdict is Verdict.GOOD:
        yield from _journal(desk)
        for sentence in confirming.that_wait(desk, mode):
            yield Finding(Verdict.NOTE, "confirming", sentence)
    yield from _keys(desk, mode)
    yield _template_id(desk, mode)
    yield _public_url(desk, mode)
    yield from _people(desk, mode)
    yield from kept_by_git(desk.workspace.root)
    for said in unknown_variables(desk.workspace):
        yield Finding(Verdict.NOTE, "environment", said)


def _database(desk: Desk) -> Finding:
    try:
        version, newest = database_version(desk.workspace, desk.settings)
        if version is None:
            return Finding(Verdict.BAD, "database", "none yet. Make it: outreach db upgrade")
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
    except DatabaseError as error:
        yield Finding(Verdict.BAD, "opt-outs", str(error))
        return
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


def _public_url(desk: Desk, mode: Mode) -> Finding:
    if desk.settings.public_url != SAMPLE_PUBLIC_URL:
        return Finding(Verdict.GOOD, "links", f"lead to {desk.settings.public_url}")
    needed = mode in (Mode.TEAM, Mode.LIVE)
    return Finding(
        Verdict.BAD if needed else Verdict.NOTE,
        "links",
        f"lead to {SAMPLE_PUBLIC_URL}. Before team or live, set OUTREACH_PUBLIC_URL to where "
        "`outreach serve` is reached, or give the campaign a `form` and a `stop_address`.",
    )


def _people(desk: Desk, mode: Mode) -> Iterator[Finding]:
    needed = Verdict.BAD if mode is Mode.LIVE else Verdict.NOTE
    if not desk.settings.people:
        yield Finding(needed, "people", "nobody is named in outreach.toml: who may send and test?")
    if not desk.settings.approvers:
        yield Finding(needed, "approvers", "nobody is named in outreach.toml: who signs off?")


def _at_notify(desk: Desk, mode: Mode) -> Iterator[Finding]:
    if mode is not Mode.LOCAL and not (
        desk.settings.key(mode) and desk.settings.notify_template_id
    ):
        return
    try:
        with open_notify(desk, mode) as notify:
            if mode is not Mode.LOCAL:
                yield from _clock(desk)
            template = notify.template()
            if not template.passes_through:
                yield Finding(
                    Verdict.BAD,
                    "template",
                    f"version {template.version} is not a pass-through: make its subject "
                    "((subject)) and its message ((body)), with nothing else.",
                )
            yield _probe(notify, mode)
    except PostroomError as error:
        yield Finding(Verdict.BAD, "Notify", str(error))


def _clock(desk: Desk) -> Iterator[Finding]:
    base_url = desk.settings.notify_base_url or NOTIFY_PRODUCTION
    try:
        answer = requests.get(f"{base_url}/_status", timeout=10)
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        yield Finding(Verdict.NOTE, "clock", "Notify's clock could not be read")
        return
    seconds = abs((now() - theirs).total_seconds())
    if seconds > CLOCK_SECONDS - 5:
        yield Finding(
            Verdict.BAD,
            "clock",
            f"this machine's clock is {seconds:.0f} seconds off Notify's, which refuses more than "
            f"{CLOCK_SECONDS}. Set it by the network.",
        )
    else:
        yield Finding(Verdict.GOOD, "clock", "agrees with Notify's")


def _probe(notify: Notify, mode: Mode) -> Finding:
    parcel = Parcel(
        address=SIMULATED_ADDRESS,
        reference="doctor",
        email=Email(subject="Doctor", body="A check of key, template and reply-to."),
    )
    try:
        notify.send(parcel)
    except NotifyError as error:
        said = str(error)
        if "team-only API key" in said:
            # Measured: a team key may not even write to the simulated address. The key works.
            return Finding(Verdict.GOOD, "Notify", "the team key works")
        if "trial mode" in said:
            return Finding(
                Verdict.BAD if mode is Mode.LIVE else Verdict.NOTE,
                "Notify",
                "the service is in trial mode: it can write to its own team only. In Notify: "
                "Settings, request to go live.",
            )
        return Finding(Verdict.BAD, "Notify", said)
    return Finding(Verdict.GOOD, "Notify", "takes this key, template and reply-to; no mail left")
