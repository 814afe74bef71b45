"""Every distinct text of a campaign, for whoever looks at it before it is sent. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from postroom.audience import lists
from postroom.audience.segments import Chosen
from postroom.content import distinct
from postroom.content.distinct import Preview
from postroom.content.editions import Edition
from postroom.content.rendering import sample_links
from postroom.delivery.preparing import Office
from postroom.progress import Progress, unseen


@dataclass(frozen=True)
class Texts:
    """Each text once, the one most people get first, and how they differ, in a sentence."""

    texts: Sequence[Preview]
    summary: str
    personal: Collection[str]
    """Columns that somebody said hold names or addresses, under headings that do not tell it."""


def texts_of(
    session: Session,
    edition: Edition,
    people: Sequence[Chosen],
    office: Office,
    *,
    progress: Progress = unseen,
) -> Texts:
    """Return every distinct text that *people* get. Its links are samples.

    Names, addresses and schools are shown as their columns' names. Raises `TemplateError`.
    """
    rows = [(one.row, one.told) for one in people]
    personal = lists.personal_columns(session, edition.campaign.list or ())
    texts = distinct.distinct_texts(
        edition,
        rows,
        sample_links(office.settings.public_url),
        subject_prefix=office.subject_prefix,
        personal=personal,
        progress=progress,
    )
    return Texts(texts, distinct.summary(edition, rows, texts, personal=personal), personal)
