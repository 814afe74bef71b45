"""From answers to a sign-up in the database: written once, in one transaction."""

from postroom.audience.addresses import normalise
from postroom.content.signup_form import ROLE
from postroom.keys import SignUpLink
from postroom.research.receiving import receive
from postroom.research.volunteers import Method, Person, Purpose, Through, Wording
from postroom.web.about import page_version
from postroom.web.campaigns_told import Told
from postroom.web.desk import Desk
from postroom.web.limits import SIGN_UPS, SIGN_UPS_OF_ADDRESS
from postroom.web.steps import Walk


def record(desk: Desk, told: Told, link: SignUpLink, walk: Walk) -> str:
    """Write the sign-up that *walk* says and return the reference to tell. Commits.

    The answer is the same whether or not the address is known, or asked not to be emailed. Raises
    429 when this address was typed, or this client signed anybody up, too often in an hour.
    """
    with desk.limiter.limit(SIGN_UPS):
        pass
    with desk.limiter.limit(SIGN_UPS_OF_ADDRESS, key_func=lambda: _address_key(desk, walk)):
        pass
    with desk.database.write() as session:
        received = receive(
            session,
            desk.workspace.root,
            desk.office,
            person_of(walk),
            through=Through(
                link.campaign,
                desk.mode,
                link.route,
                Method.WEB_FORM,
                template_version=told.edition,
                school=link.school,
            ),
            permissions=permissions_of(desk, told, walk),
            recorded_by="self",
            now=desk.clock(),
            answers=answers_of(walk),
        )
    return received.reference


def answers_of(walk: Walk) -> dict[str, list[str]]:
    """Return what they chose of the campaign's own questions, in words."""
    return {name: walk.chosen(name) for name in walk.form.questions}


def _address_key(desk: Desk, walk: Walk) -> str:
    """Return the keyed hash of the address they typed, to count by."""
    return desk.keys.address_key(normalise(walk.answers["email"][0])).hex()


def person_of(walk: Walk) -> Person:
    """Return who somebody says they are."""
    workplace = walk.workplace()
    role = ", ".join(walk.chosen(ROLE)) if ROLE in walk.form.questions else ""
    return Person(
        address=walk.answers["email"][0],
        name=" ".join(walk.answers["name"]),
        role=role,
        school_urn=workplace.urn,
        school_name=workplace.name,
        phone=walk.answers["phone"][0] if walk.wants_telephone() else "",
        support="".join(walk.answers["support"]),
    )


def permissions_of(desk: Desk, told: Told, walk: Walk) -> dict[Purpose, Wording]:
    """Return what they said yes to, in the words that the page showed."""
    purposes = list(told.statements)
    version = page_version(desk.workspace, "privacy")
    return {
        purposes[int(number)]: Wording(
            told.statements[purposes[int(number)]],
            controller=told.organisation,
            privacy_notice_url=f"{desk.public_url}/privacy",
            version=told.edition,
            privacy_notice_version=version,
        )
        for number in walk.answers["permission"]
    }
