"""What makes each check fire, and how the tests ask for problems."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from postroom.content.campaign_file import Kind
from postroom.content.checks import Person, Problem, problems
from postroom.content.editions import Edition
from postroom.content.rendering import Email
from tests.content import examples

SEND_ON = date(2024, 1, 22)  # a Monday
SITE = "https://outreach.example.com"
STOP = f"{SITE}/stop/abcdefgh234567abcdefgh234567abcdefgh234567"


@dataclass(frozen=True)
class Case:
    """One email of one campaign, with all that is not said left harmless."""

    body: str = "Hello everybody."
    subject: str = "Hello"
    facts: str = ""
    campaign: str = ""
    shared: Mapping[str, str] = field(default_factory=dict)
    address: str = "office@school.example.com"
    fields: Mapping[str, str] = field(default_factory=dict)
    today: date = SEND_ON
    live_on: date | None = None
    kind: Kind = Kind.ANNOUNCEMENT
    template: str | None = None  # what the author wrote, where it is not the body

    @property
    def edition(self) -> Edition:
        template = self.body if self.template is None else self.template
        written = examples.edition("", facts=self.facts, campaign=self.campaign)
        files = {**written.files, "templates/email/invite.md": template}
        campaign = written.campaign.model_copy(update={"kind": self.kind})
        return Edition(campaign, files, self.shared)

    def problems(self) -> list[Problem]:
        return problems(
            self.edition,
            [(2, Email(self.subject, self.body))],
            self.today,
            people=[(2, Person(self.address, self.fields, self.fields))],
            live_on=self.live_on,
            public_url=SITE,
        )

    def texts(self, check: str) -> list[str]:
        return [problem.text for problem in self.problems() if problem.check == check]


def names(found: Iterable[Problem]) -> set[str]:
    return {problem.check for problem in found}


BANDS = {
    "facts/bands.toml": "".join(
        f'[facts.band_{amount}]\nvalue = "£{amount}"\ngroup = "band"\nsource = "S"\n'
        for amount in (876, 902, 965)
    )
}
CALENDAR = {
    "facts/calendar.toml": """
[[periods]]
kind = "pre-election"
name = "the elections of 2 May 2024"
first_day = 2024-01-20
last_day = 2024-05-02
source = "S"

