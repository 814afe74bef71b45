"""Which of a list's recipients a campaign is for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlmodel import Session, col

from postroom.audience import lists, school_facts
from postroom.audience.was_sent import WAS_SENT, who_may_have
from postroom.content.campaign_file import Campaign
from postroom.content.facts import shared_facts
from postroom.errors import AudienceError
from postroom.tables import Membership, Recipient

VALUES_SHOWN = 12
NO_FILES: Mapping[str, str] = {}

Segment = Mapping[str, Sequence[str]]
"""Each field with the values that are chosen; whoever fits every field is in the segment."""


@dataclass(frozen=True)
class Chosen:
    """A recipient a campaign is for, and what the list says of them."""

    row: int
    """Of the spreadsheet they came from, as the spreadsheet counts."""
    address: str
    address_key: bytes
    school_urn: str
    school_name: str
    fields: Mapping[str, str]


def recipients_of(
    session: Session,
    campaign: Campaign,
    facts_files: Mapping[str, str] = NO_FILES,
    *,
    mode: str = "local",
) -> list[Chosen]:
    """Return everybody *campaign* is for, the suppressed among them, in the order of the list.

    They have the fields of the list, and those of their school in the register; bands as
    *facts_files* (an edition's) state them. A campaign without a list (a partner's, or an open
    one) is for nobody we hold. With `was_sent` it is for those who may have that campaign's
    email, sent in *mode*, also those who have left the list since. Read-only.
    Raises `AudienceError` for an unknown list, and as `choose` does.
    """
    if campaign.list is None:
        return []
    everybody = on_list(session, campaign.list)
    conditions = dict(campaign.segment)
    sent_before = conditions.pop(WAS_SENT, ())
    try:
        if sent_before:
            everybody = _who_were_sent(session, everybody, sent_before, mode)
        return choose(_at_schools(session, everybody, facts_files), conditions)
    except AudienceError as error:
        file = f"campaigns/{campaign.name}.toml: segment"
        raise AudienceError(*(f"{file}: {problem}" for problem in error.problems)) from error


def on_list(session: Session, name: str) -> list[Chosen]:
    """Return everybody on the list *name*, in its order. Raises `AudienceError` if unknown."""
    list_id = lists.list_named(session, name).id
    rows = session.execute(
        sa.select(
            col(Membership.row),
            col(Recipient.address),
            col(Recipient.address_key),
            col(Membership.school_urn),
            col(Membership.school_name),
            col(Membership.fields),
        )
        .join_from(Membership, Recipient, col(Membership.recipient_id) == col(Recipient.id))
        .where(col(Membership.list_id) == list_id)
        .order_by(col(Membership.row), col(Recipient.id))
    )
    return [Chosen(*row) for row in rows]


def _who_were_sent(
    session: Session, everybody: list[Chosen], campaigns: Sequence[str], mode: str
) -> list[Chosen]:
    """Return those of *everybody* who may have the email, then those no longer on the list."""
    sent = {one.address_key: one for one in who_may_have(session, campaigns, mode)}
    kept = [one for one in everybody if one.address_key in sent]
    listed = {one.address_key for one in everybody}
    last_row = max((one.row for one in everybody), default=1)
    left = [one for key, one in sent.items() if key not in listed]
    return kept + [
        Chosen(row, one.address, one.address_key, one.school_urn, one.school_name, one.fields)
        for row, one in enumerate(left, last_row + 1)
    ]


def _at_schools(
    session: Session, everybody: list[Chosen], facts_files: Mapping[str, str]
) -> list[Chosen]:
    """Return *everybody* with what the register says of their schools; the list's word wins."""
    bands = shared_facts(facts_files).bands
    told = school_facts.told(session, {one.school_urn for one in everybody}, bands)
    if not told:
        return everybody
    return [replace(one, fields={**told[one.school_urn], **one.fields}) for one in everybody]


def choose(everybody: Sequence[Chosen], segment: Segment) -> list[Chosen]:
    """Return those of *everybody* who are in *segment*, in their order.

    Values are compared without regard to case and outer spaces; several values of one field mean
    any of them. Raises `AudienceError` for a field that the list has not, naming those it has,
    and when nobody is left, naming the values there are.
    """
    _refuse_unknown_fields(everybody, segment)
    wanted = {field: {_same(value) for value in values} for field, values in segment.items()}
    chosen = [
        one
        for one in everybody
        if all(_same(one.fields.get(field, "")) in values for field, values in wanted.items())
    ]
    if everybody and not chosen:
        raise AudienceError("nobody on the list is in it.", *_values_there_are(everybody, segment))
    return chosen


def _refuse_unknown_fields(everybody: Sequence[Chosen], segment: Segment) -> None:
    known = {name for one in everybody for name in one.fields}
    unknown = [field for field in segment if field not in known]
    if everybody and unknown:
        raise AudienceError(
            *(
                f"{field}: the list has no such column. It has: {', '.join(sorted(known))}."
                for field in unknown
            )
        )


def _values_there_are(everybody: Iterable[Chosen], segment: Segment) -> list[str]:
    described = []
    for field in segment:
        values = sorted({one.fields.get(field, "") for one in everybody} - {""})
        more = " and others" if len(values) > VALUES_SHOWN else ""
        described.append(f"{field} is one of: {', '.join(values[:VALUES_SHOWN])}{more}.")
    return described


def _same(value: str) -> str:
    return value.strip().casefold()
