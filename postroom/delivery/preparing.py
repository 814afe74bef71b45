"""From a campaign file to drafts: load, choose, leave out, render, check. Writes nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from postroom.audience import segments, suppression
from postroom.audience.segments import Chosen
from postroom.content import checks
from postroom.content.campaign_file import Route
from postroom.content.checks import Person, Problem
from postroom.content.editions import Edition
from postroom.content.rendering import Email, Renderer, sample_links
from postroom.delivery.links import LinkMaker
from postroom.delivery.outbox import Draft
from postroom.errors import ContentError, TemplateError
from postroom.keys import Keys
from postroom.settings import Mode, Settings

ROWS_SHOWN = 10
TOLD_EVERY = 500  # emails
NOT_ALLOWED_HERE = "not among allowed_addresses, which limits mail outside live"


@dataclass(frozen=True)
class Office:
    """What rendering a campaign's emails needs besides the campaign."""

    settings: Settings
    keys: Keys
    mode: Mode

    @property
    def subject_prefix(self) -> str:
        """Outside live every subject says so."""
        return "" if self.mode is Mode.LIVE else f"[{self.mode.upper()}] "


@dataclass
class Prepared:
    """A campaign ready to be planned, or the reasons why it is not."""

    edition: Edition
    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    chosen_to_send: list[Chosen] = field(default_factory=list)

    @property
    def to_send(self) -> list[Draft]:
        return [draft for draft in self.drafts if not draft.left_out]

    @property
    def left_out(self) -> list[Draft]:
        return [draft for draft in self.drafts if draft.left_out]


def prepare(
    session: Session,
    edition: Edition,
    office: Office,
    *,
    today: date,
    progress: Callable[[int], None] = lambda _done: None,
) -> Prepared:
    """Render and check *edition* for everybody it chooses; return drafts and problems.

    A campaign that is passed on by a partner, or open, has no draft: its one text is checked.
    Drafts come in the order of the list; *progress* is told how many there are so far. Raises
    `AudienceError` for an unknown list or segment and `ContentError` with every row that a
    template cannot be rendered for.
    """
    prepared = Prepared(edition)
    everybody = segments.recipients_of(
        session, edition.campaign, edition.facts_files, mode=office.mode, today=today
    )
    emails = _counted(_emails(session, prepared, office, everybody, today), progress)
    if edition.campaign.route is not Route.DIRECT:
        links = sample_links(office.settings.public_url)
        emails = iter([(0, Renderer(edition).render({}, links))])
    prepared.problems = checks.problems(
        edition,
        emails,
        today,
        people=((one.row, Person(one.address, one.fields)) for one in everybody),
        live_on=today if office.mode is Mode.LIVE else None,
        public_url=office.settings.public_url,
    )
    return prepared


def rows_in_words(rows: Sequence[int]) -> str:
    """Return "3, 5, 7": of more than ten the first ones, and how many more there are."""
    shown = ", ".join(str(row) for row in rows[:ROWS_SHOWN])
    more = f" and {len(rows) - ROWS_SHOWN} more" if len(rows) > ROWS_SHOWN else ""
    return shown + more


def _emails(
    session: Session,
    prepared: Prepared,
    office: Office,
    everybody: Sequence[Chosen],
    today: date,
) -> Iterator[tuple[int, Email]]:
    """Yield (row, email) for everybody to be sent to, noting each draft on the way."""
    campaign = prepared.edition.campaign
    keys = [chosen.address_key for chosen in everybody]
    held = suppression.suppressed(session, keys, campaign.kind, today=today)
    writer = _Writer(prepared.edition, office)
    cannot: dict[str, list[int]] = {}
    for chosen in everybody:
        reason = held.get(chosen.address_key) or not_allowed(chosen.address, office)
        try:
            email = writer.email(chosen)
        except TemplateError as error:
            cannot.setdefault(str(error), []).append(chosen.row)
            continue
        prepared.drafts.append(writer.draft(chosen, email, left_out=reason))
        if not reason:
            prepared.chosen_to_send.append(chosen)
            yield chosen.row, email
    if cannot:
        raise ContentError(
            *(f"{what} (rows {rows_in_words(rows)})" for what, rows in cannot.items())
        )


def _counted(
    emails: Iterator[tuple[int, Email]], progress: Callable[[int], None]
) -> Iterator[tuple[int, Email]]:
    for done, email in enumerate(emails):
        if done % TOLD_EVERY == 0:
            progress(done)
        yield email


class _Writer:
    """Writes one campaign's emails in one mode."""

    def __init__(self, edition: Edition, office: Office):
        self._campaign = edition.campaign
        self._office = office
        self._renderer = Renderer(edition, subject_prefix=office.subject_prefix)
        self._links = LinkMaker(office.keys, office.settings.public_url, edition.campaign)

    def email(self, chosen: Chosen) -> Email:
        links = self._links.links(
            school=chosen.school_urn, first_reference=self.reference(chosen.address_key)
        )
        return self._renderer.render(chosen.fields, links)

    def reference(self, address_key: bytes) -> str:
        return self._office.keys.reference(
            campaign=self._campaign.name, mode=self._office.mode, address_key=address_key
        )

    def draft(self, chosen: Chosen, email: Email, *, left_out: str) -> Draft:
        # Only the fields that the template uses are kept: enough to write the same email again.
        used = self._renderer.fields_used
        return Draft(
            row=chosen.row,
            address=chosen.address,
            address_key=chosen.address_key,
            school_urn=chosen.school_urn,
            school_name=chosen.school_name,
            fields={name: value for name, value in chosen.fields.items() if name in used},
            reference=self.reference(chosen.address_key),
            content_hash=email.content_hash,
            left_out=left_out,
        )


def not_allowed(address: str, office: Office) -> str:
    """Return why *address* may not be written to in this mode, or nothing."""
    allowed = office.settings.allowed_addresses
    if office.mode is Mode.LIVE or not allowed:
        return ""
    lowered = address.lower()
    domain = lowered[lowered.rfind("@") :]
    return "" if {lowered, domain} & {a.lower() for a in allowed} else NOT_ALLOWED_HERE
