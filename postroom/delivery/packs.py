"""A partner's pack: the email they pass on, and the note that goes with it. Nobody's address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlmodel import Session

from postroom.audience import suppression
from postroom.content import checks
from postroom.content.campaign_file import Campaign, Fact, Route
from postroom.content.checks import Problem, Rank
from postroom.content.editions import Edition, other_letter
from postroom.content.rendering import Email, Links, Renderer
from postroom.database import Database
from postroom.delivery.fixed_texts import FixedTexts
from postroom.delivery.preparing import Office, not_allowed, prepare
from postroom.errors import CampaignError, NotPermitted, TemplateError
from postroom.keys import SignUpLink
from postroom.settings import SAMPLE_PUBLIC_URL, Mode
from postroom.tables import Partner

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
    def texts(self) -> FixedTexts:
        """What is approved of it: the email and the note, with the facts of both."""
        return FixedTexts(
            edition=_with_note(self.edition),
            part="",
            what=f"this pack for {self.partner}",
            emails={
                f"for {self.partner} to pass on": self.email,
                f"the covering note to {self.partner}": self.note,
            },
            problems=self.problems,
        )


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
    in_note = checks.problems(
        about, [(0, note)], today, public_url=public_url, digest=office.keys.finding_hash
    )
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


def _with_note(edition: Edition) -> Edition:
    """Return *edition* with the covering note's facts among its own: all are to be checked."""
    campaign = edition.campaign
    of_note = {f"note_{name}": fact for name, fact in campaign.covering_note.items()}
    both = campaign.model_copy(update={"facts": {**campaign.facts, **of_note}})
    return replace(edition, campaign=both)


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
