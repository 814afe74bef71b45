"""Which of a list's recipients a campaign is for, and why the others are not among them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlmodel import Session

from postroom.audience import history, school_facts
from postroom.audience.chosen import KIND, on_lists
from postroom.audience.chosen import Chosen as Chosen
from postroom.audience.history import NOT_SENT_WITHIN, NOT_SIGNED_UP_TO
from postroom.audience.urns import count_schools
from postroom.audience.was_sent import WAS_SENT, who_may_have
from postroom.content.bands import Band
from postroom.content.campaign_file import Campaign
from postroom.content.facts import shared_facts
from postroom.errors import AudienceError

VALUES_SHOWN = 12
NO_FILES: Mapping[str, str] = {}
OF_WHAT_HAPPENED = (WAS_SENT, NOT_SIGNED_UP_TO, NOT_SENT_WITHIN)

Segment = Mapping[str, Sequence[str]]
"""Each field with the values that are chosen; whoever fits every field is in the segment."""


@dataclass
class Audience:
    """Everybody on a campaign's lists: whom it is for, and why it is not for the others."""

    chosen: list[Chosen] = field(default_factory=list)
    """In the order of the lists; the suppressed are among them."""
    others: list[tuple[Chosen, str]] = field(default_factory=list)
    """Each with the condition they do not meet, in words."""
    of_nobody: dict[str, list[str]] = field(default_factory=dict)
    """By field, the values that the segment names and nobody has: probably misspelt."""
    values: dict[str, list[str]] = field(default_factory=dict)
    """By those fields, the values there are."""


def recipients_of(
    session: Session,
    campaign: Campaign,
    facts_files: Mapping[str, str] = NO_FILES,
    *,
    mode: str = "local",
    today: date | None = None,
) -> list[Chosen]:
    """Return everybody *campaign* is for, as `audience_of` chooses them."""
    return audience_of(session, campaign, facts_files, mode=mode, today=today).chosen


def audience_of(
    session: Session,
    campaign: Campaign,
    facts_files: Mapping[str, str] = NO_FILES,
    *,
    mode: str = "local",
    today: date | None = None,
) -> Audience:
    """Return whom *campaign* is for, the suppressed among them, and whom it is not for. Read-only.

    They have the fields of the list, and those of their school in the register; bands as
    *facts_files* (an edition's) state them. A campaign without a list (a partner's, or an open
    one) is for nobody we hold. With `was_sent` it is for those who may have that campaign's
    email, sent in *mode*, also those who have left the list since. *today* is what
    `not_sent_within` counts back from.
    Raises `AudienceError` for an unknown list, for a condition that cannot be or a band that there
    is none of, and when nobody is left, naming the values there are.
    """
    if not campaign.list:
        return Audience()
    everybody = on_lists(session, campaign.list)
    conditions = dict(campaign.segment)
    try:
        if sent_before := conditions.pop(WAS_SENT, ()):
            everybody, others = _who_were_sent(session, everybody, sent_before, mode)
        else:
            others = []
        found = _sorted_out(
            _at_schools(session, everybody, facts_files),
            conditions,
            _excluding(session, campaign, mode, today),
        )
        _judge_values_of_nobody(found, shared_facts(facts_files).bands)
    except AudienceError as error:
        file = f"campaigns/{campaign.name}.toml: segment"
        raise AudienceError(*(f"{file}: {problem}" for problem in error.problems)) from error
    found.others = [*others, *found.others]
    return found


@dataclass(frozen=True)
class Count:
    """How many meet one condition of a segment, by itself."""

    condition: str
    people: int
    schools: int


