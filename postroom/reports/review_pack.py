"""The review pack: everything an approver needs, as one page and as one email.

It holds schools and counts, every distinct text with the names of the list's columns in place of
what is personal, and never a person's address: it may travel by the team's own means.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from postroom.content.checks import Problem
from postroom.content.editions import Edition
from postroom.content.markdown_escaping import escape
from postroom.content.notify_markdown import preheader_as_read, render_html, render_subject
from postroom.content.previews import Preview
from postroom.content.rendering import Email
from postroom.delivery.approval import Terms
from postroom.delivery.outbox import Draft
from postroom.delivery.stop_answers import key
from postroom.reports.html import london, page_from
from postroom.tables import StopAnswer

_ASK = """\
If every fact and every text below is right, give this code to whoever sends it:

^ {code}

It is good for 7 days and for exactly what is below. Say which facts you checked, by their \
numbers. If something is wrong, say so instead.

Review pack: {pack_hash}"""


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
    answers: Mapping[tuple[str, bytes], StopAnswer]
    made_at: datetime
    fixed: str = ""
    """What is approved where that is not a set of emails but texts as they stand."""

    @property
    def schools(self) -> int:
        return len({draft.school_urn for draft in self.to_send if draft.school_urn})

    @property
    def reasons_left_out(self) -> dict[str, int]:
        """Why people are left out, the commonest reason first."""
        return dict(Counter(draft.left_out for draft in self.left_out).most_common())

    def answer_to(self, problem: Problem) -> StopAnswer | None:
        """Return the typed reason that lets a stop stand, if there is one."""
        return self.answers.get(key(problem))


def page(pack: ReviewPack) -> str:
    """Return the pack as a whole HTML page that needs no other file and runs no script."""
    return page_from(
        "review.html",
        pack=pack,
        campaign=pack.edition.campaign,
        made_at=london(pack.made_at),
        texts=[_shown(text) for text in pack.texts],
    )


def page_hash(text: str) -> str:
    """Return the SHA-256 of a pack's page, as the request for approval quotes it."""
    return hashlib.sha256(text.encode()).hexdigest()


def request_email(pack: ReviewPack, *, code: str, pack_hash: str) -> Email:
    """Return the email that asks an approver, in Notify's Markdown: code, facts, texts and all."""
    campaign = pack.edition.campaign
    facts = [
        f"{number}. {escape(name.replace('_', ' '))}: {escape(fact.value)} "
        f"(source: {escape(fact.source)})"
        for number, (name, fact) in enumerate(campaign.facts.items(), 1)
    ]
    problems = [
        f"* {problem.rank}: {escape(problem.text)}{_answered(pack, problem)}"
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
        _ASK.format(code=code, pack_hash=pack_hash),
        "## Facts\n\n" + "\n".join(facts) if facts else "",
        "## Left out\n\n" + "\n".join(left_out) if left_out else "",
        "## Problems\n\n" + "\n".join(problems) if problems else "",
        *(
            f"---\n\n## Text {number}: {escape(text.label)}\n\n"
            f"Subject: {escape(text.email.subject)}\n\n---\n\n{text.email.body}"
            for number, text in enumerate(pack.texts, 1)
        ),
    ]
    body = "\n\n".join(part for part in parts if part)
    return Email(subject=f"FOR APPROVAL: {campaign.title}", body=body)


@dataclass(frozen=True)
class _Shown:
    subject: str
    inbox_line: str
    html: Markup
    label: str


def _shown(text: Preview) -> _Shown:
    return _Shown(
        subject=render_subject(text.email.subject),
        inbox_line=preheader_as_read(text.email.body),
        html=Markup(render_html(text.email.body)),  # noqa: S704  # our renderer escapes its input
        label=text.label,
    )


def _answered(pack: ReviewPack, problem: Problem) -> str:
    answer = pack.answer_to(problem)
    return f" – allowed by {escape(answer.who)}: {escape(answer.reason)}" if answer else ""
