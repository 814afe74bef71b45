"""What a confirmation says: by the template of what happened, with the links it leads on by."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from postroom.content import checks, confirmations
from postroom.content.checks import Problem, Rank
from postroom.content.confirmations import PART, SAMPLES, Confirmation
from postroom.content.editions import Edition
from postroom.content.rendering import Email, Links, Renderer, sample_links
from postroom.delivery.fixed_texts import FixedTexts
from postroom.delivery.outbox import Claimed
from postroom.delivery.preparing import Office
from postroom.keys import Page

PAGES: Mapping[Confirmation, Page] = {
    Confirmation.SIGNED_UP_AFTER_STOPPING: Page.AGAIN,
    Confirmation.STOPPED: Page.UNDO,
    Confirmation.DETAILS_ASKED_FOR: Page.DETAILS,
}
"""The page that is for the reader of this very email; others lead to none, or to everybody's."""

STOPPABLE = (Confirmation.SIGNED_UP, Confirmation.DETAILS_ASKED_FOR)
"""Whoever gets another one has stopped our emails already."""


class ConfirmationWriter:
    """Writes the confirmations of one campaign, each by the template of what happened."""

    kind = "confirmation"

    def __init__(self, edition: Edition, office: Office):
        self.campaign = edition.campaign.name
        self._edition = edition
        self._office = office

    def write(self, message: Claimed) -> tuple[Email, Links]:
        """Return the email of *message*, and the links of its first attempt in it."""
        return self.email(message.address_key, message.occasion, message.fields)

    def email(
        self, address_key: bytes, occasion: str, says: Mapping[str, str]
    ) -> tuple[Email, Links]:
        """Return what somebody is told on this *occasion*. Raises `TemplateError`."""
        confirmation = confirmations.confirmation_of(occasion)
        links = self._links(confirmation, self.reference(address_key, occasion))
        renderer = _renderer(self._edition, confirmation, self._office.subject_prefix)
        return renderer.render(says, links), links

    def reference(self, address_key: bytes, occasion: str) -> str:
        """Return the reference of the first attempt at that message."""
        return self._office.keys.reference(
            campaign=self.campaign,
            mode=self._office.mode,
            address_key=address_key,
            occasion=occasion,
        )

    def _links(self, confirmation: Confirmation, reference: str) -> Links:
        base, keys = self._office.settings.public_url, self._office.keys
        page = PAGES.get(confirmation)
        stop = confirmation in STOPPABLE and not self._edition.campaign.stop_address
        return Links(
            sign_up="",
            stop=f"{base}/{Page.STOP}/{keys.page_token(Page.STOP, reference)}" if stop else "",
            page=(
                f"{base}/{page}/{keys.page_token(page, reference)}"
                if page
                else f"{base}/{Page.DETAILS}"
            ),
        )


@lru_cache(maxsize=64)
def _renderer(edition: Edition, confirmation: Confirmation, subject_prefix: str) -> Renderer:
    """Return what writes that confirmation, remembered: to compile it takes as long as a page."""
    return Renderer(confirmations.letter(edition, confirmation), subject_prefix)


def texts(root: Path, campaign: str, office: Office, *, today: date) -> FixedTexts:
    """Return the confirmations of a campaign, written with samples and checked.

    Raises `ContentError` when a template is missing or cannot be written.
    """
    of_all = confirmations.load(root, campaign)
    written, problems = samples(of_all, office), list[Problem]()
    for confirmation, email in written.items():
        when, letter = confirmations.WHEN[confirmation], _sent_on(of_all, confirmation, today)
        found = checks.problems(
            letter,
            [(0, email)],
            today,
            public_url=office.settings.public_url,
            digest=office.keys.finding_hash,
        )
        problems += [replace(one, text=f"{when}: {one.text}") for one in found]
    emails = {confirmations.WHEN[confirmation]: email for confirmation, email in written.items()}
    gravest_first = [one for rank in Rank for one in problems if one.rank is rank]
    what = f"the {len(emails)} confirmations" if len(emails) > 1 else "the link to their details"
    return FixedTexts(of_all, PART, what, emails, gravest_first)


def samples(edition: Edition, office: Office) -> dict[Confirmation, Email]:
    """Return each confirmation as it reads with made-up words and links that do nothing."""
    links = sample_links(office.settings.public_url)
    return {
        confirmation: Renderer(
            confirmations.letter(edition, confirmation), office.subject_prefix
        ).render(SAMPLES, links)
        for confirmation in confirmations.sent_by(edition.campaign)
    }


def _sent_on(edition: Edition, confirmation: Confirmation, day: date) -> Edition:
    """Return the letter as sent on that day: its campaign's own day says nothing of it."""
    letter = confirmations.letter(edition, confirmation)
    return replace(letter, campaign=letter.campaign.model_copy(update={"send_on": day}))
