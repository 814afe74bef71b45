"""Many people who sign up at the same moment, over real connections to the real server."""

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
from sqlmodel import select

from postroom.tables import SignUp, Volunteer
from postroom.web.site import create_app
from postroom.workspace import Workspace
from tests.databases import office_of
from tests.serving import serving
from tests.visitors import CAMPAIGN, CAMPAIGN_FILE, Visitor

PEOPLE = 100


class Connection:
    """What `Visitor` asks of its client, over HTTP."""

    def __init__(self, base):
        self._base, self._session = base, requests.Session()

    def get(self, path, follow_redirects):
        return self._session.get(self._base + path, allow_redirects=follow_redirects, timeout=60)

    def post(self, path, data):
        url = self._base + path
        return self._session.post(url, data=data, allow_redirects=False, timeout=60)


@pytest.fixture
def base(tmp_path, database, keys, clock):
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / f"{CAMPAIGN}.toml").write_text(CAMPAIGN_FILE, encoding="utf-8")
    site = create_app(Workspace(tmp_path), database, office_of(keys), clock=clock)
    with serving(site) as base:
        yield base


def test_a_hundred_people_who_sign_up_at_once_are_all_kept(base, database):
    ready = threading.Barrier(PEOPLE)

    def sign_up(number):
        visitor = Visitor(Connection(base))
        visitor.fill_in({"email": {"email": f"person{number}@example.com"}})
        token = visitor.token("check")
        ready.wait(120)
        return urlsplit(visitor.say("check", token=token).headers["Location"]).path

    with ThreadPoolExecutor(PEOPLE) as pool:
        ends = list(pool.map(sign_up, range(PEOPLE)))

    assert set(ends) == {f"/research/{CAMPAIGN}/done"}
    with database.read() as session:
        volunteers = {one.id: one.address for one in session.exec(select(Volunteer))}
        signed_up = [volunteers[one.volunteer_id] for one in session.exec(select(SignUp))]
    assert sorted(signed_up) == sorted(f"person{number}@example.com" for number in range(PEOPLE))
