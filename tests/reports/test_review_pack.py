"""The review pack holds everything an approver needs, and nobody's address."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from postroom.content import checks, previews
from postroom.content.checks import Problem, Rank
from postroom.content.editions import load_edition
from postroom.content.notify_markdown import render_html
from postroom.content.rendering import Renderer, sample_links
from postroom.delivery.approval import Terms
from postroom.delivery.outbox import Draft
from postroom.delivery.preparing import NOT_ALLOWED_HERE
from postroom.delivery.stop_answers import keys
from postroom.reports import review_pack
from postroom.tables import Scope, StopAnswer
from tests.content.examples import edition

ROOT = Path(__file__).parents[2]
NOW = datetime(2024, 1, 22, 9, 5, tzinfo=UTC)
LINKS = sample_links("https://outreach.example.com")
STOP = Problem(Rank.STOP, "placeholder-left", "[LINK] is still a placeholder")


def draft(number, left_out=""):
    return Draft(
        row=number,
        address=f"reader{number}@example.com",
        address_key=bytes([number]),
        school_urn=f"90000{number}",
        school_name=f"School {number}",
        fields={},
        reference=f"r{number}",
        content_hash=b"",
        left_out=left_out,
    )


@pytest.fixture
def pack():
    edition = load_edition(ROOT, "bpn-invite")
    rows = [(number, {}) for number in (2, 3)]
    email = Renderer(edition).render({}, LINKS)
    found = checks.problems(edition, [(2, email)], date(2024, 1, 22))
    answer = StopAnswer(
        campaign="bpn-invite",
        check=STOP.check,
        text_digest=b"",
        reason="a quotation",
        who="Jo",
        at=NOW,
    )
    return review_pack.ReviewPack(
        edition=edition,
        mode="live",
        terms=Terms("a-service", "live", "a-template", 3, "", "https://outreach.example.com"),
        to_send=[draft(2), draft(3)],
        left_out=[
            draft(4, "Jane Smith (jane@school.example.com) rang, on sick leave"),
            draft(5, "by the link in an email"),
            draft(6, NOT_ALLOWED_HERE),
        ],
        held={bytes([4]): Scope.ANNOUNCEMENTS_AND_RESEARCH, bytes([5]): Scope.EVERYTHING},
        texts=previews.distinct_texts(edition, rows, LINKS),
        problems=[STOP, *found],
        answers=dict.fromkeys(keys(STOP), answer),
        made_at=NOW,
    )


def words(html):
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def test_the_page_shows_every_fact_with_its_number_and_source(pack):
    page = words(review_pack.page(pack))

    for number, fact in enumerate(pack.edition.campaign.facts.values(), 1):
        assert f"{number} " in page
        assert fact.value in page
        assert " ".join(fact.source.split()) in page


def test_a_facts_sum_and_what_it_is_compared_with_are_before_the_approver(pack):
    facts = dict(pack.edition.campaign.facts)
    facts["outside_london"] = facts["outside_london"].model_copy(update={"sum": "20 × £43.80"})
    campaign = pack.edition.campaign.model_copy(update={"facts": facts})
    summed = replace(pack, edition=replace(pack.edition, campaign=campaign))

    page = words(review_pack.page(summed))
    request = review_pack.request_email(summed, code="k7qf-2m9x-hd4t", pack_hash="abc").body

    for text in (page, request):
        assert "worked out: 20 × £43.80" in text
        assert "compared with the shared mentor funding band" in text


def test_a_rehearsal_on_this_machine_is_said_to_be_one(pack):
    assert "a-service, live" in words(review_pack.page(pack))

    local = words(review_pack.page(replace(pack, mode="local")))

    assert "The local Notify: no email leaves this machine." in local
    assert "a-service" not in local


def test_the_page_shows_the_email_as_it_will_look(pack):
    assert render_html(pack.texts[0].email.body) in review_pack.page(pack)


def test_the_page_says_who_is_left_out_why_and_what_was_found(pack):
    page = words(review_pack.page(pack))

    assert "Left out: 1, must get no announcements and no research." in page
    assert "Left out: 1, must get no emails at all." in page
    assert f"Left out: 1, {NOT_ALLOWED_HERE}." in page
    assert "Allowed by Jo: a quotation" in page
    assert "£1,076" in page


def test_no_recipients_address_is_in_the_page_or_the_request(pack):
    request = review_pack.request_email(pack, code="k7qf-2m9x-hd4t", pack_hash="abc")

    for text in (review_pack.page(pack), request.subject, request.body):
        assert not any(part.address in text for part in (*pack.to_send, *pack.left_out))


def test_what_a_colleague_typed_as_the_reason_for_a_hold_is_in_neither(pack):
    request = review_pack.request_email(pack, code="k7qf-2m9x-hd4t", pack_hash="abc")

    assert "1: must get no announcements and no research" in request.body
    for text in (review_pack.page(pack), request.body):
        assert not any(part in text for part in ("Jane", "jane@", "sick"))


def test_the_page_needs_no_other_file_and_runs_nothing(pack):
    page = BeautifulSoup(review_pack.page(pack), "html.parser")

    assert not page.find_all(["script", "link", "img", "iframe", "form"])
    assert "default-src 'none'" in page.find("meta", {"http-equiv": True})["content"]


def test_the_request_carries_the_code_the_facts_and_the_whole_text(pack):
    request = review_pack.request_email(pack, code="k7qf-2m9x-hd4t", pack_hash="abc")

    assert request.subject.startswith("FOR APPROVAL: ")
    assert "^ k7qf-2m9x-hd4t" in request.body
    assert "4. london: £1,076" in request.body
    assert pack.texts[0].email.body in request.body
    assert "k7qf-2m9x-hd4t" in words(render_html(request.body))


def test_the_code_is_not_in_the_page(pack):
    assert "k7qf" not in review_pack.page(pack)


def test_the_same_pack_has_the_same_hash_and_another_has_not(pack):
    page = review_pack.page(pack)

    assert review_pack.page_hash(page) == review_pack.page_hash(page)
    assert review_pack.page_hash(page) != review_pack.page_hash(page + " ")


def of_a_list(pack, template, rows):
    """Return *pack* as that of *template* for *rows*, each its number and fields."""
    about = edition(template)
    return replace(
        pack,
        edition=about,
        to_send=[replace(draft(2), row=row, fields=fields) for row, fields in rows],
        texts=previews.distinct_texts(about, rows, LINKS),
        differ=previews.summary(about, rows, previews.distinct_texts(about, rows, LINKS)),
        problems=[],
    )


CLAIM = "{% block subject %}Claim{% endblock %}Dear {{ recipient.name }}: {{ recipient.amount }}"


def test_the_figures_that_come_from_the_list_are_before_the_approver(pack):
    rows = [
        (n, {"name": "Rowan Example", "amount": amount})
        for n, amount in enumerate(["£876", "£43.18", "£902", ""], 2)
    ]
    claim = of_a_list(pack, CLAIM, rows)

    page = words(review_pack.page(claim))
    request = review_pack.request_email(claim, code="k7qf-2m9x-hd4t", pack_hash="abc").body

    for amount in ("£876", "£43.18", "£902"):
        assert f"Dear ‹name›: {amount}" in page
        assert f"Dear ‹name›: {amount}" in request
    assert "4 emails, 4 distinct texts by amount: £876 1, £43.18 1, £902 1, blank 1." in page
    assert "Rowan" not in page + request


def test_what_stands_for_a_schools_column_is_listed_under_each_text(pack):
    rows = [
        (n, {"name": "Rowan", "amount": f"£{n % 2}", "school": f"School {n}", "urn": f"90000{n}"})
        for n in range(2, 6)
    ]
    claim = of_a_list(pack, f"{CLAIM} at {{{{ recipient.school }}}}, {{{{ recipient.urn }}}}", rows)

    page = words(review_pack.page(claim))

    for number, first in ((1, "School 2; School 4"), (2, "School 3; School 5")):
        assert f"What stands for ‹school› in text {number}: 2 values {first}" in page
        assert f"What stands for ‹urn› in text {number}: 2 values" in page


def test_of_very_many_texts_the_last_are_shown_by_what_the_list_brings(pack):
    many = 15_000
    rows = [(n, {"name": "Rowan", "amount": f"£{n}.05"}) for n in range(2, many + 2)]
    claim = of_a_list(pack, CLAIM, rows)

    page = review_pack.page(claim)
    request = review_pack.request_email(claim, code="k7qf-2m9x-hd4t", pack_hash="abc").body

    assert "column amount differs in every one" in words(page)
    assert all(f"£{n}.05" in page for n in (2, 201, 202, many + 1))
    assert len(page) < 3_000_000
    assert "The other 14,800 texts are in the review pack only." in request
    assert len(request.encode()) < 2_000_000
