"""Partners: whose people may be held here, and what a partner told us it sent."""

from datetime import date

import pytest
from sqlmodel import select

from postroom.audience import importing, lists, partners, suppression
from postroom.audience.partners import Standing
from postroom.audience.replacing import Replacement, replace_recipient
from postroom.errors import AudienceError, NotPermitted
from postroom.tables import Agreement, Recipient, RecipientList, Scope
from tests.databases import TODAY

SIGNED = Standing(Agreement.SIGNED, "DSA 12", date(2025, 11, 1))
PLAIN = "email address,school\na@example.com,Oak\n"
EVIDENCE = "email address,Permission evidence\na@example.com,{}\nb@example.com,Email of 3 May\n"


@pytest.fixture
def add(database, now):
    def add(standing=None, name="niot", title="the National Institute of Examples"):
        with database.write() as session:
            partners.add(session, name, title, standing or Standing(), who="ana", now=now)

    return add


@pytest.fixture
def bring_in(database, keys, tmp_path, now):
    def bring_in(text, partner="niot"):
        file = tmp_path / "list.csv"
        file.write_text(text, encoding="utf-8")
        reading = importing.read_import(
            database, keys, file, list_name="theirs", progress=lambda *_: None, today=TODAY
        )
        with reading as found:
            importing.apply(
                database,
                found,
                terms=lists.Terms(partner=partner),
                leave_out_bad=False,
                replace=False,
                who="ana",
                now=now,
            )

    return bring_in


def held(database):
    with database.read() as session:
        return session.exec(select(Recipient.address).order_by(Recipient.address)).all()


def known(database):
    with database.read() as session:
        partner = partners.named(session, "niot")
        return partner.title, partner.agreement, partner.agreement_reference, partner.agreed_on


def test_what_is_not_said_of_a_known_partner_stays(add, database):
    add(SIGNED)

    add(Standing(), title="NIoT")
    assert known(database) == ("NIoT", Agreement.SIGNED, "DSA 12", date(2025, 11, 1))

    add(Standing(reference="DSA 13"), title="NIoT")
    assert known(database) == ("NIoT", Agreement.SIGNED, "DSA 13", date(2025, 11, 1))


def test_an_agreement_that_is_signed_no_more_loses_its_reference_and_date(add, database):
    add(SIGNED)

    add(Standing(Agreement.NONE), title="NIoT")

    assert known(database) == ("NIoT", Agreement.NONE, "", None)


def test_a_new_partner_of_which_nothing_is_said_has_no_agreement(add, database):
    add(Standing(), title="NIoT")

    assert known(database) == ("NIoT", Agreement.NONE, "", None)


@pytest.mark.parametrize("agreement", [Agreement.NONE, Agreement.IN_PROGRESS])
def test_without_a_signed_agreement_not_one_address_of_a_partner_is_held(
    add, bring_in, database, agreement
):
    add(Standing(agreement))

    with pytest.raises(NotPermitted, match="partner pack CAMPAIGN niot"):
        bring_in(PLAIN)

    assert held(database) == []


def test_with_a_signed_agreement_a_partners_list_is_held_and_marked_as_theirs(
    add, bring_in, database
):
    add(SIGNED)

    bring_in(PLAIN)

    with database.read() as session:
        assert session.exec(select(RecipientList)).one().partner == "niot"
    assert held(database) == ["a@example.com"]


def test_evidence_of_consent_in_every_row_is_enough_and_in_all_but_one_is_not(
    add, bring_in, database
):
    add()

    with pytest.raises(NotPermitted, match=r"missing in row 2\)"):
        bring_in(EVIDENCE.format(""))
    assert held(database) == []

    bring_in(EVIDENCE.format("Form of 2 May"))
    assert held(database) == ["a@example.com", "b@example.com"]


@pytest.fixture
def replace(database, keys, now):
    def replace(**fields):
        wanted = Replacement("theirs", "a@example.com", "new@example.com", fields, "left")
        with database.write() as session:
            return replace_recipient(session, keys, wanted, who="ana", now=now).fields

    return replace


