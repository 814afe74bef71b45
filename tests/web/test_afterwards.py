"""What a reader does after an email: stop and undo it, confirm a sign-up that had been in doubt."""

from datetime import timedelta

import pytest
from sqlmodel import select

from postroom.audience import suppression
from postroom.content.confirmations import Confirmation
from postroom.keys import SignUpLink
from postroom.research import retention
from postroom.tables import AwaitedSignUp, Edition, Mailing, Message, Scope, SignUp, Status
from postroom.web.site import create_app
from postroom.workspace import Workspace
from tests.databases import TODAY, office_of
from tests.mail import have_campaign, planned
from tests.visitors import CAMPAIGN, Visitor, heading

ADA = "ada.bell@example.com"


@pytest.fixture
def office(keys):
    return office_of(keys)


@pytest.fixture
def site(tmp_path, database, office, clock):
    have_campaign(tmp_path)
    return create_app(Workspace(tmp_path), database, office, clock=clock)


@pytest.fixture
def client(site):
    return site.test_client()


@pytest.fixture
def stop_link(tmp_path, site, database, keys, now):
    """Send Ada the campaign's email; return the link in it that stops them."""
    key = keys.address_key(ADA)
    reference = keys.reference(campaign=CAMPAIGN, mode="local", address_key=key)
    path = f"campaigns/{CAMPAIGN}.toml"
    with database.write() as session:
        files = {path: (tmp_path / path).read_text("utf-8")}
        edition = Edition(digest=b"d" * 32, files=files, made_at=now)
        mailing = Mailing(campaign=CAMPAIGN, mode="local", made_at=now)
        session.add_all([edition, mailing])
        session.flush()
        session.add(
            Message(
                mailing_id=mailing.id,
                address_key=key,
                address=ADA,
                fields={},
                edition_id=edition.id,
                content_hash=b"c" * 32,
                reference=reference,
                status=Status.DELIVERED,
                planned_at=now,
                accepted_at=now,
            )
        )
    return f"/stop/{keys.page_token('stop', reference)}"


def held(database, keys, kind="research"):
    with database.read() as session:
        return bool(suppression.suppressed(session, [keys.address_key(ADA)], kind, today=TODAY))


def hold(database, keys, now, scope=Scope.RESEARCH):
    with database.write() as session:
        key = keys.address_key(ADA)
        suppression.add(session, key, scope=scope, reason="asked", who="us", now=now)


def all_of(database, table):
    with database.read() as session:
        return list(session.exec(select(table)))


def test_whoever_is_stopped_by_the_page_is_told_once_with_a_way_back(
    client, stop_link, database, office, keys
):
    for _ in range(3):
        answer = client.post(stop_link, data={"scope": "announcements-and-research"})

    assert "one email that says so" in answer.text
    (told,) = planned(database, office)
    assert (told.to, told.about) == (ADA, Confirmation.STOPPED)
    assert "announcements and invitations to research" in told.body

    opened = client.get(told.link("undo"))
    assert held(database, keys)
    assert "a•••@example.com" in opened.text
    assert ADA not in opened.text
    undone = client.post(told.link("undo"))
    assert heading(undone) == "You will get these emails again"
    assert not held(database, keys)


def test_no_email_is_promised_where_none_can_be_written(
    client, stop_link, database, office, tmp_path
):
    (tmp_path / "templates/email/emails-stopped.md").write_text("{% if %}", encoding="utf-8")

    answer = client.post(stop_link, data={"scope": "announcements-and-research"})

    assert "These emails are stopped" in answer.text
    assert "one email that says so" not in answer.text
    assert planned(database, office) == []


def test_a_mail_programs_one_click_sends_no_further_email(
    client, stop_link, database, office, keys
):
    client.post(stop_link, data={"List-Unsubscribe": "One-Click"})

    assert held(database, keys)
    assert planned(database, office) == []


def test_stopping_everything_is_a_choice_that_says_what_would_be_missed(
    client, stop_link, database, office, keys
):
    asked = client.get(stop_link)
    assert "You could miss a deadline, a decision or a payment" in asked.text

    answer = client.post(stop_link, data={"scope": "everything"})

    assert "not even about a service that they use" in answer.text
    assert held(database, keys, "service")
    assert planned(database, office) == []


def test_a_scope_that_the_page_does_not_offer_stops_what_it_stops_by_default(
    client, stop_link, database, keys
):
    client.post(stop_link, data={"scope": "erased'; --"})

    assert held(database, keys)
    assert not held(database, keys, "service")


def test_an_old_way_back_does_not_undo_a_later_stop(
    client, stop_link, database, office, keys, clock
):
    client.post(stop_link)
    first = planned(database, office)[0]
    client.post(first.link("undo"))
    clock.moment += timedelta(hours=1)
    client.post(stop_link)

    client.post(first.link("undo"))

    assert held(database, keys)
    assert len(planned(database, office)) == 2


def test_the_way_back_leaves_what_was_stopped_otherwise(
    client, stop_link, database, office, keys, now
):
    client.post(stop_link)
    hold(database, keys, now, Scope.EVERYTHING)

    client.post(planned(database, office)[0].link("undo"))

    assert held(database, keys, "service")


