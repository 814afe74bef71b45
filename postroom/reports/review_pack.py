"""The review pack: everything an approver needs, as one page and as one email.

It holds schools and counts, every distinct text with the names of the list's columns in place of
who somebody is and where, and never a person's address: it may travel by the team's own means.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from postroom.audience.suppression import WHY
from postroom.content.campaign_file import Fact
from postroom.content.checks import Problem
from postroom.content.distinct import Preview, in_ranges, is_hidden
from postroom.content.editions import Edition
from postroom.content.markdown_escaping import escape
from postroom.content.masking import holds_address
from postroom.content.rendered import Rendered, rendered, subject_as_read
from postroom.content.rendering import Email
from postroom.delivery.approval import Terms
from postroom.delivery.outbox import Draft
from postroom.delivery.preparing import NOT_ALLOWED_HERE, schools_of
from postroom.delivery.stop_answers import Answers, answer_to
from postroom.reports.html import london, page_from
from postroom.tables import Scope, StopAnswer

_ASK = """\
If every fact and every text below is right, give this code to whoever sends it:

^ {code}

It is good for 7 days and for exactly what is below. Say which facts you checked, by their \
numbers. If something is wrong, say so instead.

Review pack: {pack_hash}"""


MOST_IN_FULL = 200
"""Texts shown whole. Of more, the rest are shown by what the list brings to each."""
MOST_BYTES_OF_TEXTS = 1_000_000
"""Of the texts in the body of a request: Notify takes 2,000,000 bytes of everything."""


@dataclass(frozen=True)
class ReviewPack:
    """What is put before an approver. `mode` and `terms` say how it would travel."""

    edition: Edition
    mode: str
    terms: Terms
    to_send: Sequence[Draft]
    left_out: Sequence[Draft]
    texts: Sequence[Preview]
    problems: Sequence[Problem]
    answers: Answers
    made_at: datetime
    fixed: str = ""
    """What is approved where that is not a set of emails but texts as they stand."""
    differ: str = ""
    """How the texts differ, in a sentence."""
    personal: Collection[str] = ()
    """Columns that somebody said hold names or addresses."""
    held: Mapping[bytes, Scope] = field(default_factory=dict)
    """Of the left out, by address key, what holds each back."""

    @property
    def schools(self) -> int:
        return schools_of(self.to_send)

    @property
    def reasons_left_out(self) -> dict[str, int]:
        """Why people are left out, in our words, the commonest first.

        The reason that a colleague typed may name somebody: it is for the terminal.
        """
        return dict(Counter(map(self._why_left_out, self.left_out)).most_common())

    def _why_left_out(self, draft: Draft) -> str:
        if scope := self.held.get(draft.address_key):
            return WHY[scope]
        return NOT_ALLOWED_HERE if draft.left_out == NOT_ALLOWED_HERE else "must not be emailed"

    def answer_to(self, problem: Problem) -> StopAnswer | None:
        """Return the typed reason that lets a stop stand, if there is one."""
        return answer_to(self.answers, problem)


def page(pack: ReviewPack) -> str:
    """Return the pack as a whole HTML page that needs no other file and runs no script."""
    return page_from(
        "review.html",
        pack=pack,
        campaign=pack.edition.campaign,
        made_at=london(pack.made_at),
        texts=[_shown(text) for text in pack.texts[:MOST_IN_FULL]],
        rest=_rest(pack),
    )


def page_hash(text: str) -> str:
    """Return the SHA-256 of a pack's page, as the request for approval quotes it."""
    return hashlib.sha256(text.encode()).hexdigest()


