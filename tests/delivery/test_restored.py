"""A database that comes from a backup: who was sent to since is known again before anything leaves.

The witness is the local Notify's own ledger, compared with the audience. Its pages are short here,
so that reading back takes several of them.
"""

import itertools
import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlmodel import select

from postroom.content.rendering import Email
from postroom.database import open_database
from postroom.delivery import adopting, attempts, messages, outbox, tracking
from postroom.delivery.gateway import Parcel
from postroom.delivery.sending import see_through
from postroom.errors import NotifyError
from postroom.localnotify import Fault, LocalNotify, Service, add_fault, end_notification
from postroom.settings import Mode
from postroom.tables import Attempt, Message, ReadBack, Status, Stray
from tests.delivery.conftest import IMPATIENT, addresses, clock

WEEK = timedelta(days=7)
PEOPLE = 60
PAGE = 20


@pytest.fixture
def post(post, tmp_path):
    service = Service(rate_limit=None, page_size=PAGE)
    with LocalNotify(tmp_path / "short-pages.db", service=service) as server:
        post.server = server
        post.settings = post.settings.model_copy(update=IMPATIENT)
        yield post


@pytest.fixture
def approved(post):
    """Everybody is approved, planned two hours ago, and nothing is sent."""
    post.add_people(*addresses(PEOPLE))
    approval = post.approve()
    with post.database.write() as session:
        for row in session.exec(select(Message)):
            row.planned_at = clock() - timedelta(hours=2)
    return approval


@pytest.fixture
def one_in_doubt(post, approved):
    """A first wave of ten was sent, and of one nobody knows what became."""
    add_fault(post.server.path, Fault(do="answer", status=500, when="before", count=1))
    send_wave(post, approved, 10)
    assert post.statuses().count("in-doubt") == 1
    return approved


def send(post, approval, **changes):
    return see_through(post.sender(approval, **changes), waiting=print)


def send_wave(post, approval, size):
    with post.database.read() as session:
        last_id = messages.end_of_wave(session, approval, size)
    post.sender(approval, last_id=last_id).send()


def back_up(post, place):
    post.database.close()
    place.back_up()
    reopen(post)


def restore(post, place):
    post.database.close()
    place.restore()
    reopen(post)


def reopen(post):
    post.database = open_database(post.workspace, post.settings, post.keys)


def sync(post):
    tracking.sync(post.database, post.notify(), post.keys, Mode.LOCAL, retention=WEEK, now=clock())


def look_up_doubts(post, approval):
    tracking.resolve_doubts(
        post.database,
        post.notify(),
        approval.mailing_id,
        waits=post.settings.waits(Mode.LOCAL),
        retention=WEEK,
        now=clock(),
    )


def others_send(post, number):
    """Let another program send mail under the same key."""
    for n in range(number):
        post.notify().send(Parcel("other@example.com", f"other-{n}", Email("S", "B")))


def forget_everything(post):
    """Take every message out of the database, as one that was made before they were planned."""
    with post.database.write() as session:
        for table in (Attempt, Message):
            for row in session.exec(select(table)):
                session.delete(row)


def breaking(notify, *, after):
    """Return *notify*, which gives so many pages of its list and then no answer."""

    class Breaking(type(notify)):
        def pages(self):
            pages = super().pages()
            for _ in range(after):
                yield next(pages)
            raise NotifyError("no answer came")

    notify.__class__ = Breaking
    return notify


def emptied(notify, *, times=1, base_url=""):
    """Return *notify*, whose list is empty so many times, though emails are there."""

    class Emptied(type(notify)):
        left = times

        def pages(self):
            self.left -= 1
            return iter(()) if self.left >= 0 else super().pages()

    notify.__class__ = Emptied
    notify.base_url = base_url or notify.base_url
    return notify


def counting(notify):
    """Return *notify*, which counts the pages it was asked for in `asked`."""

    class Counting(type(notify)):
        asked = 0

        def _page(self, **query):
            self.asked += 1
            return super()._page(**query)

    notify.__class__ = Counting
    return notify


def assert_each_once(post, people=PEOPLE):
    ours = [one for one in post.arrived() if one != "other@example.com"]
    assert [one for one, times in Counter(ours).items() if times > 1] == []
    assert ours == sorted(addresses(people))


def test_a_database_restored_from_a_backup_learns_what_was_sent_after_it(
    post, database_place, approved
):
    back_up(post, database_place)
    send(post, approved)
    restore(post, database_place)
    assert set(post.statuses()) == {"planned"}

    send(post, approved)

    assert_each_once(post)
    assert Status.PLANNED not in post.statuses()


def test_one_restored_from_before_anything_was_ever_read_back_reads_the_whole_list(
    post, database_place, approved
):
    back_up(post, database_place)
    send(post, approved)
    others_send(post, 2 * PAGE)
    restore(post, database_place)

    send(post, approved)

    assert_each_once(post)


