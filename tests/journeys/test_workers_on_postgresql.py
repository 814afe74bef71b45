"""Several workers over one PostgreSQL: they share the work, and one that dies is taken over."""

import signal
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.databases import ServerPlace
from tests.journeys.conftest import CAMPAIGN, LIST
from tests.journeys.test_worker import FAST, in_london, working
from tests.waiting import until

SLOW = FAST | {"OUTREACH_RATE_PER_MINUTE": "600", "OUTREACH_LEASE_SECONDS": "2"}


@pytest.fixture
def shared(made, tmp_path, postgresql_server):
    """A workspace on PostgreSQL, its campaign approved and set for a time; and a way into it."""
    place = made.copy_to(tmp_path / "office")
    at = ServerPlace(postgresql_server, place.folder)
    place.do("db", "upgrade")
    place.do("recipients", "import", LIST, "--list", "example-bpn", "--yes")
    place.do("approve", CAMPAIGN, "--yes")
    place.do("send", CAMPAIGN, "--at", in_london(hours=1), "--yes")
    line = (place.folder / ".env").read_text(encoding="ascii").strip()
    address = sa.make_url(line.partition("=")[2]).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(address)
    yield place, engine
    engine.dispose()
    at.leave()


def test_a_worker_that_is_killed_is_taken_over_by_another_without_a_repeat(shared):
    place, engine = shared
    with engine.begin() as connection:
        start = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(sa.text("UPDATE schedules SET start_at = :start"), {"start": start})

    killed = place.kill_when_taken(place.start("worker", **SLOW), 10, by=signal.SIGKILL)
    assert killed.code == -signal.SIGKILL
    with working(place), working(place):
        until(lambda: place.listed("status", CAMPAIGN)["settled"])

    assert sorted(Counter(place.taken()).values()) == [1] * 50
