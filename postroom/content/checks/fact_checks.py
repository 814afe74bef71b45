"""Checks: what the text states is declared as a fact, and what is declared is told."""

from collections.abc import Iterator

from postroom.content.checks.kinds import Brief, Check, Rank, alike, is_ours
from postroom.content.checks.letters import Seen
from postroom.content.checks.passages import Passage
from postroom.content.dates import months_in
from postroom.content.figures import amounts_in, measures_in
from postroom.content.mentions import addresses_in
from postroom.content.near_words import did_you_mean, nearest

_DECLARE = "Add it to the campaign's facts with its source, and write {{ facts.NAME }} instead."


def _undeclared_amount(passage: Passage, brief: Brief) -> Iterator[str]:
    stated = {words: key for key, words in brief.amounts.items()}
    undeclared = (one for one in amounts_in(passage.shown) if one.key not in brief.amounts)
    for words in dict.fromkeys(one.words for one in undeclared):
        meant = did_you_mean(nearest(words, sorted(stated), near=0.8))
        yield f"The amount “{words}” is not a declared fact.{meant} {_DECLARE}"


def _figure_differs(passage: Passage, brief: Brief) -> Iterator[str]:
    for figure in measures_in(passage.shown):
        stated = brief.measures.get(figure.unit)
        if stated and figure.value is not None and figure.value not in stated:
            known = ", ".join(dict.fromkeys(stated.values()))
            yield (
                f"“{figure.words}” is not what the facts state ({known}). Correct one of the two, "
                "or declare it as a fact of its own."
            )


def _undeclared_date(passage: Passage, brief: Brief) -> Iterator[str]:
    mentions = [*passage.dates, *months_in(passage.shown, passage.dates)]
    unknown = (mention.words for mention in mentions if not brief.states(mention))
    for words in dict.fromkeys(unknown):
        yield f"The date “{words}” is not a declared fact. {_DECLARE}"


def _undeclared_address(passage: Passage, brief: Brief) -> Iterator[str]:
    stated = {address.lower() for value in brief.stated for address in addresses_in(value)}
    stated |= {(brief.campaign.stop_address or "").lower(), brief.campaign.author.lower()}
    told = [*addresses_in(passage.shown), *_written_to(passage)]
    for address in dict.fromkeys(told):
        if address.lower() not in stated:
            yield f"The address {brief.quoted(address)} is not a declared fact. {_DECLARE}"


def _written_to(passage: Passage) -> Iterator[str]:
    """Yield the addresses to which the links of *passage* begin an email."""
    for link in passage.links:
        if link.target.lower().startswith("mailto:"):
            yield from addresses_in(link.target[len("mailto:") :].partition("?")[0])


def _undeclared_link(passage: Passage, brief: Brief) -> Iterator[str]:
    for link in passage.links:
        web = link.target.lower().startswith(("http:", "https:"))
        if web and alike(link.target) not in brief.links and not is_ours(link.target, brief):
            yield f"The link {brief.quoted(link.target)} is not a declared fact. {_DECLARE}"


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
        "figure-differs",
        Rank.WARN,
        "The text gives another number of hours, minutes, days, weeks, months, years or per cent "
        "than the facts that state one, also in the sum or the name of a fact.",
        "Correct the wrong one, or declare the other as a fact too.",
        _figure_differs,
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
SEEN_CHECKS = (
    Check[Seen](
        "fact-not-told",
        Rank.ADVICE,
        "A declared fact stands in no email.",
        "Take it out of the campaign file, or use it.",
        _untold,
    ),
)