def test_a_doubt_in_the_backup_that_went_out_last_does_not_cut_the_reading_back_short(
    post, database_place, one_in_doubt
):
    back_up(post, database_place)
    send(post, one_in_doubt)
    restore(post, database_place)

    look_up_doubts(post, one_in_doubt)
    assert not {"in-doubt", "claimed"} & set(post.statuses())
    assert "planned" in post.statuses()
    send(post, one_in_doubt)

    assert_each_once(post)


@pytest.mark.parametrize("pages", [0, 1, 2])
def test_a_reading_back_that_breaks_off_is_done_again_from_where_it_was_to_reach(
    post, database_place, one_in_doubt, pages
):
    back_up(post, database_place)
    send(post, one_in_doubt)
    restore(post, database_place)

    with suppress(NotifyError):
        post.read_back(breaking(post.notify(), after=pages))
    look_up_doubts(post, one_in_doubt)
    send(post, one_in_doubt)

    assert_each_once(post)


def test_a_run_whose_reading_back_breaks_off_sends_nothing(post, database_place, approved):
    back_up(post, database_place)
    send(post, approved)
    restore(post, database_place)

    with pytest.raises(NotifyError):
        send(post, approved, notify=breaking(post.notify(), after=1))

    assert_each_once(post)


def test_a_receipt_that_comes_first_does_not_cut_the_reading_back_short(
    post, database_place, approved
):
    back_up(post, database_place)
    send(post, approved)
    restore(post, database_place)
    newest = next(post.notify().pages())[:1]
    with post.database.write() as session:
        adopting.adopt(session, newest, now=clock())

    send(post, approved)

    assert_each_once(post)


def test_syncing_first_is_reading_back_too(post, database_place, one_in_doubt):
    back_up(post, database_place)
    send(post, one_in_doubt)
    restore(post, database_place)

    sync(post)

    assert Status.PLANNED not in post.statuses()
    send(post, one_in_doubt)
    assert_each_once(post)


def test_what_is_claimed_in_the_backup_is_not_sent_again(post, database_place, approved):
    send_wave(post, approved, 5)
    now = clock()
    with post.database.write() as session:  # a backup made in mid-run
        claim = outbox.Claim("gone", now, post.notify().service, "live", post.server.url)
        outbox.claim(session, approved, claim, kind="announcement", limit=8, now=now)
    back_up(post, database_place)
    send(post, approved)
    restore(post, database_place)
    assert post.statuses().count("claimed") == 8

    send(post, approved)

    assert_each_once(post)


def test_a_backup_made_after_a_wave_reads_back_to_that_wave(post, database_place, approved):
    send_wave(post, approved, 20)
    back_up(post, database_place)
    send(post, approved)
    restore(post, database_place)

    send(post, approved)

    assert_each_once(post)


def test_a_database_restored_twice_is_read_back_twice(post, database_place, approved):
    send_wave(post, approved, 10)
    back_up(post, database_place)
    for size in (15, 15):
        send_wave(post, approved, size)
        restore(post, database_place)
    send(post, approved)

    assert_each_once(post)


def test_a_campaign_that_a_restore_took_away_is_not_sent_again_however_late_it_is_planned(
    post, approved
):
    send(post, approved)
    forget_everything(post)
    with post.database.write() as session:  # as it was before anything was read back
        session.delete(session.exec(select(ReadBack)).one())

    post.read_back()  # as before a run of some other campaign: nothing of this one is here
    others_send(post, 2 * PAGE)
    post.read_back()
    again = post.approve()

    assert not {"planned", "skipped"} & set(post.statuses())
    send(post, again)
    assert_each_once(post)
    with post.database.read() as session:
        assert session.exec(select(Stray)).all() == []


def test_mail_of_other_programs_is_not_kept_though_its_references_are_unknown(post):
    others_send(post, PAGE + 5)

    post.read_back()

    with post.database.read() as session:
        assert session.exec(select(Stray)).all() == []


def test_a_second_attempt_that_a_restore_took_away_is_not_made_again(
    post, database_place, approved
):
    send(post, approved)
    failed = post.server.ledger()[0]
    end_notification(post.server.path, failed.id, "temporary-failure", at=clock())
    sync(post)
    back_up(post, database_place)
    begin_again(post, approved)
    send(post, approved)
    restore(post, database_place)

    post.read_back()
    others_send(post, 2 * PAGE)
    begin_again(post, approved)
    send(post, approved)

    assert Counter(post.arrived())[failed.email_address] == 2
    assert post.statuses().count("planned") == 0


def a_first_wave(post, approval):
    """Some were sent before the backup."""
    send_wave(post, approval, 10)


def only_read(post, _approval):
    """Notify's list was read before the backup, and was empty."""
    post.read_back(post.notify())


def not_even_read(_post, _approval):
    """Notify was never asked before the backup."""


