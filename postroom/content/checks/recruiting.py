"""Checks: mail about a service that asks for volunteers reaches those who asked for no research."""

import re
from collections.abc import Iterator

from postroom.content.campaign_file import Kind
from postroom.content.checks.kinds import Brief, Check, Rank
from postroom.content.checks.letters import marks_of
from postroom.content.checks.passages import Passage
from postroom.content.confirmations import TEMPLATES

CONFIRMATIONS = frozenset(TEMPLATES.values())
_ASKS = re.compile(
    r"\bvolunteer(?:s|ing)?\b|\btak(?:e|ing) part in (?:\w+ ){0,5}research\b|"
    r"\buser research\b|\bresearch (?:sessions?|interviews?|stud(?:y|ies)|panel)\b|"
    r"(?<!signed up to )\bhelp (?:us )?(?:with|in) (?:\w+ )?research\b",
    re.IGNORECASE,
)


def _asks_for_volunteers(passage: Passage, brief: Brief) -> Iterator[str]:
    campaign = brief.campaign
    if campaign.kind is not Kind.SERVICE or campaign.template in CONFIRMATIONS:
        return  # a confirmation answers somebody who asked to take part a moment ago
    asked = _ASKS.search(passage.shown)
    if asked or "sign-up" in marks_of(passage, brief):
        how = f"{brief.quoted(asked[0])} asks" if asked else "The sign-up link asks"
        yield (
            f"{how} for volunteers in an email of kind = “service”, which also goes to everybody "
            "who asked for no research. Ask in a campaign of kind = “research”."
        )


PASSAGE_CHECKS = (
    Check[Passage](
        "service-recruits",
        Rank.WARN,
        'A campaign of kind = "service" asks for volunteers. Mail about a service goes to those '
        "who asked for no announcements and no research too, because it can cost a school its "
        "money when it does not arrive; a request for volunteers must not.",
        'Take the request out, and make it in a campaign of kind = "research".',
        _asks_for_volunteers,
    ),
)
