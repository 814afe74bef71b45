"""What colleagues type of a sign-up, held to what the campaign's form offers and to real URNs."""

import re

from postroom.audience.urns import read_urn
from postroom.content.campaign_file import Campaign
from postroom.content.near_words import NEAR, did_you_mean, nearest_words, quoted
from postroom.content.same_words import as_compared
from postroom.content.signup_form import ROLE
from postroom.errors import AudienceError

ALIKE = 0.85  # more alike than this, it is the same role mistyped
_URN = re.compile(r"\d{6}", re.ASCII)


def offered_role(campaign: Campaign, role: str) -> str:
    """Return *role* as the campaign's form spells it; as it is where the form asks for none.

    Raises `AudienceError` when the form offers no such role. One that lets people write their own
    takes any, but not one that is mistyped: it would be missing from what is wanted.
    """
    question = campaign.signup.questions.get(ROLE)
    if question is None or not role.strip():
        return role
    options = {as_compared(option): option for option in question.all_options}
    same = as_compared(role)
    if same in options:
        return options[same]
    likely = nearest_words(role, question.all_options, near=ALIKE if question.other else NEAR)
    if question.other and not likely:
        return role
    meant = did_you_mean(quoted(likely))
    raise AudienceError(
        f"--role: the form of {campaign.name} offers no “{role}”.{meant} "
        f"It offers: {'; '.join(question.all_options)}"
    )


def is_own_role(campaign: Campaign, role: str) -> bool:
    """Return whether *role* is in words of its own, and none of those that the form offers."""
    question = campaign.signup.questions.get(ROLE)
    return bool(role and question and role not in question.all_options)


def real_urn(written: str) -> str:
    """Return the URN that *written* is, in plain figures, or nothing for nothing.

    Raises `AudienceError` when it is none.
    """
    if not written.strip():
        return ""
    urn = read_urn(written)
    if not _URN.fullmatch(urn):
        raise AudienceError(
            f"--school: “{written}” is no URN: that is the six digits by which a school stands on "
            "get-information-schools.service.gov.uk. Without it, say --school-name."
        )
    return urn