@pytest.mark.parametrize("before", [a_first_wave, only_read, not_even_read])
def test_one_empty_answer_to_a_reading_is_not_taken_for_the_end_of_the_list(
    post, database_place, approved, before
):
    before(post, approved)
    back_up(post, database_place)
    send_wave(post, approved, 30)
    restore(post, database_place)

    send(post, approved, notify=emptied(post.notify()))

    assert_each_once(post)


def test_a_list_that_stays_short_of_what_is_known_stops_the_run_and_moves_no_mark(post, approved):
    send_wave(post, approved, 10)
    with post.database.write() as session:
        mark = session.exec(select(ReadBack)).one()
        mark.at = clock() - timedelta(hours=1)
    notify = emptied(post.notify(), times=9, base_url="https://notify.example.com")

    with pytest.raises(NotifyError, match="Notify's list ends before an email that it took"):
        post.read_back(notify)

    with post.database.read() as session:
        assert session.exec(select(ReadBack)).one().notify_id == mark.notify_id


def test_what_notify_has_forgotten_by_now_is_not_missed(post, approved):
    send_wave(post, approved, 10)
    with post.database.write() as session:
        session.exec(select(ReadBack)).one().at = clock() - timedelta(days=7)

    post.read_back(emptied(post.notify(), times=9, base_url="https://notify.example.com"))


def begin_again(post, approval):
    with post.database.write() as session:
        for message in attempts.ended_as(session, approval.mailing_id, Status.TEMPORARY_FAILURE):
            attempts.begin_again(session, message, post.keys, now=clock())


def nobody(post):
    """Nobody looks at Notify's list between the restore and the run."""


def breaking_off(post):
    """A reading of the list breaks off before its end."""
    with suppress(NotifyError):
        post.read_back(breaking(post.notify(), after=2))


@pytest.mark.parametrize("somebody", [nobody, sync, breaking_off])
def test_a_run_right_after_a_restore_waits_for_what_may_still_be_on_its_way(
    post, database_place, approved, somebody
):
    post.read_back(post.notify())
    back_up(post, database_place)
    send_wave(post, approved, 30)
    last = next(row for row in post.rows() if row.status is Status.PLANNED)
    add_fault(post.server.path, Fault(do="wait", seconds=0.9, when="before", count=1))
    landing = threading.Thread(
        target=post.notify().send, args=[Parcel(last.address, last.reference, Email("S", "B"))]
    )
    landing.start()
    restore(post, database_place)
    somebody(post)

    send(post, approved)
    landing.join()

    assert_each_once(post)


def test_a_clock_set_back_since_the_restore_keeps_nobody_waiting_until_it_caught_up(post, approved):
    post.read_back(post.notify())
    with post.database.write() as session:
        session.exec(select(ReadBack)).one().lost_at = clock() + timedelta(hours=1)

    send(post, approved)

    assert_each_once(post)


class Ticking:
    """A clock that goes on by ten seconds whenever it is looked at."""

    def __init__(self):
        self._looks = itertools.count()

    def __call__(self):
        return clock() + timedelta(seconds=10 * next(self._looks))


@pytest.fixture
def unhurried(post, tmp_path):
    """`post`, whose Notify has ten seconds or more between one email and the next."""
    service = Service(rate_limit=None, page_size=PAGE)
    with LocalNotify(tmp_path / "unhurried.db", service=service, clock=Ticking()) as server:
        post.server = server
        yield post


def test_in_the_ordinary_case_one_page_is_read(unhurried, approved):
    others_send(unhurried, 3 * PAGE)
    send_wave(unhurried, approved, 30)
    notify = counting(unhurried.notify())

    unhurried.read_back(notify)

    assert notify.asked == 1


def test_another_campaign_that_is_planned_makes_nobody_read_more(unhurried, approved):
    send_wave(unhurried, approved, 30)
    unhurried.add_people(*(f"new-{address}" for address in addresses(3)))
    unhurried.approve()
    notify = counting(unhurried.notify())

    unhurried.read_back(notify)

    assert notify.asked == 1


def test_what_others_sent_since_is_read_once(unhurried, approved):
    send_wave(unhurried, approved, 30)
    others_send(unhurried, 3 * PAGE)
    first, second = counting(unhurried.notify()), counting(unhurried.notify())

    unhurried.read_back(first)
    unhurried.read_back(second)

    assert first.asked == 4
    assert second.asked == 1


def test_a_sender_moves_the_mark_so_that_nobody_reads_what_it_sent(post, approved):
    send_wave(post, approved, 1)
    with post.database.read() as session:
        before = session.exec(select(ReadBack)).one()
    send_wave(post, approved, 5)

    with post.database.read() as session:
        after = session.exec(select(ReadBack)).one()
    assert after.notify_id != before.notify_id
    assert after.notify_id in {row.notify_id for row in post.rows()}
    assert after.at >= before.at


def test_a_sender_in_a_database_that_was_never_read_back_moves_no_mark(post, approved):
    post.sender(approved).send_planned()

    with post.database.read() as session:
        assert session.exec(select(ReadBack)).first() is None