def request_email(pack: ReviewPack, *, code: str, pack_hash: str) -> Email:
    """Return the email that asks an approver, in Notify's Markdown: code, facts, texts and all."""
    campaign = pack.edition.campaign
    facts = [
        f"{number}. {escape(name.replace('_', ' '))}: {escape(fact.value)} ({_backing(fact)})"
        for number, (name, fact) in enumerate(campaign.facts.items(), 1)
    ]
    problems = [
        f"* {problem.rank.label}: {escape(problem.text)}{_answered(pack, problem)}"
        for problem in pack.problems
    ]
    left_out = [f"* {n}: {escape(reason)}" for reason, n in pack.reasons_left_out.items()]
    several = "text" if len(pack.texts) == 1 else "texts"
    schools = f" to {pack.schools} schools" if pack.schools else ""
    size = f"{len(pack.to_send)} emails{schools} in {pack.mode.upper()} mode"
    if pack.fixed:
        size = f"You are asked to approve {escape(pack.fixed)}, in {pack.mode.upper()} mode"
    parts = [
        f"# Approve: {escape(campaign.title)}",
        f"{size}, {len(pack.texts)} distinct {several}.",
        escape(pack.differ),
        _ASK.format(code=code, pack_hash=pack_hash),
        "## Facts\n\n" + "\n".join(facts) if facts else "",
        "## Left out\n\n" + "\n".join(left_out) if left_out else "",
        "## Problems\n\n" + "\n".join(problems) if problems else "",
        *_texts_of_request(pack),
    ]
    body = "\n\n".join(part for part in parts if part)
    return Email(subject=f"FOR APPROVAL: {campaign.title}", body=body)


def _backing(fact: Fact) -> str:
    """Return where *fact* comes from, its sum and what it is compared with, in Markdown."""
    said = [f"source: {escape(fact.source)}"]
    if fact.sum:
        said.append(f"worked out: {escape(fact.sum)}")
    if fact.shared:
        said.append(f"compared with the shared {escape(fact.shared.replace('_', ' '))}")
    return "; ".join(said)


def _texts_of_request(pack: ReviewPack) -> Iterator[str]:
    """Yield each text for the request's body, and what is left out of it when it grows too long."""
    length = 0
    for number, text in enumerate(pack.texts, 1):
        part = (
            f"---\n\n## Text {number}: {escape(text.label)}\n\n"
            f"Subject: {escape(text.email.subject)}\n\n---\n\n{text.email.body}"
        )
        length += len(part.encode())
        if number > MOST_IN_FULL or length > MOST_BYTES_OF_TEXTS:
            yield (
                f"---\n\nThe other {len(pack.texts) - number + 1:,} texts are in the review pack "
                "only. Read them there before you agree."
            )
            return
        yield part


@dataclass(frozen=True)
class _Shown:
    email: Rendered
    label: str
    rows: str
    places: Mapping[str, Sequence[str]]


def _shown(text: Preview) -> _Shown:
    return _Shown(
        email=rendered(text.email),
        label=text.label,
        rows=in_ranges(text.rows) if len(text.rows) > 1 else "",
        places=text.places,
    )


@dataclass(frozen=True)
class _Rest:
    """The texts that are not shown whole: what the list brings to each, by its rows."""

    columns: Sequence[str]
    lines: Sequence[tuple[str, str, Sequence[str]]]  # rows, subject, a value for each column


def _rest(pack: ReviewPack) -> _Rest | None:
    texts = pack.texts[MOST_IN_FULL:]
    if not texts:
        return None
    fields = {draft.row: draft.fields for draft in pack.to_send}
    used = {name for of_row in fields.values() for name in of_row}
    columns = [name for name in sorted(used) if not is_hidden(name, pack.personal)]
    return _Rest(
        columns,
        [
            (
                in_ranges(text.rows),
                subject_as_read(text.email),
                [_value(fields[text.rows[0]], name) for name in columns],
            )
            for text in texts
        ],
    )


def _value(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name, "")
    return f"‹{name}›" if holds_address(value) else value


def _answered(pack: ReviewPack, problem: Problem) -> str:
    answer = pack.answer_to(problem)
    return f" – allowed by {escape(answer.who)}: {escape(answer.reason)}" if answer else ""