@pytest.mark.parametrize("where", ["undo", "again"])
def test_a_token_of_another_page_or_nobodys_opens_nothing(client, stop_link, where):
    token = stop_link.removeprefix("/stop/")
    for path in (f"/{where}/{token}", f"/{where}/{'a' * 64}", f"/{where}/x"):
        assert client.get(path).status_code == client.post(path).status_code == 404


def test_a_sign_up_is_confirmed_by_email_with_its_reference_and_choices(site, database, office):
    page = Visitor(site.test_client()).sign_up({"permission": {"permission": ["0", "2"]}})

    (told,) = planned(database, office)
    assert (told.to, told.about) == (ADA, Confirmation.SIGNED_UP)
    (sign_up,) = all_of(database, SignUp)
    assert sign_up.reference in told.body
    assert sign_up.reference in page.text
    assert "research on this service, surveys" in told.body
    assert "Ada" not in told.body
    assert "We are sending you an email about this" in page.text


def test_a_suppressed_address_sees_the_same_page_and_its_sign_up_waits_for_its_word(
    site, database, office, keys, now
):
    same = Visitor(site.test_client()).sign_up({"email": {"email": "ben@example.com"}})
    hold(database, keys, now)

    page = Visitor(site.test_client()).sign_up()

    without_references = [p.text.partition("UR-")[0] for p in (same, page)]
    assert heading(page) == heading(same)
    assert len({text[:200] for text in without_references}) == 1
    assert held(database, keys)
    assert [one.reference for one in all_of(database, SignUp)] != []
    assert len(all_of(database, SignUp)) == 1
    _, asked = planned(database, office)
    assert (asked.to, asked.about) == (ADA, Confirmation.SIGNED_UP_AFTER_STOPPING)


def test_only_the_button_behind_the_link_lifts_the_wish_and_makes_the_sign_up_count(
    site, client, database, office, keys, now
):
    hold(database, keys, now)
    page = Visitor(site.test_client()).sign_up()
    (asked,) = planned(database, office)

    opened = client.get(asked.link("again"))
    client.head(asked.link("again"))
    assert (heading(opened), held(database, keys)) == ("Confirm your sign-up", True)
    assert "Ada" not in opened.text
    confirmed = client.post(asked.link("again"))

    assert heading(confirmed) == "You have signed up"
    assert not held(database, keys)
    (sign_up,) = all_of(database, SignUp)
    assert sign_up.reference in page.text
    assert sign_up.reference in confirmed.text
    assert sign_up.answers["role"] == ["General mentor"]
    assert [one.about for one in planned(database, office)][1:] == [Confirmation.SIGNED_UP]


def test_a_second_press_or_look_says_that_the_sign_up_counts_until_it_does_no_longer(
    site, client, database, office, keys, now
):
    hold(database, keys, now)
    Visitor(site.test_client()).sign_up()
    link = planned(database, office)[0].link("again")
    client.post(link)
    (sign_up,) = all_of(database, SignUp)

    for repeated in (client.post(link), client.get(link)):
        assert (repeated.status_code, heading(repeated)) == (200, "You have signed up")
        assert sign_up.reference in repeated.text
    assert len(all_of(database, SignUp)) == 1
    hold(database, keys, now)
    for later in (client.post(link), client.get(link)):
        assert (later.status_code, heading(later)) == (410, "This link has expired")
    assert held(database, keys)


def test_what_is_not_confirmed_in_14_days_is_gone(site, client, database, office, keys, clock, now):
    hold(database, keys, now)
    Visitor(site.test_client()).sign_up()
    (asked,) = planned(database, office)
    clock.pass_days(13)
    assert client.get(asked.link("again")).status_code == 200
    clock.pass_days(1)

    assert client.post(asked.link("again")).status_code == 410
    with database.write() as session:
        due = retention.apply(session, who="us", now=clock())
    assert due.awaited == 1
    assert all_of(database, AwaitedSignUp) == all_of(database, SignUp) == []
    assert held(database, keys)


def test_signing_up_again_before_confirming_keeps_one_and_the_newest(
    site, client, database, office, keys, clock, now
):
    hold(database, keys, now)
    Visitor(site.test_client()).sign_up()
    clock.moment += timedelta(hours=2)
    Visitor(site.test_client()).sign_up({"question-role": {"role": "0"}})

    first, second = planned(database, office)
    client.post(first.link("again"))

    (sign_up,) = all_of(database, SignUp)
    assert sign_up.answers["role"] == ["Headteacher"]
    assert heading(client.post(second.link("again"))) == "You have signed up"
    assert len(all_of(database, SignUp)) == 1


def test_whoever_wants_nothing_at_all_is_not_even_asked_unless_they_write(
    site, database, office, keys, now
):
    hold(database, keys, now, Scope.EVERYTHING)

    Visitor(site.test_client()).sign_up()

    assert all_of(database, SignUp) == []
    assert len(all_of(database, AwaitedSignUp)) == 1


def test_a_sign_up_through_a_schools_link_still_counts_for_the_school_once_confirmed(
    site, client, database, office, keys, now
):
    hold(database, keys, now)
    visitor = site.test_client()
    visitor.get(f"/r/{keys.sign_up_token(SignUpLink(CAMPAIGN, 'partner', ''))}")
    Visitor(visitor).sign_up()

    client.post(planned(database, office)[0].link("again"))

    assert [one.route for one in all_of(database, SignUp)] == ["partner"]
