"""Checks: every problem in every email of a campaign, found before anything is sent."""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from postroom.content.checks import (
    agreement,
    date_checks,
    fact_checks,
    footer,
    link_checks,
    link_surprises,
    list_surprises,
    markdown_surprises,
    placeholders,
    recruiting,
    size,
    values,
    wording,
)
from postroom.content.checks.kinds import Brief, Check, Person, Problem, Rank
from postroom.content.checks.reading import Digest, Policy, Reader
from postroom.content.editions import Edition
from postroom.content.places import Place
from postroom.content.rendering import Email

__all__ = ["CHECKS", "POLICY", "Brief", "Check", "Person", "Problem", "Rank", "problems"]

POLICY = Policy(
    campaign=(
        *placeholders.CAMPAIGN_CHECKS,
        *agreement.CAMPAIGN_CHECKS,
        *date_checks.CAMPAIGN_CHECKS,
    ),
    subject=(*size.SUBJECT_CHECKS, *wording.SUBJECT_CHECKS),
    line=(
        *placeholders.LINE_CHECKS,
        *date_checks.PASSAGE_CHECKS,
        *fact_checks.PASSAGE_CHECKS,
        *size.PASSAGE_CHECKS,
    ),
    bulk=size.BULK_CHECKS,
    gates=size.GATES,
    passage=(
        *placeholders.PASSAGE_CHECKS,
        *list_surprises.PASSAGE_CHECKS,
        *markdown_surprises.PASSAGE_CHECKS,
        *link_checks.PASSAGE_CHECKS,
        *link_surprises.PASSAGE_CHECKS,
        *date_checks.PASSAGE_CHECKS,
        *fact_checks.PASSAGE_CHECKS,
        *recruiting.PASSAGE_CHECKS,
        *wording.PASSAGE_CHECKS,
        *size.PASSAGE_CHECKS,
    ),
    letter=(*footer.LETTER_CHECKS, *size.LETTER_CHECKS, *wording.LETTER_CHECKS),
    whole=(*markdown_surprises.WHOLE_CHECKS,),
    person=(*values.PERSON_CHECKS,),
    seen=(*fact_checks.SEEN_CHECKS,),
)
"""Which checks there are. To add one: write its function and its `Check`, and a test for each."""

CHECKS: tuple[Check[Any], ...] = POLICY.all_checks()
"""Every check, in the order in which the reference lists them."""


def sha256(found: str) -> bytes:
    """Return the SHA-256 (32 bytes) of what a check *found*."""
    return hashlib.sha256(found.encode("utf-8", "surrogatepass")).digest()


def problems(
    edition: Edition,
    emails: Iterable[tuple[Place, Email]],
    today: date,
    *,
    people: Iterable[tuple[Place, Person]] = (),
    live_on: date | None = None,
    public_url: str = "",
    digest: Digest = sha256,
) -> list[Problem]:
    """Return every problem of *edition* and its *emails*, each with the rows it touches.

    Stops come first, then warnings, then advice, each by first row. *emails* is gone through once
    and not kept; so is *people*, whose values are looked at where given. Row 0 is for a text that
    goes to no recipient of ours (a partner's, an open link's): its problems name no rows. Dates
    are judged at the campaign's `send_on`, and on *live_on* when a live send happens then. Links
    that begin with *public_url* are our own. *digest* makes what is kept of the things that a stop
    found, in which recipients may be named. Raises `ContentError` when a facts file needs mending.
    """
    brief = Brief(edition, today, live_on, public_url)
    reader = Reader(POLICY, brief, digest)
    reader.judge_campaign()
    for row, email in emails:
        reader.read(row, email)
    for row, person in people:
        reader.meet(row, person)
    return reader.problems()
