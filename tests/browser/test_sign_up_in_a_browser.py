"""The form in a real Chromium: with and without JavaScript, small and zoomed, judged by axe."""

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from postroom.tables import SignUp, Suppression

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = "ada.with.a.very.long.name.indeed@an-organisation-with-a-long-name-as-well.example.com"


def test_a_volunteer_gets_from_the_link_to_a_reference(visit, place):
    page = visit.page
    page.goto(place.sign_up)
    assert page.url == f"{place.base}/research/mentor-research"
    visit.look("Help us design Claim funding")
    visit.go_on("Start now")

    visit.look("Do you work for a school?")
    visit.miss("Select if you work for a school")
    visit.choose("Yes")
    visit.go_on()
    visit.look("What is your name?")
    visit.miss("Enter your first name")
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Bell")
    visit.go_on()
    visit.look("What is your email address?")
    visit.miss("Enter your email address")
    page.get_by_label("What is your email address?").fill(LONG)
    visit.go_on()
    visit.look("Where do you work?")
    visit.miss("Select a school")
    visit.choose("Oak Primary")
    visit.go_on()
    visit.look("What is your main role?")
    visit.miss("Select your main role")
    visit.choose("Something else")
    visit.miss("Enter your role")
    page.get_by_label("Your role").fill("Governor")
    visit.go_on()
    visit.look("Which providers do you work with?")
    visit.choose("North", "I’m not sure")
    visit.miss("Select which providers you work with, or select ‘I’m not sure’")
    page.get_by_label("I’m not sure").uncheck()
    visit.go_on()
    visit.look("How many mentors do you have? (optional)")
    visit.go_on()
    visit.look("How would you like to take part?")
    visit.miss("Select how you would like to take part")
    visit.choose("By phone")
    visit.go_on()
    visit.look("What is your phone number?")
    visit.miss("Enter a phone number")
    page.get_by_label("What is your phone number?").fill("01632 960 001")
    visit.go_on()
    visit.look("Is there anything we can do to help you take part? (optional)")
    page.get_by_label("Is there anything").fill("x" * 501)
    visit.miss("What would help you take part must be 500 characters or less")
    page.get_by_label("Is there anything").fill("A quiet room")
    visit.go_on()
    visit.look("Can we contact you about research?")
    assert page.locator("input:checked").count() == 0
    visit.miss("Select if we can contact you about research on this service")
    page.locator("#permission").check()
    visit.go_on()
    visit.look("Check your answers before you sign up")
    expect(page.locator("dl")).to_contain_text("Governor")
    visit.go_on("Sign up")
    visit.look("You have signed up")

    with place.database.read() as session:
        [sign_up] = session.exec(select(SignUp)).all()
    expect(page.locator(".govuk-panel")).to_contain_text(sign_up.reference)
    assert (sign_up.school_name, sign_up.via_forward) == ("Oak Primary", True)


def test_leaving_deletes_what_was_typed(visit, place):
    page = visit.page
    page.goto(place.sign_up)
    visit.go_on("Start now")
    visit.choose("Yes")
    visit.go_on()
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Bell")
    visit.go_on()

    visit.go_on("Leave and delete my answers")

    visit.look("You have not signed up")
    page.goto(f"{place.base}/research/mentor-research/email")
    visit.look("Help us design Claim funding")


def test_the_stop_link_takes_one_press_and_so_does_the_way_back(visit, place):
    visit.page.goto(place.stop)
    visit.look("Stop these emails")
    visit.go_on("Stop these emails")
    visit.look("These emails are stopped")
    with place.database.read() as session:
        assert len(session.exec(select(Suppression)).all()) == 1

    [told] = place.mail()
    visit.page.goto(f"{place.base}{told.link('undo')}")
    visit.look("Get these emails again")
    visit.go_on("Get these emails again")
    visit.look("You will get these emails again")


OTHER_PAGES = {
    "/privacy": "Privacy notice",
    "/cookies": "Cookies",
    "/accessibility": "Accessibility statement",
    "/contact": "Contact",
    "/no-such-page": "Page not found",
    "/sample/stop": "This is a sample: nothing happens",
    "/research/mentor-research/not-suitable": "This research is not for you",
    "/research/mentor-research/ended": "Your answers were deleted",
    "/sample/page": "This is a sample: nothing happens",
    "/your-details": "See or change your details",
    "/your-details/all": "Your details are closed",
    "/your-details/closed": "You have closed your details",
    "/your-details/deleted": "Your details are deleted",
}


def test_every_other_page_is_sound(visit, place):
    for path, heading in OTHER_PAGES.items():
        visit.page.goto(f"{place.base}{path}")
        visit.look(heading)


def test_the_keyboard_alone_is_enough(browser, place):
    page = browser.new_page()
    page.goto(place.sign_up)

    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to main content")).to_be_focused()
    page.get_by_role("button", name="Start now").press("Enter")
    page.get_by_label("Yes").press("Space")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("What is your name?")
    page.close()
