"""`was_sent`: exactly those who may have an email, and nobody else."""

from datetime import date

import pytest

from postroom.audience import segments
from postroom.content.campaign_file import Campaign
from postroom.errors import AudienceError
from postroom.tables import (
    Edition,
    Mailing,
    Membership,
    Message,
    Recipient,
    RecipientList,
    Status,
)

MAY_HAVE_IT = ["claimed", "in-doubt", "created", "sending", "delivered"]


@pytest.fixture
def sent(database, keys, now):
    """One person a status, all on the list, and one who was sent to and has left it since."""
    with database.write() as session:
        session.add(RecipientList(id=1, name="bpn", imported_at=now))
        session.add(Edition(id=1, digest=b"d" * 32, files={}, made_at=now))
        session.add(Mailing(id=1, campaign="first", mode="local", made_at=now))
        session.add(Mailing(id=2, campaign="first", mode="live", made_at=now))
        session.flush()
        for row, status in enumerate(Status, 2):
            recipient = Recipient(address=f"{status}@example.com", address_key=key(keys, status))
            session.add(recipient)
            session.flush()
            session.add(Membership(list_id=1, recipient_id=recipient.id, row=row, fields={}))
            session.add(message(keys, now, status, status))
        session.add(message(keys, now, "left", Status.DELIVERED))
        session.add(message(keys, now, "erased", Status.DELIVERED, address=None))
        session.add(message(keys, now, "elsewhere", Status.DELIVERED, mailing_id=2))


def key(keys, name):
    return keys.address_key(f"{name}@example.com")


def message(keys, now, name, status, **more):
    return Message(
        **{"mailing_id": 1, "address": f"{name}@example.com", "edition_id": 1, **more},
        address_key=key(keys, name),
        fields={},
        content_hash=b"c" * 32,
        reference=str(name),
        status=status,
        planned_at=now,
    )


def chosen(database, *campaigns, mode="local"):
    people = everybody(database, *campaigns, mode=mode)
    return [one.address.removesuffix("@example.com") for one in people]


def everybody(database, *campaigns, mode="local"):
    wanted = Campaign(
        name="correction",
        title="A correction",
        kind="service",
        template="correction.md",
        route="direct",
        list="bpn",
        send_on=date(2026, 1, 22),
        author="ana@example.com",
        segment={"was_sent": list(campaigns)},
    )
    with database.read() as session:
        return segments.recipients_of(session, wanted, mode=mode, today=date(2026, 1, 22))


def test_it_chooses_who_may_have_it_on_the_list_or_off_it_since(database, sent):
    assert chosen(database, "first") == [*MAY_HAVE_IT, "left"]


def test_who_has_left_the_list_stands_in_no_row_of_it(database, sent):
    stand = sorted(one.row for one in everybody(database, "first"))

    assert str(stand[0]) == "3 of bpn"
    assert str(stand[-1]) == "1 of those no longer on the list"


def test_what_was_sent_in_another_mode_does_not_count(database, sent):
    assert chosen(database, "first", mode="live") == ["elsewhere"]


def test_a_campaign_that_was_never_sent_is_answered_with_those_that_were(database, sent):
    with pytest.raises(AudienceError, match=r"segment: was_sent: frist was never sent in local"):
        chosen(database, "frist")


def test_one_text_of_a_campaign_is_for_those_who_may_have_that_one(database, keys, now, sent):
    with database.write() as session:
        session.add(Edition(id=2, digest=b"e" * 32, files={}, made_at=now))
        session.flush()
        session.add(message(keys, now, "later", Status.DELIVERED, edition_id=2))
    old, new = b"d".hex() * 4, b"e".hex() * 4

    assert chosen(database, f"first@{new}") == ["later"]
    assert chosen(database, f"first@{old}") == [*MAY_HAVE_IT, "left"]
    assert chosen(database, f"first@{new}", f"first@{old}") == [*MAY_HAVE_IT, "left", "later"]


def test_a_text_that_nobody_was_sent_is_answered_with_those_that_went_out(database, sent):
    with pytest.raises(AudienceError, match=r"in the text 12345678. Its texts: 64646464"):
        chosen(database, "first@12345678")
