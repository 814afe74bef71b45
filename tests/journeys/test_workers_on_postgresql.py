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


def make_due(engine):
    with engine.begin() as connection:
        start = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(sa.text("UPDATE schedules SET start_at = :start"), {"start": start})


NO_WORD_OF_AN_END = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'shutting down' USING ERRCODE = '57P01'; END $$;
CREATE TRIGGER fails BEFORE UPDATE ON schedules FOR EACH ROW
WHEN (OLD.state = 'running' AND NEW.state <> 'running') EXECUTE FUNCTION fail();
"""
"""A database that is away at the very moment when a worker wants to tell how its send ended."""


def test_what_a_worker_can_tell_no_end_of_is_taken_up_again(shared):
    place, engine = shared
    with engine.begin() as connection:
        connection.exec_driver_sql(NO_WORD_OF_AN_END)
    make_due(engine)

    with working(place):
        until(lambda: len(place.taken()) == 50)
        until(lambda: lease_left(engine) < timedelta(0))
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER fails ON schedules")
        until(lambda: place.listed("status", CAMPAIGN)["schedule"] is None)

    assert sorted(Counter(place.taken()).values()) == [1] * 50


def lease_left(engine):
    with engine.connect() as connection:
        [[until_when]] = connection.exec_driver_sql("SELECT lease_until FROM schedules")
    return until_when - datetime.now(until_when.tzinfo)


def test_a_worker_that_is_killed_is_taken_over_by_another_without_a_repeat(shared):
    place, engine = shared
    make_due(engine)

    killed = place.kill_when_taken(place.start("worker", **SLOW), 10, by=signal.SIGKILL)
    assert killed.code == -signal.SIGKILL
    with working(place), working(place):
        until(lambda: place.listed("status", CAMPAIGN)["settled"])

    assert sorted(Counter(place.taken()).values()) == [1] * 50