def test_nobody_new_is_put_on_a_partners_list_without_evidence_of_their_own(
    add, bring_in, replace, database
):
    add()
    bring_in(EVIDENCE.format("Form of 2 May"))

    with pytest.raises(NotPermitted, match="--set permission_evidence="):
        replace()
    assert "new@example.com" not in held(database)

    assert replace(permission_evidence="Form of 9 May")["permission_evidence"] == "Form of 9 May"


def test_nobody_whose_details_were_deleted_comes_back_in_somebodys_place(
    add, bring_in, replace, database, keys, now
):
    add(SIGNED)
    bring_in(PLAIN)
    key = keys.address_key("new@example.com")
    with database.write() as session:
        suppression.add(session, key, scope=Scope.ERASED, reason="x", who="ana", now=now)

    with pytest.raises(NotPermitted, match="were deleted"):
        replace()


def test_how_somebody_agreed_is_not_said_of_whoever_takes_their_place(add, bring_in, replace):
    add(SIGNED)
    bring_in(EVIDENCE.format("Form of 2 May"))

    assert replace()["permission_evidence"] == ""


def test_a_list_that_was_a_partners_stays_one_when_nobody_says_so_again(add, bring_in):
    add(SIGNED)
    bring_in(PLAIN)
    add(Standing(Agreement.NONE))

    with pytest.raises(NotPermitted):
        bring_in(PLAIN + "b@example.com,Elm\n", partner=None)


def test_a_signed_agreement_that_nobody_could_find_is_refused(add):
    with pytest.raises(AudienceError, match="--reference"):
        add(Standing(Agreement.SIGNED))


def test_an_agreement_that_is_still_to_be_signed_is_not_signed(add):
    with pytest.raises(AudienceError, match="2999-01-01 is still to come"):
        add(Standing(Agreement.SIGNED, "DSA 12", date(2999, 1, 1)))


@pytest.mark.parametrize("name", ["", "../niot", "The Institute", "niot\n", "-x", "a" * 61])
def test_a_partners_name_is_short_and_safe_to_type(add, name):
    with pytest.raises(AudienceError, match="cannot be a partner's name"):
        add(name=name)


@pytest.mark.parametrize("title", ["", " ", "two\nlines", "bell\a"])
def test_a_partners_title_is_one_line_of_words(add, title):
    with pytest.raises(AudienceError, match="--title is one line of words"):
        add(title=title)


def test_an_unknown_partner_is_answered_with_those_there_are(add, bring_in):
    add()

    with pytest.raises(AudienceError, match="There are: niot"):
        bring_in(PLAIN, partner="noit")


def test_a_partners_numbers_are_added_up_and_the_same_day_is_corrected(add, database, now):
    add()

    def tell(sent_to, day, mode="live", not_delivered=None):
        with database.write() as session:
            partners.record_send(
                session,
                partners.named(session, "niot"),
                campaign="invite",
                mode=mode,
                sent_to=sent_to,
                sent_on=date(2026, 1, day),
                not_delivered=not_delivered,
                who="ana",
                now=now,
            )

    tell(240, 8)
    tell(248, 8)
    tell(2, 9)
    tell(5, 9, mode="local")

    with database.read() as session:
        [sent] = partners.sends_of(session, "invite", "live")
    assert (sent.sent_to, sent.first_on, sent.last_on) == (250, date(2026, 1, 8), date(2026, 1, 9))
    assert sent.not_delivered is None
    with pytest.raises(AudienceError, match="still to come"):
        tell(1, 31)
    with pytest.raises(AudienceError, match="at least 1"):
        tell(0, 9)
    with pytest.raises(AudienceError, match="at most as many"):
        tell(5, 9, not_delivered=6)
    tell(248, 8, not_delivered=3)
    with database.read() as session:
        assert partners.sends_of(session, "invite", "live")[0].not_delivered == 3
