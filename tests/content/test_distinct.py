"""Every text that anybody gets is shown once, whole but for who somebody is and where."""

import pytest

from postroom.content.distinct import Preview, distinct_texts, in_ranges, summary
from postroom.content.identity import is_a_persons, is_a_place
from postroom.content.places import FileRow
from postroom.content.rendering import Email, sample_links
from tests.content.examples import edition

LINKS = sample_links("https://outreach.example.com")
SUBJECT = "{% block subject %}Claim {{ recipient.amount }}{% endblock %}\n"
DEAR = edition(SUBJECT + "Dear {{ recipient.name }}, claim {{ recipient.amount }}.")


def rows(*amounts, **columns):
    """Return a row for each of *amounts*, everybody else of them alike in *columns*."""
    people = ("Rowan Example", "Jo Example", "Ash Example", "Kim Example")
    return [
        (number, {"name": people[number % 4], "amount": amount, **columns})
        for number, amount in enumerate(amounts, 2)
    ]


def test_an_amount_from_the_list_makes_another_text_and_is_shown():
    texts = distinct_texts(DEAR, rows("£876", "£43.18", "£902", ""), LINKS)

    assert [text.email.subject for text in texts] == [
        "Claim £876",
        "Claim £43.18",
        "Claim £902",
        "Claim",
    ]
    assert texts[0].email.body == "Dear ‹name›, claim £876."


def test_a_name_is_not_shown_and_a_blank_one_is_blank():
    people = [(2, {"name": "Rowan", "amount": "£1"}), (3, {"name": " ", "amount": "£1"})]

    texts = distinct_texts(DEAR, people, LINKS)

    assert {text.email.body for text in texts} == {
        "Dear ‹name›, claim £1.",
        "Dear , claim £1.",
    }


def test_a_sentence_from_the_list_is_shown_unless_there_is_an_address_in_it():
    told = edition(SUBJECT + "{{ recipient.message }}")
    address = {"name": "Jo", "amount": "£1", "message": "Write to jo@school.example.com"}
    people = [*rows("£1", message="You are dismissed"), (9, address)]

    texts = distinct_texts(told, people, LINKS)

    assert {text.email.body for text in texts} == {"You are dismissed", "‹message›"}


def test_a_column_that_somebody_said_holds_names_is_hidden_too():
    told = edition(SUBJECT + "Dear {{ recipient.who }},")

    (text,) = distinct_texts(told, rows("£1", who="Rowan Example"), LINKS, personal={"who"})

    assert text.email.body == "Dear ‹who›,"


def test_a_school_is_shown_as_its_column_with_all_that_stands_there():
    told = edition(SUBJECT + "For {{ recipient.school }}.")
    people = [(n, {"school": school, "amount": "£1"}) for n, school in enumerate("BAA", 2)]

    (text,) = distinct_texts(told, people, LINKS)

    assert text.email.body == "For ‹school›."
    assert text.places == {"school": ("A", "B")}


def test_texts_are_told_apart_by_a_column_in_a_sentence():
    told = edition(
        SUBJECT + "{% if recipient.band == 'Inner' or recipient.band == 'Outer' %}London"
        "{% elif recipient.band == 'Fringe' %}Fringe{% else %}Elsewhere{% endif %}"
    )
    people = [
        (number, {"amount": "£1", "band": band})
        for number, band in enumerate(["Inner", "Outer", "Fringe", "Rest", "Rest", "Rest"], 2)
    ]

    texts = distinct_texts(told, people, LINKS)

    assert summary(told, people, texts) == (
        "6 emails, 3 distinct texts by band: Rest 3, Inner, Outer 2, Fringe 1."
    )
    assert [text.label for text in texts] == [
        "3 emails, band Rest: rows 5–7",
        "2 emails, band Inner, Outer: rows 2–3",
        "row 4, band Fringe",
    ]


def test_a_column_that_differs_in_every_email_is_said_to():
    many = rows(*(f"£{n}" for n in range(50)))
    texts = distinct_texts(DEAR, many, LINKS)

    assert summary(DEAR, many, texts) == (
        "50 emails, 50 distinct texts: column amount differs in every one."
    )


def test_one_text_is_one_text():
    same = rows("£1", "£1")

    said = summary(DEAR, same, distinct_texts(DEAR, same, LINKS))

    assert said == "2 emails, 1 distinct text."


def test_subjects_carry_the_prefix_that_they_will_be_sent_with():
    (text,) = distinct_texts(DEAR, rows("£1"), LINKS, subject_prefix="[LOCAL] ")

    assert text.email.subject == "[LOCAL] Claim £1"


def test_rows_are_named_in_ranges_and_of_many_the_first():
    assert in_ranges([2, 3, 4, 7, 9, 10]) == "2–4, 7, 9–10"
    assert in_ranges(range(2, 100, 2), 3) == "2, 4, 6 …"


def test_rows_of_several_spreadsheets_are_in_ranges_each_of_its_own():
    of_two = [*(FileRow(0, row, "a.csv") for row in (2, 3, 5)), FileRow(1, 6, "b.csv")]

    assert in_ranges(of_two) == "2–3 of a.csv, 5 of a.csv, 6 of b.csv"
    assert Preview(Email("", ""), tuple(range(2, 52))).label == "50 emails: rows 2–51"


@pytest.mark.parametrize(
    "column",
    [
        "name",
        "first_name",
        "surname",
        "name_2",
        "contact",
        "contact_name",
        "head_s_email",
        "headteacher",
        "headteacher_name",
        "mobile_number",
        "telephone",
        "salutation",
        "email_address_2",
        "school_email",
        "your_name",
        "mentor_name",
        "contact_number",
    ],
)
def test_a_column_of_names_addresses_or_telephones_is_a_persons(column):
    assert is_a_persons(column)


@pytest.mark.parametrize(
    "column",
    [
        "amount",
        "deadline",
        "region",
        "funding_area",
        "role",
        "mentors",
        "mentor_hours",
        "school_name",
        "trust_name",
        "name_of_course",
        "message",
        "phase",
        "contact_hours",
    ],
)
def test_a_figure_a_date_or_an_organisation_is_not(column):
    assert not is_a_persons(column)


@pytest.mark.parametrize("column", ["school", "school_name", "urn", "organisation", "ukprn"])
def test_a_school_is_a_place(column):
    assert is_a_place(column)
    assert not is_a_place(f"{column}_phase")
