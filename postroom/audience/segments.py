"""Which of a list's recipients a campaign is for, and why the others are not among them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlmodel import Session

from postroom.audience import history, school_facts
from postroom.audience.chosen import KIND, among_several, on_lists
from postroom.audience.chosen import Chosen as Chosen
from postroom.audience.history import NOT_SENT_WITHIN, NOT_SIGNED_UP_TO
from postroom.audience.urns import count_schools
from postroom.audience.was_sent import WAS_SENT, who_may_have
from postroom.content.bands import Band
from postroom.content.campaign_file import Campaign
from postroom.content.facts import shared_facts
from postroom.content.places import FileRow, spreadsheet_of
from postroom.errors import AudienceError

VALUES_SHOWN = 12
NO_FILES: Mapping[str, str] = {}
LEFT = "those no longer on the list"
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
    mode: str,
    today: date,
) -> list[Chosen]:
    """Return everybody *campaign* is for, as `audience_of` chooses them."""
    return audience_of(session, campaign, facts_files, mode=mode, today=today).chosen


def audience_of(
    session: Session,
    campaign: Campaign,
    facts_files: Mapping[str, str] = NO_FILES,
    *,
    mode: str,
    today: date,
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
    listed = on_lists(session, campaign.list)
    try:
        everybody, others = _who_were_sent(session, campaign, listed, mode)
        everybody = _at_schools(session, everybody, facts_files)
        conditions = _conditions(session, campaign, everybody, mode=mode, today=today)
        found = _sorted_out(everybody, conditions)
        if everybody and not found.chosen:
            raise AudienceError(*_why_nobody(campaign.segment, everybody, found))
        _note_values_of_nobody(found, everybody, campaign.segment)
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
    segment = campaign.segment
    listed = on_lists(session, campaign.list or ())
    found = [_count(f"on {' and '.join(campaign.list or ())}", listed)]
    everybody, _ = _who_were_sent(session, campaign, listed, mode)
    if WAS_SENT in segment:
        found.append(_count(f"{WAS_SENT} {' or '.join(segment[WAS_SENT])}", everybody))
    everybody = _at_schools(session, everybody, facts_files)
    conditions = _conditions(session, campaign, everybody, mode=mode, today=today)
    for name, reason in conditions.items():
        parts = {f"{name} {' or '.join(segment[name])}": reason}
        if name not in OF_WHAT_HAPPENED:
            parts = {f"{name} is {value}": _by_field(name, [value]) for value in segment[name]}
        found += [
            _count(condition, _sorted_out(everybody, {name: part}).chosen)
            for condition, part in parts.items()
        ]
    return [*found, _count("all of it together", _sorted_out(everybody, conditions).chosen)]


def _count(condition: str, people: Sequence[Chosen]) -> Count:
    schools = count_schools((one.school_urn, one.school_name) for one in people)
    return Count(condition, len(people), schools)


def _who_were_sent(
    session: Session, campaign: Campaign, listed: list[Chosen], mode: str
) -> tuple[list[Chosen], list[tuple[Chosen, str]]]:
    """Return those of *listed* who may have the emails that `was_sent` names, then those no longer
    on the lists; and who has them not. Without that condition, all of *listed*."""
    sent_before = campaign.segment.get(WAS_SENT)
    if not sent_before:
        return listed, []
    sent = {one.address_key: one for one in who_may_have(session, sent_before, mode)}
    left = sent.keys() - {one.address_key for one in listed}
    if left:
        listed = among_several(listed, " and ".join(campaign.list or ()))
    kept = [one for one in listed if one.address_key in sent]
    why = f"{' or '.join(sent_before)} was not sent to them"
    others = [(one, why) for one in listed if one.address_key not in sent]
    last = 1 + max((spreadsheet_of(one.row) for one in listed), default=0)
    off_the_lists = (one for key, one in sent.items() if key in left)
    return kept + [
        Chosen(
            FileRow(last, number, LEFT),
            one.address,
            one.address_key,
            one.school_urn,
            one.school_name,
            one.fields,
        )
        for number, one in enumerate(off_the_lists, 1)
    ], others


_Reason = Callable[[Chosen], str]
"""Says why somebody does not meet a condition; nothing when they do."""


def _conditions(
    session: Session, campaign: Campaign, everybody: Sequence[Chosen], *, mode: str, today: date
) -> dict[str, _Reason]:
    """Return the conditions of *campaign*'s segment by their names, but for `was_sent`.

    Raises `AudienceError` for a field that nobody has, naming those there are.
    """
    by_field = _by_fields(campaign.segment)
    _refuse_unknown_fields(everybody, by_field)
    return {
        **{name: _by_field(name, said) for name, said in by_field.items()},
        **_excluding(session, campaign, mode, today),
    }


def _excluding(session: Session, campaign: Campaign, mode: str, today: date) -> dict[str, _Reason]:
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


def _sorted_out(everybody: Iterable[Chosen], conditions: Mapping[str, _Reason]) -> Audience:
    found = Audience()
    for one in everybody:
        if why := next((said for reason in conditions.values() if (said := reason(one))), ""):
            found.others.append((one, why))
        else:
            found.chosen.append(one)
    return found


def _note_values_of_nobody(found: Audience, everybody: Sequence[Chosen], segment: Segment) -> None:
    for name, said in _by_fields(segment).items():
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


def _why_nobody(segment: Segment, everybody: Sequence[Chosen], found: Audience) -> Iterator[str]:
    """Say what there is to choose from, and how many each condition left out."""
    yield "nobody on the list is in it."
    for name in _by_fields(segment):
        values = sorted({one.says(name) for one in everybody} - {""})
        more = " and others" if len(values) > VALUES_SHOWN else ""
        if values:
            yield f"{name} is one of: {', '.join(values[:VALUES_SHOWN])}{more}."
        else:
            yield f"{name}: the column is blank for everybody."
    counted = Counter(why for _, why in found.others)
    for why, number in counted.most_common(VALUES_SHOWN):
        yield f"{number:,} left out: {why}."


def _by_fields(segment: Segment) -> dict[str, Sequence[str]]:
    return {name: said for name, said in segment.items() if name not in OF_WHAT_HAPPENED}


def _same(value: str) -> str:
    return value.strip().casefold()
