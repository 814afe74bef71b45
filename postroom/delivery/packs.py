"""A partner's pack: the email they pass on, the note that goes with it, and whether it may go.

The pack holds nobody's address. It is approved as a send is: a digest over the email and the
note, so that a changed word needs a new approval.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from postroom.audience import suppression
from postroom.content import checks
from postroom.content.campaign_file import Campaign, Fact, Route
from postroom.content.checks import Problem, Rank
from postroom.content.editions import Edition, other_letter
from postroom.content.rendering import Email, Links, Renderer
from postroom.database import Database
from postroom.delivery import approval as approvals
from postroom.delivery import messages, stop_answers
from postroom.delivery.approval import Terms
from postroom.delivery.preparing import Office, not_allowed, prepare
from postroom.errors import CampaignError, NotPermitted, TemplateError
from postroom.keys import SignUpLink
from postroom.settings import SAMPLE_PUBLIC_URL, Mode
from postroom.tables import Approval, Mailing, Partner

COVERING_NOTE = "partner-covering-note.md"
OURS = "the tool itself"


@dataclass(frozen=True)
class Pack:
    """What a partner is given, and every problem in it."""

    edition: Edition
    partner: str
    """As it reads in a sentence."""
    link: str
    """The partner's own sign-up link: it names campaign and route, and no person."""
    email: Email
    note: Email
    problems: Sequence[Problem]

    @property
    def digest(self) -> bytes:
        """SHA-256 (32 bytes) over the email and the note: what an approval is of."""
        return hashlib.sha256(self.email.content_hash + self.note.content_hash).digest()


def make_pack(
    session: Session, root: Path, edition: Edition, partner: Partner, office: Office, *, today: date
) -> Pack:
    """Return the pack of *edition* for *partner*, rendered and checked. Read-only.

    Raises `NotPermitted` when the campaign is not for this partner to pass on, or its link would
    lead nowhere; `CampaignError` for what the covering note needs and the campaign does not say.
    """
    campaign = edition.campaign
    refuse_others(campaign, partner)
    link = sign_up_link(campaign, office)
    links = Links(sign_up=link, stop="")
    email = Renderer(edition, office.subject_prefix).render({}, links)
    about = _note_edition(root, edition, partner, link)
    try:
        note = Renderer(about, office.subject_prefix).render({}, links)
    except TemplateError as error:
        raise CampaignError(
            *error.problems,
            f"Say what the covering note needs under [covering_note] in campaigns/{campaign.name}"
            '.toml, each like: pass_on_by = { value = "…", source = "…" }',
        ) from error
    found = list(prepare(session, edition, office, today=today).problems)
    public_url = office.settings.public_url
    in_note = checks.problems(about, [(0, note)], today, public_url=public_url)
    # The note states but a few of the campaign's facts: only what must not go out counts here.
    found += [one for one in in_note if one.rank is Rank.STOP and one not in found]
    return Pack(edition, partner.title, link, email, note, found)


def sign_up_link(campaign: Campaign, office: Office) -> str:
    """Return the link of a campaign that a partner passes on. It is the same for all its readers.

    Raises `NotPermitted` in team and live mode while no public address is set.
    """
    if campaign.form:
        return campaign.form
    if office.mode in (Mode.TEAM, Mode.LIVE) and office.settings.public_url == SAMPLE_PUBLIC_URL:
        raise NotPermitted(
            "OUTREACH_PUBLIC_URL is not set, so the partner's link would lead nowhere. Set it to "
            "where `outreach serve` is reached, or give the campaign a `form`."
        )
    token = office.keys.sign_up_token(SignUpLink(campaign.name, campaign.route, ""))
    return f"{office.settings.public_url}/p/{token}"


def open_stops(session: Session, pack: Pack) -> list[Problem]:
    """Return the stops of *pack* that nobody has mended or answered. Read-only."""
    return stop_answers.unanswered(session, pack.edition.campaign.name, pack.problems)


def standing_approval(session: Session, pack: Pack, mode: Mode) -> Approval | None:
    """Return the approval of exactly *pack* in *mode*, or None: then it is a draft. Read-only."""
    mailing = messages.find_mailing(session, pack.edition.campaign.name, mode)
    if mailing is None:
        return None
    return session.exec(
        select(Approval).where(
            Approval.mailing_id == mailing.id,
            Approval.set_digest == pack.digest,
            col(Approval.refused).is_(False),
            col(Approval.ended_at).is_(None),
        )
    ).first()


def approve(
    session: Session,
    mailing: Mailing,
    pack: Pack,
    *,
    terms: Terms,
    facts: Mapping[str, str],
    who: str,
    recorded_by: str,
    now: datetime,
) -> Approval:
    """Record that *who* approved exactly *pack*; return the record. Ends earlier approvals.

    Raises `NotPermitted` when somebody refused the very same before. Does not commit.
    """
    assert mailing.id is not None  # noqa: S101  # flushed
    approvals.check_not_refused(session, mailing.id, pack.digest)
    approvals.end_approvals(session, mailing.id, now=now)
    approval = Approval(
        mailing_id=mailing.id,
        edition_id=approvals.keep_edition(session, pack.edition, now=now),
        set_digest=pack.digest,
        count=0,  # how many it reaches only the partner knows
        terms=asdict(terms),
        facts=dict(facts),
        approved_by=who,
        recorded_by=recorded_by,
        approved_at=now,
    )
    session.add(approval)
    session.flush()
    return approval


def to_the_partner(pack: Pack) -> Email:
    """Return the one email for the partner's contact: the note, then the text to pass on."""
    between = f"---\n\nSubject: {pack.email.subject}\n\n---"
    return Email(pack.note.subject, f"{pack.note.body}\n\n{between}\n\n{pack.email.body}")


def check_contact(
    database: Database, office: Office, to: str, address_key: bytes, *, today: date
) -> None:
    """Raise `NotPermitted` when the partner's contact at *to* may not be emailed."""
    with database.read() as session:
        held = suppression.suppressed(session, [address_key], "service", today=today)
    if held:
        raise NotPermitted("Your contact there asked for no emails at all. Hand the pack over.")
    if why := not_allowed(to, office):
        raise NotPermitted(f"That address is {why}.")


def refuse_others(campaign: Campaign, partner: Partner) -> None:
    """Raise `NotPermitted` unless *campaign* is for *partner* to pass on."""
    if campaign.route is not Route.PARTNER:
        raise NotPermitted(
            f"{campaign.name} goes by the {campaign.route} route: there is nothing for a partner "
            'to pass on. A campaign for a partner has route = "partner".'
        )
    if (campaign.partner or "").casefold() != partner.title.casefold():
        raise NotPermitted(
            f"{campaign.name} says that {campaign.partner} passes it on, and {partner.name} is "
            f"{partner.title}. Each partner has a campaign of its own, with its own link."
        )


def _note_edition(root: Path, edition: Edition, partner: Partner, link: str) -> Edition:
    campaign = edition.campaign
    ours = {
        "partner": Fact(value=partner.title, source=OURS),
        "sign_up_link": Fact(value=link, source=OURS),
    }
    changes = {
        "template": COVERING_NOTE,
        "route": Route.OPEN,  # the note goes from us to the partner: it is not passed on
        "facts": {**campaign.facts, **ours, **campaign.covering_note},
    }
    return other_letter(root, edition, campaign.model_copy(update=changes))
