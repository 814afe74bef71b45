"""A real site in a thread, for a real browser: a campaign with every question, at a link."""

import threading
from pathlib import Path

import pytest
import waitress
from axe_playwright_python.sync_playwright import Axe

from postroom.database import open_database, upgrade_database
from postroom.keys import Keys, Page, SignUpLink, new_secret
from postroom.settings import Settings
from postroom.tables import Edition, Mailing, Membership, Message, Recipient, RecipientList, Status
from postroom.web.site import create_app
from postroom.workspace import Workspace
from tests.databases import NOW, office_of
from tests.visitors import CAMPAIGN, CAMPAIGN_FILE

ROOT = Path(__file__).parents[2]
PERSON = "head@example.com"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Place:
    """Where the site is, and what links into it were sent."""

    def __init__(self, base, sign_up, stop, database):
        self.base, self.database = base, database
        self.sign_up, self.stop = f"{base}{sign_up}", f"{base}{stop}"


@pytest.fixture
def place(tmp_path):
    workspace, keys, settings = Workspace(tmp_path), Keys.read(new_secret()), Settings()
    for folder, name, text in (
        ("campaigns", f"{CAMPAIGN}.toml", CAMPAIGN_FILE),
        *(("pages", page.name, page.read_text("utf-8")) for page in (ROOT / "pages").glob("*.md")),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_text(text, encoding="utf-8")
    upgrade_database(workspace, settings, keys, now=NOW)
    database = open_database(workspace, settings, keys)
    reference = _one_message(database, keys)
    site = create_app(workspace, database, office_of(keys), clock=lambda: NOW)
    server = waitress.create_server(site, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run)
    thread.start()
    token = keys.sign_up_token(SignUpLink(CAMPAIGN, "direct", "900001"))
    base = f"http://127.0.0.1:{server.effective_port}"
    yield Place(base, f"/r/{token}", f"/stop/{keys.page_token(Page.STOP, reference)}", database)
    server.trigger.pull_trigger(server.close)
    thread.join(10)
    database.close()


def _one_message(database, keys):
    key = keys.address_key(PERSON)
    reference = keys.reference(campaign=CAMPAIGN, mode="local", address_key=key)
    with database.write() as session:
        files = {f"campaigns/{CAMPAIGN}.toml": CAMPAIGN_FILE}
        session.add(Edition(id=1, digest=b"d" * 32, files=files, made_at=NOW))
        session.add(Mailing(id=1, campaign=CAMPAIGN, mode="local", made_at=NOW))
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