[[periods]]
kind = "school-holiday"
name = "the winter holidays"
first_day = 2024-01-22
last_day = 2024-01-22
source = "S"
"""
}


def fact(value: str, **more: str) -> str:
    """Return the TOML line of one fact, called `stated`."""
    parts = {"value": value, "source": "Example", **more}
    return "stated = { " + ", ".join(f'{k} = "{v}"' for k, v in parts.items()) + " }"


FIRES: dict[str, tuple[Case, str]] = {
    # placeholders
    "placeholder-left": (Case("Fill in this form:\n\n[LINK TO FORM]"), "[LINK TO FORM]"),
    "placeholder-in-subject": (Case(subject="Action by TBC"), "TBC"),
    "source-left": (Case(facts=fact("£876", source="TBC")), "facts.stated has no source"),
    "empty-greeting": (Case("Dear ,\n\nWe write to you."), "names nobody"),
    "odd-value": (Case("Dear nan,", template="Dear {{ recipient.name }},"), "“nan”"),
    "gap-in-text": (Case("Your grant is £ for each mentor."), "missing"),
    # what Notify's Markdown does
    "list-from-text": (Case("Agenda\n\n10.30am start"), "10.30am start"),
    "text-lost": (Case("| Day | Time |\n|---|---|\n| Monday | noon |\n\nHello"), "Monday"),
    "footnote-star": (Case("*Terms apply"), "*Terms apply"),
    "list-too-deep": (Case("\n".join(f"{'  ' * n}* level {n}" for n in range(7))), "level 6"),
    "table-shown": (Case("The times:\n| Day | Time |\n|---|---|\n| Mon | noon |"), "The times"),
    "text-changed": (Case("# We teach C#"), "C#"),
    "number-changed": (Case("5. five\n6. six"), "number 1"),
    "list-mixed": (Case("1. Sign in\n2. Sit down\n\n* pen\n* paper"), "“* pen” gets a number"),
    "line-taken-in": (Case("* Bring a pen.\nKind regards\nThe team"), "“Kind regards”"),
    "indented": (Case("    Great Smith Street\n    London"), "Great Smith Street"),
    "list-not-made": (Case("Bring:\n• pen\n• paper"), "• pen"),
    "heading-from-text": (Case("Kind regards\n--\nThe team"), "Kind regards"),
    "heading-not-made": (Case("* one\n* two\n# What next"), "What next"),
    "heading-too-deep": (Case("### Deep"), "### Deep"),
    "marks-shown": (Case("This is **important** now."), "**important**"),
    "sign-in-text": (Case("Look at notes&notices."), "“&notices” begins with a ¬"),
    "lines-joined": (Case("Bring:\n– pen\n– paper"), "two lines become one"),
    "passages-joined": (Case("Meet at 2 -\n\nBring a pen."), "Meet at 2 -"),
    "link-changed": (Case("[Page](https://en.example.org/A_(b))"), "https://en.example.org/A_(b)"),
    "link-not-made": (Case("[The form] (https://example.com/a)"), "space before its ("),
    "plus-encoded": (Case("[Ring](tel:+441234567890)"), "do not dial that"),
    "link-spoilt-in-text": (Case("[Go](https://example.com/?a=1&region=2)"), "&region=2"),
    "mailto-encoded": (Case("[Write to us](mailto:team@example.com)"), "team@example.com"),
    # links
    "link-incomplete": (Case("[Our page](gov.uk/page)"), "gov.uk/page"),
    "link-not-public": (Case("Go to http://localhost:5000/form"), "localhost"),
    "link-not-https": (Case("Go to http://www.example.com"), "not secure"),
    "link-shortened": (Case("Go to https://bit.ly/abc"), "hides where it leads"),
    "link-shows-another": (
        Case("[www.example.com/page](https://evil.example/page)"),
        "shows one address and leads to another",
    ),
    "link-elsewhere": (
        Case("Go to https://evil.example/a", campaign='link_domains = ["example.com"]\n'),
        "example.com",
    ),
    "not-a-link": (Case("Go to www.example.com/page"), "https://"),
    "link-text": (Case("[click here](https://example.com/page)"), "click here"),
    # dates
    "no-such-date": (Case("Come on 31 June 2024."), "31 June 2024"),
    "month-misspelt": (Case("Come on 22 Janurary."), "22 Janurary"),
    "no-such-time": (Case("Come at 12:60pm."), "12:60pm"),
    "weekday-wrong": (Case("Come on Friday 15 February 2024."), "is a Thursday"),
    "deadline-past": (Case("Sign up by 19 January 2024."), "19 January 2024"),
    "pre-election-period": (Case(shared=CALENDAR), "the elections of 2 May 2024"),
    "school-holiday": (Case(shared=CALENDAR), "the winter holidays"),
    "weekend": (Case(live_on=date(2024, 1, 27)), "Saturday"),
    "send-on-passed": (Case(today=date(2024, 1, 23)), "22 January 2024"),
    # facts
    "undeclared-amount": (Case("You get £43.18.", facts=fact("£43.80")), "Did you mean £43.80?"),
    "figure-differs": (Case("Up to 25 hours.", facts=fact("20 hours")), "(20 hours)"),
    "undeclared-date": (Case("Payments come in October 2024."), "October 2024"),
    "undeclared-address": (Case("Write to team@example.com."), "team@example.com"),
    "undeclared-link": (Case("Go to https://www.example.com/a."), "https://www.example.com/a"),
    "fact-sum-wrong": (Case(facts=fact("£876", sum="20 × £43.18")), "£863.60"),
    "fact-disagrees": (Case("£1,076", facts=fact("£1,076", shared="band"), shared=BANDS), "£902"),
    "fact-not-told": (Case(facts=fact("£876")), "facts.stated"),
    # footer
    "no-way-to-stop": (Case(), "how to stop"),
    "no-reason-why": (Case(), "why they got"),
    "no-contact": (Case(), "whom to ask"),
    "no-privacy-notice": (Case(), "privacy notice"),
    "service-recruits": (
        Case("We are looking for volunteers.", kind=Kind.SERVICE),
        "kind = “research”",
    ),
    # wording
    "subject-marks": (Case(subject="**Action** today"), "in the subject"),
    "subject-long": (Case(subject="Get ready " * 8), "longer than 70"),
    "subject-shouts": (Case(subject="ACTION NEEDED today"), "capitals"),
    "attachment-promised": (Case("See the attached form."), "See the attached"),
    "heading-shouts": (Case("# HOW IT WORKS"), "HOW IT WORKS"),
    "several-top-headings": (Case("# One\n\n# Two"), "2 headings"),
    "heading-order": (Case("## One\n\n# Two"), "Begin with #"),
    "invitation-terms": (Case(f"[Sign up]({SITE}/r/token)"), "until when they can"),
    # size
    "cannot-be-rendered": (Case("Half \ud800 a character"), "Character 6"),
    "passage-too-long": (Case("Word " * 4_001), "blank line"),
    "body-too-long": (Case("Too long.\n\n" * 200_001), "2,200,011 bytes"),
    "too-many-passages": (Case("A word.\n\n" * 1_001), "1,001 paragraphs"),
    "body-empty": (Case("![only a picture](https://example.com/a.png)"), "empty"),
    "subject-empty": (Case(subject=" "), "subject is empty"),
    "control-character": (Case("A \x00 here"), "U+0000"),
    "damaged-text": (Case("We donâ€™t ask."), "wrong encoding"),
    "invisible-character": (Case("Pay to \u202elive"), "U+202E"),
    # values
    "blank-value": (
        Case(fields={"school": " "}, template="We thank {{ recipient.school }}."),
        "recipient.school",
    ),
    "damaged-value": (
        Case(fields={"school": "CafÃ© School"}, template="We thank {{ recipient.school }}."),
        "recipient.school",
    ),
    "name-turned-round": (Case(fields={"name": "Jones, Sam"}), "surname first"),
    "broken-cell": (Case(fields={"region": "#N/A"}), "region"),
    "note-in-cell": (Case(fields={"name": "[Name]"}), "column name"),
    "day-number": (Case(fields={"training day": "45313"}), "training day"),
    "name-in-capitals": (Case(fields={"name": "ROWAN EXAMPLE"}), "column name"),
    "name-in-small-letters": (Case(fields={"school": "hill school"}), "column school"),
    "personal-address": (Case(address="rowan@gmail.com"), "personal mailboxes"),
}
"""By check: a case in which it fires, and words of what it then says."""
