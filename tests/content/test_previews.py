"""A preview page shows what arrives, and does nothing else."""

import re

import pytest
from bs4 import BeautifulSoup

from postroom.content.notify_markdown import preheader_as_read, render_html, render_text
from postroom.content.previews import (
    Preview,
    distinct_texts,
    longest,
    preview_page,
    previews,
    shortest,
)
from postroom.content.rendering import Email, Renderer, sample_links
from tests.content.conformance.outline import outline
from tests.content.examples import edition

LINKS = sample_links("https://outreach.example.com")
TEMPLATE = """\
{% block subject %}News for {{ recipient.school }}{% endblock %}
{% block body %}
# Hello {{ recipient.school }}

{% if recipient.region == "London" %}
Up to £1,076 in {{ recipient.region|upper }}
{% else %}
Up to £876
{% endif %}

[Take part]({{ links.sign_up }}?school={{ recipient.urn|url }})
{% endblock %}
"""
ROWS = [
    (2, {"school": "Tallowick", "region": "London", "urn": "900001"}),
    (3, {"school": "Rutterwell & Son", "region": "East Midlands", "urn": "900002"}),
    (5, {"school": "<script>alert(1)</script>", "region": "North East", "urn": "900003"}),
    (6, {"school": "Ox", "region": "North East", "urn": "900004"}),
]


@pytest.fixture(scope="module")
def shown() -> list[Preview]:
    return list(previews(Renderer(edition(TEMPLATE)), ROWS, LINKS))


@pytest.fixture(scope="module")
def page(shown) -> str:
    return preview_page(edition(TEMPLATE).campaign, shown)


@pytest.fixture(scope="module")
def soup(page) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def test_a_page_shows_each_email_as_it_arrives(shown, soup):
    articles = soup.find_all("article")

    assert len(articles) == len(shown)
    for article, preview in zip(articles, shown, strict=True):
        body = preview.email.body
        subject, inbox_line = (dd.get_text() for dd in article.find_all("dd"))
        text, source = (pre.get_text() for pre in article.find_all("pre"))
        assert subject == preview.email.subject.replace("\\", "")
        assert inbox_line == preheader_as_read(body) + "…"
        assert outline(article.find(class_="email").decode_contents()) == outline(render_html(body))
        assert text == render_text(body)
        assert source == body


def test_a_page_says_from_which_row_each_email_is_and_leads_from_one_to_the_next(soup):
    headings = [heading.get_text() for heading in soup.select("article > h2")]
    targets = {link["href"].removeprefix("#") for link in soup.select("nav a, .steps a")}

    assert headings == ["Row 2", "Row 3", "Row 5", "Row 6"]
    assert targets == {article["id"] for article in soup.find_all("article")}


def test_a_page_runs_nothing_loads_nothing_and_sends_nothing(page, soup):
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]

    assert policy.startswith("default-src 'none'; ")
    assert not soup.find_all(["script", "img", "link", "iframe", "form", "object", "base"])
    assert not re.search(r"\son\w+=", page)
    assert "url(" not in soup.style.string
    assert "&lt;script&gt;alert(1)" in page


def test_a_page_of_one_email_needs_no_contents(shown):
    page = BeautifulSoup(preview_page(edition(TEMPLATE).campaign, shown[:1]), "html.parser")

    assert page.nav is None
    assert page.select(".steps") == []
    assert "1 email, as GOV.UK Notify will make it" in page.header.get_text()


def test_a_title_or_note_never_becomes_markup(shown):
    campaign = edition(TEMPLATE).campaign.model_copy(update={"title": "<b>Bold</b>"})

    page = preview_page(campaign, shown[:1], note="<i>Mode: local.</i>")

    assert "&lt;b&gt;Bold" in page
    assert "&lt;i&gt;Mode" in page


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("x" * 2_000_001, "More than 20,000 characters stand together"),
        ("A line.\n\n" * 1_001, "There are more than 1,000 paragraphs"),
        ("Half \ud800 a character", "Character 6 is half of a character"),
        ("[a" * 500 + "](b)" * 500, "are inside one another too many times"),
    ],
)
def test_what_nobody_could_render_or_read_is_said_in_its_place(body, said):
    page = BeautifulSoup(
        preview_page(edition(TEMPLATE).campaign, [Preview(Email("Hello", body), (2,))]),
        "html.parser",
    )

    assert said in page.select_one(".email").get_text()


def test_the_longest_and_the_shortest_are_chosen_by_the_bytes_of_their_bodies(shown):
    assert longest(shown).rows == (5,)
    assert shortest(shown).rows == (6,)
    assert longest([]) is None
    assert shortest([]) is None


def test_each_distinct_text_is_shown_once_with_its_rows_and_without_what_is_personal():
    texts = distinct_texts(edition(TEMPLATE), ROWS, LINKS)

    assert [text.rows for text in texts] == [(3, 5, 6), (2,)]
    assert [text.label for text in texts] == [
        "3 emails, region East Midlands, North East: rows 3, 5–6",
        "row 2, region London",
    ]
    assert texts[0].email.subject == "News for ‹school›"
    assert "# Hello ‹school›" in texts[0].email.body
    assert "in LONDON" in texts[1].email.body
    assert "?school=‹urn›" in texts[1].email.body
    everything = "".join(text.email.subject + text.email.body for text in texts)
    assert not any(row["school"] in everything for _, row in ROWS)
