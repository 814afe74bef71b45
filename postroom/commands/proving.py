"""What `doctor` finds out by asking Notify: clock, template, key and reply-to. No mail leaves."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import requests

from postroom.commands.desk import Desk, now, open_notify
from postroom.commands.findings import Finding, Verdict
from postroom.commands.printing import london
from postroom.content.rendering import Email
from postroom.delivery.gateway import SIMULATED_ADDRESS, Notify, Parcel
from postroom.errors import NotifyError, PostroomError
from postroom.settings import NOTIFY_PRODUCTION, Mode

CLOCK_SECONDS = 30
"""Notify refuses a request whose clock is further off than this (its docs: JSON web tokens)."""


def at_notify(desk: Desk, mode: Mode) -> Iterator[Finding]:
    """Yield what Notify itself says of the clock, the template, the key and the reply-to.

    Says nothing where a key or a template is missing: that is found without asking.
    """
    if mode is not Mode.LOCAL and not (
        desk.settings.key(mode) and desk.settings.notify_template_id
    ):
        return
    try:
        with open_notify(desk, mode) as notify:
            yield _clock(desk, mode)
            template = notify.template()
            if not template.passes_through:
                yield Finding(
                    Verdict.BAD,
                    "template",
                    f"version {template.version} is not a pass-through: make its subject "
                    "((subject)) and its message ((body)), with nothing else.",
                )
            yield _probe(notify, mode, desk.settings.public_url)
    except PostroomError as error:
        yield Finding(Verdict.BAD, "Notify", str(error))


def _clock(desk: Desk, mode: Mode) -> Finding:
    if mode is Mode.LOCAL:
        return Finding(
            Verdict.NOTE,
            "clock",
            f"it is {london(now())} here. `outreach doctor --mode test` compares that with "
            "Notify's clock.",
        )
    base_url = desk.settings.notify_base_url or NOTIFY_PRODUCTION
    try:
        answer = requests.get(f"{base_url}/_status", timeout=10)
        theirs = parsedate_to_datetime(answer.headers["Date"])
        seconds = abs((now() - theirs).total_seconds())
    except (requests.RequestException, KeyError, TypeError, ValueError):
        return Finding(Verdict.NOTE, "clock", "Notify's clock could not be read")
    if seconds <= CLOCK_SECONDS - 5:
        return Finding(Verdict.GOOD, "clock", "agrees with Notify's")
    return Finding(
        Verdict.BAD,
        "clock",
        f"this machine's clock is {seconds:.0f} seconds off Notify's, which refuses more than "
        f"{CLOCK_SECONDS}. Set it by the network.",
    )


def _probe(notify: Notify, mode: Mode, public_url: str) -> Finding:
    parcel = Parcel(
        address=SIMULATED_ADDRESS,
        reference="doctor",
        email=Email(subject="Doctor", body="A check of key, template, reply-to and links."),
        stop_url=f"{public_url}/sample/stop",
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
    return Finding(
        Verdict.GOOD, "Notify", "takes this key, template, reply-to and links; no mail left"
    )