def counts(
    session: Session,
    campaign: Campaign,
    facts_files: Mapping[str, str] = NO_FILES,
    *,
    mode: str,
    today: date,
) -> list[Count]:
    """Return how many are on the campaign's lists, how many meet each condition of its segment
    and, of a field, each value, and how many meet all of them. Read-only.

    Raises as `audience_of`, but not for a condition that nobody meets.
    """
    everybody = on_lists(session, campaign.list or ())
    found = [_count(f"on {' and '.join(campaign.list or ())}", everybody)]
    conditions = dict(campaign.segment)
    if sent_before := conditions.pop(WAS_SENT, ()):
        everybody, _ = _who_were_sent(session, everybody, sent_before, mode)
        found.append(_count(f"{WAS_SENT} {' or '.join(sent_before)}", everybody))
    everybody = _at_schools(session, everybody, facts_files)
    by_field = {name: said for name, said in conditions.items() if name not in OF_WHAT_HAPPENED}
    _refuse_unknown_fields(everybody, by_field)
    reasons: dict[str, _Reason] = {
        f"{name} is {value}": _by_field(name, [value])
        for name, said in by_field.items()
        for value in said
    }
    excluding = _excluding(session, campaign, mode, today)
    for name, reason in excluding.items():
        reasons[f"{name} {' or '.join(campaign.segment[name])}"] = reason
    found += [
        _count(condition, [one for one in everybody if not reason(one)])
        for condition, reason in reasons.items()
    ]
    every = [*(_by_field(*pair) for pair in by_field.items()), *excluding.values()]
    chosen = [one for one in everybody if not any(reason(one) for reason in every)]
    return [*found, _count("all of it together", chosen)]


def _count(condition: str, people: Sequence[Chosen]) -> Count:
    schools = count_schools((one.school_urn, one.school_name) for one in people)
    return Count(condition, len(people), schools)


def _who_were_sent(
    session: Session, everybody: list[Chosen], campaigns: Sequence[str], mode: str
) -> tuple[list[Chosen], list[tuple[Chosen, str]]]:
    """Return those of *everybody* who may have the email, then those no longer on the list; and
    who has it not."""
    sent = {one.address_key: one for one in who_may_have(session, campaigns, mode)}
    kept = [one for one in everybody if one.address_key in sent]
    why = f"{' or '.join(campaigns)} was not sent to them"
    others = [(one, why) for one in everybody if one.address_key not in sent]
    listed = {one.address_key for one in everybody}
    last_row = max((one.row for one in everybody), default=1)
    left = [one for key, one in sent.items() if key not in listed]
    return kept + [
        Chosen(row, one.address, one.address_key, one.school_urn, one.school_name, one.fields)
        for row, one in enumerate(left, last_row + 1)
    ], others


_Reason = Callable[[Chosen], str]
"""Says why somebody does not meet a condition; nothing when they do."""


def _excluding(
    session: Session, campaign: Campaign, mode: str, today: date | None
) -> dict[str, _Reason]:
    """Return the conditions of *campaign* about what happened before, by their names."""
    reasons: dict[str, _Reason] = {}
    if to := campaign.segment.get(NOT_SIGNED_UP_TO):
        signed_up = history.signed_up(session, to, mode)
        they, their_school = (f"{who} signed up to {' or '.join(to)}" for who in _WHO)
        reasons[NOT_SIGNED_UP_TO] = lambda one: (
            they
            if one.address_key in signed_up.address_keys
            else (their_school if one.school_urn in signed_up.schools else "")
        )
    if within := campaign.segment.get(NOT_SENT_WITHIN):
        if today is None:
            raise ValueError("who was sent something lately depends on what day it is")
        since = today - history.period(within)
        sent = history.sent_since(session, since, mode, but_not=campaign.name)
        reasons[NOT_SENT_WITHIN] = lambda one: (
            f"had {sent[one.address_key]} within {within[0]}" if one.address_key in sent else ""
        )
    return reasons


_WHO = ("they", "their school")


def _at_schools(
    session: Session, everybody: list[Chosen], facts_files: Mapping[str, str]
) -> list[Chosen]:
    """Return *everybody* with what the register says of their schools; the list's word wins."""
    bands = shared_facts(facts_files).bands
    told = school_facts.told(session, {one.school_urn for one in everybody}, bands)
    if not told:
        return everybody
    return [
        replace(one, fields={**told[one.school_urn], **one.fields}, register=told[one.school_urn])
        for one in everybody
    ]


