"""A person at a browser: which kinds of browser there are, and what they look at."""

import re

from playwright.sync_api import expect

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}
ZOOMED = {"width": 320, "height": 256}
"""1280 × 1024 at 400 %: what WCAG 2.2, 1.4.10 asks to be usable without scrolling sideways."""

KINDS = {
    "javascript": (True, DESKTOP),
    "no javascript": (False, DESKTOP),
    "phone": (True, PHONE),
    "400 % zoom": (False, ZOOMED),
}
"""Whether scripts run, and how much of a page is seen at once."""


class Visit:
    """A person at a browser, who looks at every page."""

    def __init__(self, page, axe, *, judged_by_axe):
        self.page, self._axe, self._judged = page, axe, judged_by_axe

    def look(self, heading):
        expect(self.page.locator("h1")).to_have_text(heading)
        if self._judged:  # axe is a script itself
            assert self._axe(self.page) == []
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert self.page.evaluate(wide) <= 0, f"{heading}: scrolls sideways"

    def press(self, control):
        """Press a button or link and wait for its page, so that nobody looks at the one before."""
        with self.page.expect_navigation():
            control.click()

    def go_on(self, name="Continue"):
        self.press(self.page.get_by_role("button", name=name, exact=True))

    def miss(self, said, button=None):
        """Go on without an answer; the summary says what is missing, and has the focus."""
        heading = self.page.locator("h1").inner_text()
        self.press(self.page.locator("main form").first.get_by_role("button", name=button))
        expect(self.page.locator(".govuk-error-summary a").first).to_have_text(said)
        expect(self.page).to_have_title(re.compile("^Error: "))
        if self._judged:
            expect(self.page.locator(".govuk-error-summary")).to_be_focused()
        self.look(heading)

    def choose(self, *labels):
        for label in labels:
            self.page.get_by_label(label, exact=True).check()
