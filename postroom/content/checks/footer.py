"""Checks: readers are told why they got it, how to stop, whom to ask and how they are protected."""

from collections.abc import Iterator

from postroom.content.campaign_file import Kind, Route
from postroom.content.checks.kinds import Brief, Check, Rank
from postroom.content.checks.letters import Letter


def _no_way_to_stop(letter: Letter, brief: Brief) -> Iterator[str]:
    if brief.campaign.kind is not Kind.SERVICE and "stop" not in letter.marks:
        yield (
            "Nothing tells the reader how to stop these emails. Add: You can [stop these emails]"
            "({{ links.stop }})."
        )


def _no_reason(letter: Letter, brief: Brief) -> Iterator[str]:
    if brief.campaign.route is not Route.OPEN and "why" not in letter.marks:
        yield "Nothing tells the reader why they got this email. Say where their address is from."


def _no_contact(letter: Letter, _: Brief) -> Iterator[str]:
    if "contact" not in letter.marks:
        yield "Nothing tells the reader whom to ask. Add an address that people answer."


def _no_privacy_notice(letter: Letter, _: Brief) -> Iterator[str]:
    if "privacy" not in letter.marks:
        yield "Nothing tells the reader where the privacy notice is. Add a link to it."


LETTER_CHECKS = (
    Check[Letter](
        "no-way-to-stop",
        Rank.STOP,
        "The email does not say how to stop emails like it. Messages about a service that the "
        'reader already uses (kind = "service") need not.',
        "Put {{ links.stop }} into the text, or use base.md, which has it.",
        _no_way_to_stop,
    ),
    Check[Letter](
        "no-reason-why",
        Rank.WARN,
        "The email does not say why the reader got it.",
        "Say whose list it is and where the address came from.",
        _no_reason,
    ),
    Check[Letter](
        "no-contact",
        Rank.WARN,
        "The email names nobody to ask.",
        "Add an email address or telephone number that people answer.",
        _no_contact,
    ),
    Check[Letter](
        "no-privacy-notice",
        Rank.WARN,
        "The email does not say where its privacy notice is.",
        "Add a link to the notice that covers this use of the addresses.",
        _no_privacy_notice,
    ),
)
