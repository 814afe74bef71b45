"""Line ends: a text reads as its author sees it in the file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.content.template_lines import keep_line_ends
from postroom.content.template_sandbox import TemplateSandbox


def written(source):
    return TemplateSandbox(None, escape=str).from_string(source).render()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("You get {% if true %}£876{% endif %}\nSchools", "You get £876\nSchools"),
        ("{% if true %}£876{% endif %}\r\nSchools", "£876\nSchools"),
        ("{{ 'Dear' }}{# whom? #}\nSchools", "Dear\nSchools"),
        ("A {% if true\n%}b{% endif\n%}\nSchools", "A b\nSchools"),
        ("A{% if true -%}\n  b{% endif %}\nSchools", "Ab\nSchools"),
        ("A{% if true %}b{% endif -%}\nSchools", "AbSchools"),
        ("A\n  {% if true %}\nb\n  {% endif %}\nSchools", "A\nb\nSchools"),
        ("A\n{# a note #}\n{% set x = 1 %}{% set y = 2 %}\nSchools", "A\nSchools"),
        ("{% block subject %}A{% endblock %}\nSchools", "ASchools"),
        ("{% macro a() %}A{% endmacro %}\nSchools", "Schools"),
        ("{% macro a() %}A\n{% if true %}b{% endif %}\nc{% endmacro %}\n{{ a() }}", "A\nb\nc"),
        ("{% set a %}A{% endset %}\n{{ a }}{# a #}\nSchools", "A\nSchools"),
        ("{% block body %}A{% endblock %}\nSchools", "A\nSchools"),
        ("{% raw %}{% if %}{% endraw %}\nSchools", "{% if %}\nSchools"),
    ],
)
def test_a_line_that_says_something_ends_where_it_ends_and_one_of_tags_leaves_no_trace(
    source, text
):
    assert written(source) == text


@given(st.text("ab{%#} \n-+", max_size=40))
def test_no_line_moves_and_nothing_but_plus_signs_is_added(source):
    kept = keep_line_ends(source)

    assert kept.replace("+", "") == source.replace("+", "")
    assert kept.count("\n") == source.count("\n")
