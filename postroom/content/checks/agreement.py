"""Checks: the facts a campaign declares agree with their own sums and with what is shared."""

from collections.abc import Iterator, Mapping
from itertools import chain, islice

from postroom.content.campaign_file import Fact
from postroom.content.checks.kinds import Brief, Check, Rank
from postroom.content.editions import Edition
from postroom.content.facts import SharedFact, wrong_sum
from postroom.content.figures import Figure, amounts_in, looks_like

_CORRECT = "Check it against the source, and correct one of the two."


def _wrong_sum(edition: Edition, _: Brief) -> Iterator[str]:
    for name, fact in edition.campaign.facts.items():
        if fact.sum and (wrong := wrong_sum(fact.sum, fact.value)):
            yield f"facts.{name}: {wrong}. Correct the value or the sum."


def _disagrees(edition: Edition, brief: Brief) -> Iterator[str]:
    for name, fact in edition.campaign.facts.items():
        if fact.shared:
            yield from _named_in_vain(name, fact, brief)
        else:
            yield from _unlike_any(name, fact, brief)


def _named_in_vain(name: str, fact: Fact, brief: Brief) -> Iterator[str]:
    known = brief.shared.agreeing_with(fact.shared or "")
    if not known:
        there = ", ".join(sorted(brief.shared.facts)) or "none"
        yield f"facts.{name}: there is no shared fact {fact.shared}. There are: {there}."
    elif not _is_one_of(fact.value, known) and not _is_worked_out_from(fact, known):
        yield _matches_none(name, fact.value, known)


def _unlike_any(name: str, fact: Fact, brief: Brief) -> Iterator[str]:
    """Yield what is odd about the amounts of a fact that names no shared one."""
    shared = brief.shared.facts
    if _is_one_of(fact.value, shared) or _is_worked_out_from(fact, shared):
        return
    odd = chain(_odd_in_sum(name, fact, shared), _odd_in_value(name, fact, brief))
    yield from islice(odd, 1)  # the first says enough


def _odd_in_sum(name: str, fact: Fact, shared: Mapping[str, SharedFact]) -> Iterator[str]:
    for counted in _counted(fact):
        for known, meant in _counting_with_like(counted, shared):
            yield (
                f"The sum of facts.{name} counts with {counted.words}; that of the shared fact "
                f"{known} counts with {meant.words}. {_CORRECT}"
            )


def _odd_in_value(name: str, fact: Fact, brief: Brief) -> Iterator[str]:
    shared = brief.shared.facts
    of_group = {} if fact.sum else _group_of_others(brief)
    for amount in amounts_in(fact.value):
        if of_group:
            yield _matches_none(name, fact.value, of_group)
        for known, other in shared.items():
            if _is_like(amount, other.value):
                group = brief.shared.agreeing_with(other.group or known)
                yield _matches_none(name, fact.value, group)
        for known, meant in _counting_with_like(amount, shared):
            yield (
                f"“{fact.value}” (facts.{name}) is not the {meant.words} that the shared fact "
                f"{known} counts with. {_CORRECT}"
            )


def _matches_none(name: str, value: str, known: Mapping[str, SharedFact]) -> str:
    which = next(iter(known.values())).group or next(iter(known))
    values = ", ".join(shared.value for shared in known.values())
    return (
        f"“{value}” (facts.{name}) matches no published {which.replace('_', ' ')} ({values}). "
        f"{_CORRECT}"
    )


def _is_one_of(value: str, known: Mapping[str, SharedFact]) -> bool:
    """Return whether *value* is that of a fact of *known*, or all its amounts are of some."""
    if any(value == shared.value for shared in known.values()):
        return True
    amounts = {amount.key for amount in amounts_in(value)}
    stated = {amount.key for shared in known.values() for amount in _amounts_of(shared)}
    return bool(amounts) and amounts <= stated


def _is_worked_out_from(fact: Fact, known: Mapping[str, SharedFact]) -> bool:
    """Return whether every amount that the sum of *fact* counts with is stated by *known*."""
    counted = {amount.key for amount in _counted(fact)}
    stated = {amount.key for shared in known.values() for amount in _amounts_of(shared)}
    return bool(counted) and counted <= stated


def _amounts_of(fact: Fact | SharedFact) -> Iterator[Figure]:
    yield from amounts_in(fact.value)
    yield from _counted(fact)


def _counted(fact: Fact | SharedFact) -> Iterator[Figure]:
    """Yield the amounts that the sum of *fact* counts with; not what it comes to."""
    yield from amounts_in((fact.sum or "").partition("=")[0])


def _is_like(amount: Figure, value: str) -> bool:
    return any(looks_like(amount, other) for other in amounts_in(value))


def _counting_with_like(
    amount: Figure, shared: Mapping[str, SharedFact]
) -> Iterator[tuple[str, Figure]]:
    for name, fact in shared.items():
        for other in _counted(fact):
            if looks_like(amount, other):
                yield name, other


def _group_of_others(brief: Brief) -> Mapping[str, SharedFact]:
    """Return the group that the campaign's other amounts are of, if they are of one."""
    told = {a.key for fact in brief.campaign.facts.values() for a in amounts_in(fact.value)}
    groups = {
        shared.group
        for shared in brief.shared.facts.values()
        if shared.group and any(amount.key in told for amount in amounts_in(shared.value))
    }
    return brief.shared.agreeing_with(groups.pop()) if len(groups) == 1 else {}


CAMPAIGN_CHECKS = (
    Check[Edition](
        "fact-sum-wrong",
        Rank.STOP,
        "The arithmetic beside a fact does not give its value.",
        "Correct the value or the sum.",
        _wrong_sum,
    ),
    Check[Edition](
        "fact-disagrees",
        Rank.WARN,
        "A fact is not what facts/*.toml says, or names a shared fact that is not there. An amount "
        "that names none is compared with the group that the campaign's other amounts belong to, "
        "and it and the amounts of its sum with every shared amount that they look like.",
        "Check both against the source, and correct the wrong one.",
        _disagrees,
    ),
)
