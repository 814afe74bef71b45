"""The weekly email to a researcher: who is still missing, in numbers. Nobody's name is in it."""

from collections.abc import Sequence
from itertools import groupby

from postroom.content.campaign_file import Campaign
from postroom.content.markdown_escaping import escape, escape_subject
from postroom.content.rendering import Email
from postroom.research.who_is_missing import Count

WHY = """\
You get this every Monday because campaigns/{name}.toml names you as its researcher. Take that \
line out to end it."""


def summary_email(
    campaign: Campaign, mode: str, counts: Sequence[Count], *, signed_up: int, this_week: int
) -> Email:
    """Return the email, in Notify's Markdown: what is short first, then every count."""
    short = [count for count in counts if count.is_short]
    subject = f"{len(short) or 'Nobody'} still missing: {campaign.title}"
    parts = [
        f"# {escape(campaign.title)}",
        f"{signed_up} signed up so far, {this_week} of them in the last 7 days.",
        "## Still missing\n\n" + _listed(short) if short else "Everybody wanted has signed up.",
        *(
            f"## By {escape(name.replace('_', ' '))}\n\n{_listed(list(group))}"
            for name, group in groupby(counts, key=lambda count: count.group)
        ),
        "---",
        f"To see who: outreach signups list {campaign.name} --mode {mode}",
        WHY.format(name=campaign.name),
    ]
    return Email(escape_subject(subject), "\n\n".join(parts))


def _listed(counts: Sequence[Count]) -> str:
    return "\n".join(f"* {escape(count.in_words)}" for count in counts)
