"""The audience of a campaign, explained as a colleague would: who, who not and why, which schools.

Reads only. Texts name schools, which are no persons; people are only in the rows that somebody
asks to see.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from postroom.audience import history, segments, working
from postroom.audience.segments import Audience, Chosen
from postroom.audience.urns import school_key
from postroom.content.bands import approximated
from postroom.content.facts import shared_facts
from postroom.content.places import Place
from postroom.delivery.preparing import Office, Prepared

SCHOOLS_NAMED = 5
VALUES_NAMED = 12
GETS_IT = "gets it"


@dataclass(frozen=True)
class Person:
    """One person or mailbox on the campaign's lists, and what this campaign means for them."""

    row: Place
    address: str
    school: str
    outcome: str
    """That they get it, or why they do not."""


@dataclass(frozen=True)
class Explanation:
    """An audience in words."""

    sentences: tuple[str, ...]
    people: tuple[Person, ...]
    """In the order of the lists."""


def explain(session: Session, prepared: Prepared, office: Office, *, today: date) -> Explanation:
    """Return who gets *prepared*'s email, who does not and why, person by person and by school.

    Read-only. Empty for a campaign whose readers are not held here.
    """
    edition = prepared.edition
    audience = segments.audience_of(
        session, edition.campaign, edition.facts_files, mode=office.mode, today=today
    )
    if not edition.campaign.list:
        return Explanation((), ())
    held = {draft.address_key: draft.left_out for draft in prepared.left_out}
    flagged = working.not_working(
        session, [one.address_key for one in audience.chosen], office.mode
    )
    since = today - history.LATELY
    several = history.schools_with_several(session, since, office.mode)
    sentences = (
        *_of_nobody(edition.campaign.list, audience),
        *_by_condition(edition.campaign.list, audience),
        *_approximations(prepared, audience),
        *_by_school(audience.chosen, {*held, *flagged}),
        *_often_written_to(audience.chosen, several),
        *_to_mend([one for one in audience.chosen if one.address_key in flagged]),
    )
    return Explanation(sentences, tuple(_people(audience, held)))


def _people(audience: Audience, held: dict[bytes, str]) -> Iterator[Person]:
    outcomes = [(one, held.get(one.address_key) or GETS_IT) for one in audience.chosen]
    for one, outcome in sorted([*outcomes, *audience.others], key=lambda pair: pair[0].row):
        yield Person(one.row, one.address, _school(one), outcome)


def _of_nobody(lists: Sequence[str], audience: Audience) -> Iterator[str]:
    for name, missing in audience.of_nobody.items():
        values = " or ".join(f"“{value}”" for value in missing)
        yield (
            f"Look again at the segment: nobody on {' and '.join(lists)} has the {name} {values}. "
            f"There are: {_named(audience.values[name], VALUES_NAMED)}."
        )


def _by_condition(lists: Sequence[str], audience: Audience) -> Iterator[str]:
    on = " and ".join(lists)
    total = len(audience.chosen) + len(audience.others)
    if not audience.others:
        yield f"Everybody on {on} is chosen: {_number(total, 'person', 'people')}."
        return
    counted = Counter(why for _, why in audience.others)
    reasons = "; ".join(f"{number:,} because {why}" for why, number in counted.most_common())
    yield (
        f"Of {_number(total, 'person', 'people')} on {on}, {len(audience.chosen):,} are chosen. "
        f"The segment leaves out {reasons}."
    )


def _approximations(prepared: Prepared, audience: Audience) -> Iterator[str]:
    """Say which schools are in a band by an approximation, where the email or its segment goes by
    that band."""
    edition = prepared.edition
    told = {name for draft in prepared.drafts[:1] for name in draft.fields}
    wanted = {*edition.campaign.segment, *told}
    bands = shared_facts(edition.facts_files).bands
    schools: dict[tuple[str, str], set[str]] = {}
    for one in (*audience.chosen, *(other for other, _ in audience.others)):
        for name, note in approximated(one.fields, bands, wanted).items():
            schools.setdefault((name, note), set()).add(_key(one))
    for (name, note), some in schools.items():
        noun = "school has its" if len(some) == 1 else "schools have their"
        yield f"{len(some):,} {noun} {name} by an approximation: {note}."


def _by_school(chosen: Sequence[Chosen], unreached: set[bytes]) -> Iterator[str]:
    """Say how many schools have somebody whom the email can be expected to reach."""
    schools = {key: one for one in chosen if (key := _key(one))}
    reached = {_key(one) for one in chosen if one.address_key not in unreached}
    without = [one for key, one in schools.items() if key not in reached]
    if not schools:
        return
    working_ones = len(schools) - len(without)
    has = "has" if working_ones == 1 else "have"
    yield (
        f"{working_ones:,} of {_number(len(schools), 'school')} {has} a working contact"
        + "".join(f"; {said}" for said in _by_region(without))
        + "."
    )


def _by_region(schools: Sequence[Chosen]) -> Iterator[str]:
    regions: dict[str, list[Chosen]] = {}
    for one in schools:
        regions.setdefault(one.fields.get("region", ""), []).append(one)
    for region, some in sorted(regions.items(), key=lambda pair: -len(pair[1])):
        noun = "school has" if len(some) == 1 else "schools have"
        what = f"{region} {noun}" if region else noun
        yield f"{len(some):,} {what} none ({_named(map(_school, some))})"


def _often_written_to(chosen: Sequence[Chosen], several: dict[str, int]) -> Iterator[str]:
    schools = {one.school_urn: _school(one) for one in chosen if one.school_urn in several}
    if schools:
        yield (
            f"{_number(len(schools), 'school')} had two emails or more from us in the last "
            f"{history.LATELY.days} days ({_named(schools.values())}): this would be another."
        )


def _to_mend(flagged: Sequence[Chosen]) -> Iterator[str]:
    if flagged:
        rows = _named(str(one.row) for one in flagged)
        noun, which = ("contact is", "row") if len(flagged) == 1 else ("contacts are", "rows")
        yield (
            f"{len(flagged):,} {noun} not working, by an earlier email that could not be "
            f"delivered ({which} {rows}): find another address and put it there with "
            "outreach recipients replace."
        )


def _key(one: Chosen) -> str:
    return school_key(one.school_urn, one.school_name)


def _school(one: Chosen) -> str:
    return one.school_name or one.fields.get("school", "") or one.school_urn


def _named(names: Iterable[str], most: int = SCHOOLS_NAMED) -> str:
    listed = list(names)
    more = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {more:,} more" if more > 0 else "")


def _number(number: int, noun: str, several: str = "") -> str:
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"
