"""Checks: what the text states, what the campaign declares and what is shared agree."""

import difflib
from collections.abc import Iterator

from postroom.content.campaign_file import Fact
from postroom.content.checks.kinds import Brief, Check, Rank, is_ours
from postroom.content.checks.letters import Seen
from postroom.content.checks.passages import Passage
from postroom.content.editions import Edition
from postroom.content.facts import SharedFact, wrong_sum
from postroom.content.mentions import addresses_in, amounts_in, dates_in, months_in

_DECLARE = "Add it to the campaign's facts with its source, and write {{ facts.NAME }} instead."


def _undeclared_amount(passage: Passage, brief: Brief) -> Iterator[str]:
    for amount in dict.fromkeys(amounts_in(passage.shown)):
        if amount not in brief.amounts:
            close = difflib.get_close_matches(amount, sorted(brief.amounts), n=1, cutoff=0.8)
            meant = f" Did you mean {close[0]}?" if close else ""
            yield f"The amount {brief.quoted(amount)} is not a declared fact.{meant} {_DECLARE}"


def _undeclared_date(passage: Passage, brief: Brief) -> Iterator[str]:
    mentions = [*dates_in(passage.shown), *months_in(passage.shown)]
    unknown = (m.words for m in mentions if (m.day, m.month, m.year) not in brief.dates)
    for words in dict.fromkeys(unknown):
        yield f"The date {brief.quoted(words)} is not a declared fact. {_DECLARE}"


def _undeclared_address(passage: Passage, brief: Brief) -> Iterator[str]:
    stated = {address.lower() for value in brief.stated for address in addresses_in(value)}
    stated |= {brief.campaign.stop_address or "", brief.campaign.author}
    for address in dict.fromkeys(addresses_in(passage.shown)):
        if address.lower() not in stated:
            yield f"The address {brief.quoted(address)} is not a declared fact. {_DECLARE}"


def _undeclared_link(passage: Passage, brief: Brief) -> Iterator[str]:
    stated = " ".join(brief.stated)
    for link in passage.links:
        web = link.target.lower().startswith(("http:", "https:"))
        if web and link.target not in stated and not is_ours(link.target, brief):
            yield f"The link {brief.quoted(link.target)} is not a declared fact. {_DECLARE}"


def _wrong_sum(edition: Edition, _: Brief) -> Iterator[str]:
    for name, fact in edition.campaign.facts.items():
        if fact.sum and (wrong := wrong_sum(fact.sum, fact.value)):
            yield f"facts.{name}: {wrong}. Correct the value or the sum."


def _disagrees(edition: Edition, brief: Brief) -> Iterator[str]:
    for name, fact in edition.campaign.facts.items():
        known = _to_agree_with(fact, brief)
        if fact.shared and not known:
            there = ", ".join(sorted(brief.shared.facts)) or "none"
            yield f"facts.{name}: there is no shared fact {fact.shared}. There are: {there}."
        elif known and fact.value not in (values := [shared.value for shared in known.values()]):
            which = next(iter(known.values())).group or next(iter(known))
            yield (
                f"“{fact.value}” (facts.{name}) matches no published {which.replace('_', ' ')} "
                f"({', '.join(values)}). Check it against the source, and correct one of the two."
            )


def _to_agree_with(fact: Fact, brief: Brief) -> dict[str, SharedFact]:
    """Return the shared facts of which *fact* must be one: those it names.

    An amount that names none must be of the group that the campaign's other amounts are of.
    """
    if fact.shared:
        return brief.shared.agreeing_with(fact.shared)
    if fact.sum or not list(amounts_in(fact.value)):
        return {}
    told = {other.value for other in brief.campaign.facts.values()}
    groups = {f.group for f in brief.shared.facts.values() if f.group and f.value in told}
    if len(groups) != 1:
        return {}
    return brief.shared.agreeing_with(str(groups.pop()))


def _untold(seen: Seen, brief: Brief) -> Iterator[str]:
    for name in brief.campaign.facts:
        if f"fact:{name}" not in seen.marks:
            yield (
                f"facts.{name} is declared, but no email says it. Take it out, or write "
                f"{{{{ facts.{name} }}}} where it belongs."
            )


PASSAGE_CHECKS = (
    Check[Passage](
        "undeclared-amount",
        Rank.WARN,
        "An amount of money in the text is not among the facts, so nobody is asked to confirm it.",
        "Declare it under [facts] with its source, and write {{ facts.NAME }} in the template.",
        _undeclared_amount,
    ),
    Check[Passage](
        "undeclared-date",
        Rank.WARN,
        "A date in the text is not among the facts.",
        "Declare it under [facts] with its source, and write {{ facts.NAME }} in the template.",
        _undeclared_date,
    ),
    Check[Passage](
        "undeclared-address",
        Rank.WARN,
        "An email address in the text is not among the facts.",
        "Declare it under [facts] with its source, and write {{ facts.NAME }} in the template.",
        _undeclared_address,
    ),
    Check[Passage](
        "undeclared-link",
        Rank.WARN,
        "A link in the text is not among the facts.",
        "Declare it under [facts] with its source, and write {{ facts.NAME }} in the template.",
        _undeclared_link,
    ),
)
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
        "that names none is compared with the group that the campaign's other amounts belong to.",
        "Check both against the source, and correct the wrong one.",
        _disagrees,
    ),
)
SEEN_CHECKS = (
    Check[Seen](
        "fact-not-told",
        Rank.ADVICE,
        "A declared fact stands in no email.",
        "Take it out of the campaign file, or use it.",
        _untold,
    ),
)
