"""A real site in a thread, for a real browser: a campaign with every question, at a link."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from postroom.database import Database, open_database, upgrade_database
from postroom.delivery.preparing import Office
from postroom.keys import Keys, Page, SignUpLink, new_secret
from postroom.settings import Settings
from postroom.tables import Edition, Mailing, Membership, Message, Recipient, RecipientList, Status
from postroom.web.site import create_app
from postroom.workspace import Workspace
from tests.browser.people import KINDS, Visit
from tests.databases import NOW, office_of
from tests.mail import have_campaign, planned
from tests.serving import serving
from tests.visitors import CAMPAIGN

ROOT = Path(__file__).parents[2]
PERSON = "head@example.com"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Place:
    """Where the site is, what links into it were sent, and what it sends."""

    base: str
    root: Path
    database: Database
    office: Office
    stop_path: str

    @property
    def sign_up(self):
        return self.link("direct", "900001")

    @property
    def stop(self):
        return f"{self.base}{self.stop_path}"

    def link(self, route, school=""):
        token = self.office.keys.sign_up_token(SignUpLink(CAMPAIGN, route, school))
        return f"{self.base}/{'p' if route == 'partner' else 'r'}/{token}"

    def mail(self):
        """Return the confirmations that are to be sent, in order."""
        return planned(self.database, self.office)


@pytest.fixture
def place(tmp_path):
    workspace, keys, settings = Workspace(tmp_path), Keys.read(new_secret()), Settings()
    have_campaign(tmp_path)
    shutil.copytree(ROOT / "pages", tmp_path / "pages")
    upgrade_database(workspace, settings, keys, now=NOW)
    database = open_database(workspace, settings, keys)
    reference = _one_message(tmp_path, database, keys)
    office = office_of(keys)
    site = create_app(workspace, database, office, clock=lambda: NOW)
    stop = f"/stop/{keys.page_token(Page.STOP, reference)}"
    with serving(site) as base:
        yield Place(base, tmp_path, database, office, stop)
    database.close()


def _one_message(root, database, keys):
    key = keys.address_key(PERSON)
    reference = keys.reference(campaign=CAMPAIGN, mode="local", address_key=key)
    with database.write() as session:
        path = f"campaigns/{CAMPAIGN}.toml"
        files = {path: (root / path).read_text("utf-8")}
        session.add(Edition(id=1, digest=b"d" * 32, files=files, made_at=NOW))
        session.add(Mailing(id=1, campaign=CAMPAIGN, mode="local", edition_id=1, made_at=NOW))
        session.add(RecipientList(id=1, name="bpn", imported_at=NOW))
        session.add(Recipient(id=1, address=PERSON, address_key=key))
        session.flush()
        school = {"school_urn": "900001", "school_name": "Oak Primary"}
        session.add(Membership(list_id=1, recipient_id=1, row=2, **school))
        session.add(
            Message(
                mailing_id=1,
                address_key=key,
                address=PERSON,
                fields={},
                edition_id=1,
                content_hash=b"c" * 32,
                reference=reference,
                status=Status.DELIVERED,
                planned_at=NOW,
                accepted_at=NOW,
            )
        )
    return reference


@pytest.fixture
def axe():
    """Return a function that gives what axe finds wrong on a page, in words."""

    def violations(page):
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        all_of_it = [(one["id"], node["html"]) for one in found for node in one["nodes"]]
        return [f"{rule}: {html}" for rule, html in all_of_it if not _is_known(rule, html)]

    return violations


def _is_known(rule, html):
    # ARIA does not allow aria-expanded on a radio. GOV.UK Frontend keeps it there all the same, as
    # some screen readers read it out and none is disturbed (alphagov/govuk-frontend, issue 979).
    return rule == "aria-allowed-attr" and "govuk-radios__input" in html and "expanded" in html


@pytest.fixture(params=KINDS.values(), ids=list(KINDS))
def visit(request, browser, axe):
    """Give a page in a browser of that kind, and how to judge what it shows."""
    javascript, size = request.param
    context = browser.new_context(java_script_enabled=javascript, viewport=size)
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    yield Visit(page, axe, judged_by_axe=javascript)
    assert [each for each in said if "status of 4" not in each] == []
    context.close()
