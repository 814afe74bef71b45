"""Somebody who fills in the sign-up form without a browser, and a campaign with every question."""

from bs4 import BeautifulSoup

CAMPAIGN = "mentor-research"
CAMPAIGN_FILE = """
title = "Tell us about mentors"
kind = "research"
template = "invite.md"
route = "direct"
list = "bpn"
send_on = 2026-01-10
author = "policy@example.com"

[facts]
contact = { value = "funding@example.com", source = "the team" }
organisation = { value = "the Department of Examples", source = "the team" }

[signup]
about = "Claim funding"
suitable = "Do you work for a school?"
suitable_error = "Select if you work for a school"
not_suitable = "This research is for people who work for a school."

[signup.questions.role]
ask = "What is your main role?"
error = "Select your main role"
options = ["Headteacher", "General mentor"]
other = "Something else"
other_ask = "Your role"
other_error = "Enter your role"

[signup.questions.providers]
ask = "Which providers do you work with?"
error = "Select which providers you work with"
choose = "several"
options = ["North", "South"]
unsure = "I’m not sure"
unsure_error = "Select which providers you work with, or select ‘I’m not sure’"

[signup.questions.mentors]
ask = "How many mentors do you have?"
error = "Select how many mentors you have"
options = ["None", "1 or more"]
optional = true

[signup.questions.take_part]
ask = "How would you like to take part?"
error = "Select how you would like to take part"
choose = "several"
options = ["Video call", "By phone"]
telephone = "By phone"

[wanted.role]
"General mentor" = 4

[wanted.providers]
South = 1
"""
ANSWERS = {
    "suitable": {"suitable": "yes"},
    "name": {"first_name": "Ada", "last_name": "Bell"},
    "email": {"email": "ada.bell@example.com"},
    "find": {"find": "Oak Primary, Leeds"},
    "question-role": {"role": "1"},
    "question-providers": {"providers": ["0"]},
    "question-mentors": {},
    "question-take_part": {"take_part": ["0"]},
    "phone": {"phone": "01632 960 001"},
    "support": {"support": ""},
    "permission": {"permission": ["0"]},
}


class Visitor:
    """A visitor with a browser's memory for cookies, and none for anything else."""

    def __init__(self, client, campaign=CAMPAIGN):
        self.client, self.base = client, f"/research/{campaign}"

    def see(self, page=""):
        return self.client.get(f"{self.base}{page and '/'}{page}", follow_redirects=True)

    def token(self, page):
        found = BeautifulSoup(self.see(page).text, "html.parser").find(attrs={"name": "csrf_token"})
        return found["value"] if found else ""

    def say(self, page, fields=None, token=None):
        """Send one page's answers and return what the site said, without following it."""
        token = self.token(page) if token is None else token
        return self.client.post(f"{self.base}/{page}", data={"csrf_token": token, **(fields or {})})

    def fill_in(self, changed=None, until=None):
        """Answer every page up to *until*; return the last answer."""
        answers, said, token = ANSWERS | (changed or {}), None, self.token("suitable")
        page = "suitable"
        while page not in ("check", until):
            said = self.say(page, answers[page], token)
            assert said.status_code == 303, (page, said.text)
            page = said.headers["Location"].rpartition("/")[2]
        return said

    def sign_up(self, changed=None):
        """Go all the way; return the page at the end."""
        self.fill_in(changed)
        said = self.say("check")
        assert said.headers["Location"] == f"{self.base}/done", said.text
        return self.see("done")


def heading(answer):
    return BeautifulSoup(answer.text, "html.parser").h1.get_text(" ", strip=True)


def errors(answer):
    """Return what the summary says and what the fields say."""
    page = BeautifulSoup(answer.text, "html.parser")
    for unseen in page.select(".govuk-error-message .govuk-visually-hidden"):
        unseen.decompose()
    summary = [one.get_text(strip=True) for one in page.select(".govuk-error-summary__list a")]
    return summary, [one.get_text(strip=True) for one in page.select(".govuk-error-message")]
