"""From a campaign file to drafts: load, choose, leave out, render, check. Writes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from postroom.audience import segments, suppression
from postroom.audience.segments import Chosen
from postroom.audience.urns import count_schools
from postroom.content import checks
from postroom.content.campaign_file import Route
from postroom.content.checks import Person, Problem
from postroom.content.editions import Edition
from postroom.content.places import Place
from postroom.content.rendering import Email, Links, Renderer, columns_missing, sample_links
from postroom.delivery.links import LinkMaker
from postroom.delivery.outbox import Draft
from postroom.errors import ContentError, TemplateError
from postroom.keys import Keys
from postroom.progress import Progress, unseen
from postroom.settings import Mode, Settings

ROWS_SHOWN = 10

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
    def schools(self) -> int:
        """How many schools get it, by URN or else by name."""
        return schools_of(self.to_send)

    @property
    def left_out(self) -> list[Draft]:
        return [draft for draft in self.drafts if draft.left_out]


@dataclass(frozen=True)
class People:
    """Whom a campaign is for, in the order of its list: who gets it, and who does not and why."""

    to_send: Sequence[Chosen]
    left_out: Mapping[Place, str]
    """By row, why nothing goes there; nothing that a colleague typed."""
    rows_left_out: Sequence[Chosen]


def people_of(session: Session, edition: Edition, office: Office, *, today: date) -> People:
    """Return who gets the emails of *edition* in this mode and on this day. Read-only.

    Raises `AudienceError` for an unknown list or segment.
    """
    campaign = edition.campaign
    everybody = segments.recipients_of(
        session, campaign, edition.facts_files, mode=office.mode, today=today
    )
    keys = [one.address_key for one in everybody]
    held = suppression.scopes(session, keys, campaign.kind, today=today)
    why = {
        one.row: suppression.WHY[held[one.address_key]]
        if one.address_key in held
        else not_allowed(one.address, office)
        for one in everybody
    }
    return People(
        [one for one in everybody if not why[one.row]],
        {row: reason for row, reason in why.items() if reason},
        [one for one in everybody if why[one.row]],
    )


def prepare(
    session: Session,
    edition: Edition,
    office: Office,
    *,
    today: date,
    progress: Progress = unseen,
) -> Prepared:
    """Render and check *edition* for everybody it chooses; return drafts and problems.

    A campaign that is passed on by a partner, or open, has no draft: its one text is checked.
    Drafts come in the order of the list; *progress* is told how many are done. Raises
    `AudienceError` for an unknown list or segment and `ContentError` with every row that a
    template cannot be rendered for.
    """
    prepared = Prepared(edition)
    everybody = segments.recipients_of(
        session, edition.campaign, edition.facts_files, mode=office.mode, today=today
    )
    emails = _emails(session, prepared, office, everybody, today, progress)
    if edition.campaign.route is not Route.DIRECT:
        links = sample_links(office.settings.public_url)
        emails = iter([(0, Renderer(edition).render({}, links))])
    prepared.problems = checks.problems(
        edition,
        emails,
        today,
        people=(
            (one.row, Person(one.address, one.listed, one.told)) for one in prepared.chosen_to_send
        ),
        live_on=today if office.mode is Mode.LIVE else None,
        public_url=office.settings.public_url,
        digest=office.keys.finding_hash,
    )
    return prepared


def prepare_text(edition: Edition, office: Office, *, today: date) -> Prepared:
    """Check the text of *edition* before its list is here, with the columns' names as values.

    Nobody is in what comes back. Raises `TemplateError` and `ContentError` as `prepare` does.
    """
    renderer = Renderer(edition)
    email = renderer.render(
        {name: f"‹{name}›" for name in renderer.fields_used},
        sample_links(office.settings.public_url),
    )
    return Prepared(
        edition,
        problems=checks.problems(
            edition,
            [(0, email)],
            today,
            public_url=office.settings.public_url,
            digest=office.keys.finding_hash,
        ),
    )


def schools_of(drafts: Iterable[Draft]) -> int:
    """Return at how many schools *drafts* arrive, by URN or else by name."""
    return count_schools((one.school_urn, one.school_name) for one in drafts)


def rows_in_words(rows: Sequence[Place]) -> str:
    """Return "row 3" or "rows 3, 5, 7": of more than ten the first, and how many more there are."""
    shown = ", ".join(str(row) for row in rows[:ROWS_SHOWN])
    more = f" and {len(rows) - ROWS_SHOWN} more" if len(rows) > ROWS_SHOWN else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {shown}{more}"


def _emails(
    session: Session,
    prepared: Prepared,
    office: Office,
    everybody: Sequence[Chosen],
    today: date,
    progress: Progress,
) -> Iterator[tuple[Place, Email]]:
    """Yield (row, email) for everybody to be sent to, noting each draft on the way."""
    campaign = prepared.edition.campaign
    keys = [chosen.address_key for chosen in everybody]
    held = suppression.suppressed(session, keys, campaign.kind, today=today)
    try:
        writer = EmailWriter(prepared.edition, office)
    except TemplateError as error:
        missing = columns_missing(prepared.edition, everybody[0].fields) if everybody else []
        raise TemplateError(*error.problems, *missing) from error
    cannot: dict[str, list[Place]] = {}
    for done, chosen in enumerate(everybody):
        progress(done, len(everybody))
        reason = held.get(chosen.address_key) or not_allowed(chosen.address, office)
        try:
            email, _ = writer.write(
                chosen.told, school_urn=chosen.school_urn, address_key=chosen.address_key
            )
        except TemplateError as error:
            cannot.setdefault(str(error), []).append(chosen.row)
            continue
        prepared.drafts.append(_draft(writer, chosen, email, left_out=reason))
        if not reason:
            prepared.chosen_to_send.append(chosen)
            yield chosen.row, email
    if cannot:
        raise ContentError(*(f"{what} ({rows_in_words(rows)})" for what, rows in cannot.items()))


class EmailWriter:
    """Writes one campaign's emails in one mode: to be approved, and to be sent as approved."""

    def __init__(self, edition: Edition, office: Office):
        self._campaign = edition.campaign
        self._office = office
        self._renderer = Renderer(edition, subject_prefix=office.subject_prefix)
        self._links = LinkMaker(office.keys, office.settings.public_url, edition.campaign)
        self.fields_used = self._renderer.fields_used

    def write(
        self, fields: Mapping[str, str], *, school_urn: str, address_key: bytes, occasion: str = ""
    ) -> tuple[Email, Links]:
        """Return somebody's email, and the links in it: those of the first attempt, for good.

        An old email's stop link stays so. Raises `TemplateError` as `Renderer.render` does.
        """
        first = self.reference(address_key, occasion)
        links = self._links.links(school=school_urn, first_reference=first)
        return self._renderer.render(fields, links), links

    def reference(self, address_key: bytes, occasion: str = "") -> str:
        """Return the reference of the first attempt at somebody's email."""
        return self._office.keys.reference(
            campaign=self._campaign.name,
            mode=self._office.mode,
            address_key=address_key,
            occasion=occasion,
        )


def _draft(writer: EmailWriter, chosen: Chosen, email: Email, *, left_out: str) -> Draft:
    # Only the fields that the template uses are kept: enough to write the same email again.
    return Draft(
        row=chosen.row,
        address=chosen.address,
        address_key=chosen.address_key,
        school_urn=chosen.school_urn,
        school_name=chosen.school_name,
        fields={name: said for name, said in chosen.told.items() if name in writer.fields_used},
        reference=writer.reference(chosen.address_key),
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