def choose(everybody: Sequence[Chosen], segment: Segment) -> list[Chosen]:
    """Return those of *everybody* who are in *segment*, a choice by fields, in their order.

    Values are compared without regard to case and outer spaces; several values of one field mean
    any of them. Raises `AudienceError` for a field that the list has not, naming those it has,
    and when nobody is left, naming the values there are.
    """
    return _sorted_out(everybody, segment, {}).chosen


def _sorted_out(
    everybody: Sequence[Chosen], segment: Segment, excluding: Mapping[str, _Reason]
) -> Audience:
    by_field = {name: said for name, said in segment.items() if name not in OF_WHAT_HAPPENED}
    _refuse_unknown_fields(everybody, by_field)
    reasons = [*(_by_field(name, said) for name, said in by_field.items()), *excluding.values()]
    found = Audience()
    for one in everybody:
        if why := next((said for reason in reasons if (said := reason(one))), ""):
            found.others.append((one, why))
        else:
            found.chosen.append(one)
    if everybody and not found.chosen:
        raise AudienceError(
            "nobody on the list is in it.",
            *_values_there_are(everybody, by_field),
            *_what_happened(found),
        )
    _note_values_of_nobody(found, everybody, by_field)
    return found


def _note_values_of_nobody(found: Audience, everybody: Sequence[Chosen], segment: Segment) -> None:
    for name, said in segment.items():
        there_are = {_same(value): value for one in everybody if (value := one.says(name))}
        if missing := [value for value in said if _same(value) not in there_are]:
            found.of_nobody[name] = missing
            found.values[name] = sorted(there_are.values())


def _judge_values_of_nobody(found: Audience, bands: Mapping[str, Band]) -> None:
    """Refuse what a band cannot be; that nobody on the list is in one of them is no mistake."""
    for name in sorted(set(found.of_nobody) & set(bands)):
        there_are = [*bands[name].values, bands[name].otherwise]
        known = set(map(_same, there_are))
        if unknown := [value for value in found.of_nobody[name] if _same(value) not in known]:
            raise AudienceError(
                f"{name}: there is no {' or '.join(f'“{value}”' for value in unknown)}. "
                f"There are: {', '.join(there_are)}."
            )
        del found.of_nobody[name]


def _by_field(name: str, said: Sequence[str]) -> _Reason:
    wanted = {_same(value) for value in said}
    why = f"{name} is not {' or '.join(said)}"
    return lambda one: "" if _same(one.says(name)) in wanted else why


def _what_happened(found: Audience) -> Iterator[str]:
    counted: dict[str, int] = {}
    for _, why in found.others:
        counted[why] = counted.get(why, 0) + 1
    for why, number in sorted(counted.items(), key=lambda pair: -pair[1])[:VALUES_SHOWN]:
        yield f"{number:,} left out: {why}."


def _refuse_unknown_fields(everybody: Sequence[Chosen], segment: Segment) -> None:
    known = {name for one in everybody for name in one.fields}
    there_are = [*sorted(known - {KIND}), KIND]
    unknown = [field for field in segment if field not in there_are]
    if everybody and unknown:
        raise AudienceError(
            *(
                f"{field}: the list has no such column. It has: {', '.join(there_are)}."
                for field in unknown
            )
        )


def _values_there_are(everybody: Iterable[Chosen], segment: Segment) -> list[str]:
    described = []
    for name in segment:
        values = sorted({one.says(name) for one in everybody} - {""})
        more = " and others" if len(values) > VALUES_SHOWN else ""
        described.append(f"{name} is one of: {', '.join(values[:VALUES_SHOWN])}{more}.")
    return described


def _same(value: str) -> str:
    return value.strip().casefold()
