"""Every way in, from a link to a confirmed sign-up; and the way out, to deletion."""

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from postroom.audience import suppression
from postroom.content.confirmations import Confirmation
from postroom.research.receiving import receive
from postroom.research.volunteers import Method, Person, Purpose, Through, Wording
from postroom.tables import Scope, SignUp, Volunteer
from tests.browser.conftest import PERSON
from tests.browser.people import KINDS
from tests.databases import NOW
from tests.visitors import CAMPAIGN

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COLLEAGUE = "colleague@example.com"
WAYS = {
    # where they come from: the address they give, and how the sign-up is counted
    "direct": (PERSON, ("direct", False)),
    "forwarded": (COLLEAGUE, ("direct", True)),
    "partner": (COLLEAGUE, ("partner", False)),
    "open": (COLLEAGUE, ("open", False)),
    "telephone": (COLLEAGUE, ("direct", False)),
}
both_kinds = pytest.mark.parametrize(
    "visit", [KINDS["phone"], KINDS["400 % zoom"]], ids=["phone", "400 % zoom"], indirect=True
)


def come(visit, place, way):
    """Sign up by the form, as somebody who came that way."""
    links = {"partner": place.link("partner"), "open": f"{place.base}/research/{CAMPAIGN}"}
    page, (address, _) = visit.page, WAYS[way]
    page.goto(links.get(way, place.sign_up))
    visit.go_on("Start now")
    visit.choose("Yes")
    visit.go_on()
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Bell")
    visit.go_on()
    page.get_by_label("What is your email address?").fill(address)
    visit.go_on()
    if page.get_by_label("Oak Primary").count():
        visit.choose("Oak Primary")
    else:
        page.get_by_label("Where do you work?").fill("Oak Primary")
    visit.go_on()
    visit.choose("General mentor")
    visit.go_on()
    visit.choose("North")
    visit.go_on()
    visit.go_on()
    visit.choose("Video call")
    visit.go_on()
    visit.go_on()
    page.locator("#permission").check()
    visit.go_on()
    visit.go_on("Sign up")
    visit.look("You have signed up")
    expect(page.locator("main")).to_contain_text("We are sending you an email about this")


def be_recorded(place):
    """Offer to help by telephone, to somebody who records it."""
    person = Person(COLLEAGUE, "Ada Bell", "General mentor", "", "Oak Primary")
    with place.database.write() as session:
        receive(
            session,
            place.root,
            place.office,
            person,
            through=Through(CAMPAIGN, "local", "direct", Method.TELEPHONE),
            permissions={Purpose.THIS_SERVICE: Wording("You can contact me.")},
            recorded_by="researcher@example.com",
            now=NOW,
        )


@pytest.mark.parametrize("way", WAYS)
@both_kinds
def test_each_way_in_leads_to_a_confirmed_sign_up_and_out_again_to_deletion(visit, place, way):
    address, counted = WAYS[way]
    be_recorded(place) if way == "telephone" else come(visit, place, way)
    with place.database.read() as session:
        [sign_up] = session.exec(select(SignUp)).all()
    assert (sign_up.route, sign_up.via_forward) == counted
    [told] = place.mail()
    assert (told.to, told.about) == (address, Confirmation.SIGNED_UP)
    assert sign_up.reference in told.body

    page = visit.page
    page.goto(f"{place.base}/your-details")
    visit.miss("Enter your email address")
    page.get_by_label("What is your email address?").fill(address)
    visit.go_on("Send me a link")
    visit.look("Check your email")
    page.goto(f"{place.base}{place.mail()[-1].link('your-details')}")
    visit.look("See your details")
    visit.go_on("See your details")
    visit.look("Your details")
    visit.press(page.get_by_role("link", name="Change name"))
    visit.look("What is your name?")
    page.get_by_label("Last name").fill("Cole")
    visit.go_on()
    visit.look("Your details")
    expect(page.locator("dl")).to_contain_text("Ada Cole")
    visit.press(page.get_by_role("link", name="Pause until a day that suits you"))
    visit.look("When can we start to contact you again?")
    visit.miss("Enter the date to start contacting you again", button="Pause")
    for box, number in (("Day", "1"), ("Month", "3"), ("Year", "2026")):
        page.get_by_label(box).fill(number)
    visit.go_on("Pause")
    expect(page.locator(".govuk-inset-text")).to_contain_text("You pause until 1 March 2026")
    visit.press(page.get_by_role("link", name="Stop our emails, or delete everything"))
    visit.look("What do you want us to do?")
    visit.miss("Select what you want us to do")
    visit.choose("Delete everything you hold about me")
    visit.go_on()
    visit.look("Your details are deleted")

    with place.database.read() as session:
        assert session.exec(select(Volunteer)).all() == []
    assert place.mail()[-1].about is Confirmation.DETAILS_DELETED
    page.goto(f"{place.base}/your-details/all")
    visit.look("Your details are closed")


def stop_research(place, key):
    with place.database.write() as session:
        suppression.add(
            session, key, scope=Scope.RESEARCH, reason="asked", who="themselves", now=NOW
        )


@both_kinds
def test_whoever_had_stopped_our_emails_confirms_that_the_sign_up_counts(visit, place):
    key = place.office.keys.address_key(COLLEAGUE)
    stop_research(place, key)
    come(visit, place, "open")
    [asked] = place.mail()

    visit.page.goto(f"{place.base}{asked.link('again')}")
    visit.look("Confirm your sign-up")
    visit.go_on("Confirm your sign-up")
    visit.look("You have signed up")
    visit.page.goto(f"{place.base}{asked.link('again')}")
    visit.look("You have signed up")
    stop_research(place, key)
    visit.page.goto(f"{place.base}{asked.link('again')}")
    visit.look("This link has expired")
