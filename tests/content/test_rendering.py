"""What people typed never becomes markup, and a template can do no harm."""

import hashlib
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from postroom.content.editions import Edition
from postroom.content.markdown_escaping import escape
from postroom.content.notify_markdown import render_html, render_subject, render_text
from postroom.content.rendering import Email, Links, Renderer, columns_missing, sample_links
from postroom.errors import TemplateError
from tests.content.conformance.outline import outline
from tests.content.examples import SUBJECT, edition

LINKS = Links(sign_up="https://outreach.example.com/r/abc", stop="https://outreach.example.com/s")


def body(template: str, fields: dict[str, str] | None = None, *, facts: str = "") -> str:
    return Renderer(edition(SUBJECT + template, facts=facts)).render(fields or {}, LINKS).body


def email_of(made: Edition, fields: dict[str, str]) -> Email:
    return Renderer(made).render(fields, LINKS)


def problems(template: str, fields: dict[str, str] | None = None, **others: str) -> list[str]:
    made = edition(SUBJECT + template, others={f"{k}.md": v for k, v in others.items()})
    with pytest.raises(TemplateError) as caught:
        email_of(made, fields or {})
    return list(caught.value.problems)


# What people typed

ODD = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text("\\`*_{}[]()#+-.!|^<>&;:/'\"@~= \t\n1aé•–—\u200b\u00a0"),
    st.sampled_from(
        [
            "[Free](https://evil.example)",
            "https://evil.example/x",
            "# Head",
            "10.30 School",
            "2024. A year",
            "- item",
            "^ inset",
            "---",
            "| a | b |\n|---|---|\n| c | d |",
            "![x](https://evil.example/x.png)",
            "<a href=x>",
            "&lt;b&gt;",
            "((name))",
            "{{ facts }}",
            "[1]: https://evil.example",
            "www.evil.example",
        ]
    ),
)

EVERYWHERE = """\
{% block body %}
Dear {{ recipient.name }},

{{ recipient.name }}

# {{ recipient.name }} school

- {{ recipient.name }}
- of {{ recipient.name ~ " and " ~ recipient.name }}

See [{{ recipient.name }}](https://example.com/{{ recipient.name|url }}) for {{ recipient.name }}.
{% for part in [recipient.name, "b"] %}
{{ part }}
{% endfor %}
{% set kept %}({{ recipient.name }}){% endset %}
{{ kept }} {{ [recipient.name, facts.x]|join(", ") }} {{ recipient.name|upper }}
{% macro m(v) %}({{ v }}){% endmacro %}
{{ m(recipient.name) }} {{ recipient.name|replace("a", facts.x) }}
{{ facts.x|replace("f", recipient.name) }}
{% endblock %}
"""


@pytest.fixture(scope="module")
def everywhere() -> Renderer:
    return Renderer(edition(SUBJECT + EVERYWHERE, facts='x = { value = "f", source = "s" }'))


def shape(html: str) -> object:
    def without_words(node: object) -> object:
        if not isinstance(node, list):
            return None
        tag, _, children = node
        return [tag, [part for child in children if (part := without_words(child))]]

    return [without_words(node) for node in outline(html)]


@given(value=ODD)
@example("[Free](https://evil.example)")
@example("10.30 School")
@example("#")
@example("-")
@example("1.")
@example("\\")
@example("x\n\n# y")
def test_any_value_leaves_the_email_built_as_it_is_for_an_x(everywhere, value):
    # Of a value that nobody could see, such as a control character, nothing is left.
    plain = "x" if escape(value).strip() else ""

    assert shape(render_html(everywhere.render({"name": value}, LINKS).body)) == shape(
        render_html(everywhere.render({"name": plain}, LINKS).body)
    )


@pytest.mark.parametrize(
    "value", ["[Free](https://evil.example)", "# Head", "10.30 School", "St Aldhelma & St Cyr", "*"]
)
def test_a_value_arrives_as_the_characters_that_were_typed(value):
    markdown = body("{{ recipient.school }}\n", {"school": value})

    # The escape puts zero-width spaces where a reader's own program would see a link.
    assert render_text(markdown).strip().replace("\u200b", "") == value


def test_a_value_in_a_subject_is_not_markdown_and_stays_on_its_line():
    made = edition("{% block subject %}\nNews for {{ recipient.school }}\n{% endblock %}")

    email = Renderer(made).render({"school": "St. *Odd*\r\nBcc: x & Co"}, LINKS)

    assert render_subject(email.subject) == "News for St. *Odd* Bcc: x & Co"


def test_what_colleagues_wrote_and_the_facts_stay_markdown():
    facts = 'more = { value = "[More](https://example.com/a_b)", source = "s" }'

    assert body("# Head & *shoulders* {{ facts.more }} {{ '- a' }}", facts=facts) == (
        "# Head & *shoulders* [More](https://example.com/a_b) - a"
    )


@pytest.mark.parametrize(
    "template",
    [
        "[x](https://example.com/{{ recipient.name }})",
        "https://example.com/?q={{ recipient.name }}",
        "[x]({{ recipient.name }})",
        "[x]( {{ recipient.name }} )",
        "[x](< {{ recipient.name }}>)",
        """[x](https://a.example "{{ recipient.name }}")""",
        "[a b]: {{ recipient.name }}",
        "  [x]:http{{ recipient.name }}",
        "{{ links.sign_up }}?from={{ recipient.name }}",
        "[x](https://a.example/{% if recipient.name %}{{ recipient.name|upper }}{% endif %})",
    ],
)
def test_a_value_inside_a_link_needs_the_filter_that_makes_it_safe_there(template):
    (said,) = problems("\n" + template, {"name": "x"})

    assert said == (
        "templates/email/invite.md:3: inside a link a value needs the filter url: {{ VALUE|url }}"
    )


def test_a_value_straight_after_a_fact_that_is_a_link_is_inside_that_link():
    facts = 'page = { value = "https://example.com", source = "s" }'
    made = edition(SUBJECT + "{{ facts.page }}{{ recipient.x }}", facts=facts)

    with pytest.raises(TemplateError, match="inside a link a value needs the filter url"):
        Renderer(made)


@pytest.mark.parametrize(
    "template",
    [
        "[x](https://a.example) for {{ recipient.x }}",
        "Note [1]: {{ recipient.x }} and [{{ recipient.x }}]: y",
        "[x](https://a.example\n\n{{ recipient.x }})",
    ],
)
def test_a_value_beside_a_link_needs_no_filter(template):
    assert "mentor" in body(template, {"x": "mentor"})


def test_a_value_in_a_link_is_percent_encoded():
    markdown = body("[x](https://example.com/{{ recipient.urn|url }})", {"urn": "a/b) [c](d"})

    assert outline(render_html(markdown))[0][2][0][1]["href"].startswith(
        "https://example.com/a%2Fb"
    )
    assert markdown.count(")") == 1


# What a template can use


def test_recipients_facts_links_and_the_campaign_are_at_hand():
    template = (
        "{{ recipient.school }}|{{ facts.amount }}|{{ campaign.title }}|{{ campaign.send_on }}|"
        "{{ facts['amount'] }}|{{ recipient['school'] }}|{{ links.sign_up }} {{ links.stop }}"
    )

    assert body(template, {"school": "A"}, facts='amount = { value = "£876", source = "s" }') == (
        "A|£876|An example|22 January 2024|£876|A|"
        "https://outreach.example.com/r/abc https://outreach.example.com/s"
    )


def test_tags_on_their_own_lines_leave_no_lines_behind():
    loop = "  {% for n in [1, 2] %}\n{{ n }}\n  {% endfor %}\n"
    template = "a\n{% if recipient.x %}\nb\n" + loop + "{% endif %}\nc\n"

    assert body(template, {"x": "y"}) == "a\nb\n1\n2\nc"


def test_the_subject_comes_from_its_block_and_is_not_in_the_body():
    made = edition(
        '{% extends "base.md" %}{% set who = "all" %}\n'
        "{% block subject %}\n  Hello  {{ who }}\n{% endblock %}\n"
        "{% block body %}Text{% endblock %}",
        others={"base.md": "{% block subject %}None{% endblock %}{% block body %}{% endblock %}!"},
    )

    assert Renderer(made, "[TEST] ").render({}, LINKS) == Email("[TEST] Hello all", "Text!")


def test_a_base_can_give_a_subject_for_templates_that_have_none():
    made = edition('{% extends "base.md" %}', others={"base.md": SUBJECT + "Body"})

    assert Renderer(made).render({}, LINKS) == Email("Hello", "Body")


def test_a_template_without_a_subject_is_told_how_to_write_one():
    with pytest.raises(
        TemplateError, match=r"invite\.md:1: has no subject\. Add a line: \{% block"
    ):
        Renderer(edition("Hello"))


def test_macros_and_includes_see_the_recipient():
    made = edition(
        SUBJECT + '{% from "words.md" import hello %}{{ hello("Hi") }}{% include "foot.md" %}',
        others={
            "words.md": "{% macro hello(word) %}{{ word }} {{ recipient.name }}{% endmacro %}",
            "foot.md": " of {{ recipient.school }}, {{ facts.amount }}",
        },
        facts='amount = { value = "£876", source = "s" }',
    )

    renderer = Renderer(made)

    assert renderer.fields_used == {"name", "school"}
    assert renderer.render({"name": "*A", "school": "B"}, LINKS).body == r"Hi \*A of B, £876"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ recipient.a|default('colleague') }}", "colleague"),
        ("{{ recipient.b|default('colleague') }}", "Bo"),
        ("{{ 'yes' if recipient.a is blank else 'no' }}", "yes"),
        ("{{ 'a' if facts.no is defined }}{{ 'b' if facts.yes is defined }}", "b"),
        ("{{ 'a' if campaign.form is undefined }}", "a"),
        ("{{ recipient.b|upper }}{{ recipient.b|lower }}{{ 'ab'|capitalize }}", "BOboAb"),
        ("{{ recipient.b|first }}{{ recipient.b|last }}{{ recipient.b|length }}", "Bo2"),
        ("{{ ' a '|trim }}{{ recipient.b|replace('o', 'a') }}", "aBa"),
        ("{% for x in ['a', recipient.b] %}{{ loop.index }}{{ x }}{% endfor %}", "1a2Bo"),
        ("{% for x in range(3) %}{{ x }}{% else %}none{% endfor %}", "012"),
        ("{{ 'a' if 'x' in ['x'] and recipient.b == 'Bo' }}", "a"),
        ("{{ recipient.no or recipient.b }}", "Bo"),
    ],
)
def test_the_small_language_does_what_it_says(template, expected):
    facts = 'yes = { value = "1", source = "s" }'

    assert body(template, {"a": "  ", "b": "Bo", "no": ""}, facts=facts) == expected


def test_a_blank_cell_is_shown_blank():
    assert body("Dear {{ recipient.name }},", {"name": ""}) == "Dear ,"


# What a mistake gets


def test_a_column_that_the_list_has_not_is_named_with_where_it_is_used():
    said = problems(
        "Dear {{ recipient.nmae }}\n\n{{ recipient.age }}", {"name": "secret", "urn": "1"}
    )

    there = "Its columns are: name, urn"
    missing = "the list has no such column"
    meant = "(did you mean recipient.name?)"
    assert said == [
        f"templates/email/invite.md:4: recipient.age: {missing}. {there}",
        f"templates/email/invite.md:2: recipient.nmae: {missing} {meant}. {there}",
    ]


def test_a_column_is_missed_even_where_this_row_would_not_have_come_to_it():
    assert (
        "recipient.x" in problems("{% if recipient.a %}{{ recipient.x }}{% endif %}", {"a": ""})[0]
    )


def test_every_mistake_in_a_template_is_said_at_once_in_the_order_of_its_lines():
    said = problems("{{ nmae }}\n{{ recipient }}\n{{ 2 * 3 }}\n{{ links.form }}\n{{ 'a'|safe }}")

    assert [line.split(": ", 1)[0] for line in said] == [
        f"templates/email/invite.md:{line}" for line in range(2, 7)
    ]


def test_a_fact_that_is_not_stated_is_named_with_those_that_are():
    made = edition(SUBJECT + "{{ facts.ammount }}", facts='amount = { value = "1", source = "s" }')

    with pytest.raises(TemplateError) as caught:
        Renderer(made)

    assert str(caught.value) == (
        "templates/email/invite.md:2: facts.ammount is not known. Did you mean amount? "
        "There are: amount"
    )


def test_mistakes_in_templates_that_this_render_does_not_reach_are_found_too():
    said = problems('{% if recipient.a %}{% include "odd.md" %}{% endif %}', odd="\n{{ facts.x }}")

    assert said == ["templates/email/odd.md:2: facts.x is not known. There are: none"]


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (
            "{{ recipient.name.upper() }}",
            "only macros and range(…) can be called. Write VALUE|upper",
        ),
        (
            "{{ ''.__class__.__mro__ }}",
            ".__mro__: only recipient, facts, links, campaign have parts",
        ),
        ("{{ recipient.__class__ }}", "no column has a name that begins with _"),
        ("{{ recipient['__class__'] }}", "no column has a name that begins with _"),
        ("{{ recipient[recipient.x] }}", "the name itself, in full"),
        ("{{ facts[campaign.title] }}", "the name itself, in full"),
        ("{{ 'abc'[0] }}", "cannot be taken by number"),
        ("{{ 'abc'[0:2] }}", "cannot be taken by number"),
        ("{{ recipient.x|attr('y') }}", "the filter attr is not known"),
        ("{{ recipient.x|safe }}", "the filter safe is not known"),
        ("{{ '%s'|format(recipient.x) }}", "the filter format is not known"),
        ("{{ recipient.x|uper }}", "Did you mean upper?"),
        ("{{ 'x' is callable }}", "the test callable is not known"),
        ("{{ 'a' * 9 }}", "templates do not calculate"),
        ("{{ 9 ** 9 }}", "templates do not calculate"),
        ("{{ 'a' + recipient.x }}", "join texts with ~"),
        ("{{ '%s' % recipient.x }}", "templates do not calculate"),
        ("{{ -1 }}", "templates do not calculate"),
        ("{{ {'a': 1} }}", "holds no dictionaries"),
        ("{{ self.body() }}", "only macros and range(…) can be called"),
        ("{{ lipsum() }}", "only macros and range(…) can be called"),
        ("{{ cycler }}", "cycler is not known here"),
        ("{{ _recipient_78 }}", "_recipient_78 is not known here"),
        ("{{ range(*[9]) }}", "* and ** are not part"),
        ("{% set recipient = 1 %}", "recipient cannot be given another meaning"),
        ("{% set _x = 1 %}", "_x cannot be given another meaning"),
        ("{% for facts in [1] %}{% endfor %}", "facts cannot be given another meaning"),
        ("{% set ns.x = 1 %}", "cannot be changed inside another"),
        ("{% filter upper %}x{% endfilter %}", "{% filter %} is not part"),
        ("{% autoescape false %}x{% endautoescape %}{{ 9 ** 9 }}", "{% autoescape %} is not part"),
        ("{% for x in [1] recursive %}{% endfor %}", "a loop cannot be recursive"),
        ("{% include recipient.x %}", "name the other template in full"),
        ("{% if recipient.x %}{% extends 'base.md' %}{% endif %}", "stands once, at the top"),
        ("{% import 'base.md' as m %}{{ m.__loader__ }}", "no macro has a name that begins with _"),
        ("{{ none }}", "nothing cannot be shown"),
        ("{{ [1] }}", "only text and numbers can be shown"),
        ("{{ recipient.x == 'a' }}", "only text and numbers can be shown"),
        ("{{ recipient.x and true }}", "cannot be shown"),
        ("{% macro m() %}{% endmacro %}{{ m }}", "cannot be shown"),
        ("{{ recipient.x }}. That", "becomes a numbered list if it is a number"),
        ("- {{ recipient.x|upper }}. That", "becomes a numbered list if it is a number"),
        ("{{ recipient.x }", "unexpected '}'"),
        ("{% endif %}", "nknown tag 'endif'"),
        ("{% block a %}{% endblock %}{% block a %}{% endblock %}", "block 'a' defined twice"),
        ("{% if recipient.x == 'y' %}{% set a = 1 %}{% endif %}{{ a }}", "'a' is undefined"),
        ("{% for x in 5 %}{% endfor %}", "invite.md:2: "),
        ("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "takes not more than 1 argument"),
    ],
)
def test_what_the_language_has_not_is_refused_with_file_and_line(template, said):
    found = problems(template, {"x": "1", "name": "n"}, base="b")

    assert all(line.startswith("templates/email/invite.md:2: ") for line in found)
    assert said in "\n".join(found)


# What a hostile template gets

HOSTILE = {
    "a long range": "{% for x in range(100000000) %}{% endfor %}",
    "loops in loops": "{% for a in range(1000) %}" * 4 + "x" + "{% endfor %}" * 4,
    "loops that show nothing": "{% for a in range(1000) %}" * 4 + "{% endfor %}" * 4,
    "loops over a text": "{% for a in 'aaaaaaaaaa' %}" * 7 + "{% endfor %}" * 7,
    "loops over a list": "{% for a in [1, 2, 3, 4, 5, 6, 7, 8] %}" * 8 + "{% endfor %}" * 8,
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a text doubled forty times": "{% set x = 'ha' %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}",
    "a block doubled forty times": "{% set x = 'ha' %}"
    + "{% set x %}{{ x }}{{ x }}{% endset %}" * 40
    + "{{ x }}",
    "replacing that grows": "{% set x = 'aaaaaaaaaa' %}"
    + "{% set x = x|replace('a', x) %}" * 9
    + "{{ x }}",
    "joining that grows": "{% set x = 'aaaaaaaaaa' %}"
    + "{% set x = [x, x]|join(x) %}" * 20
    + "{{ x }}",
    "macros that call macros": "{% macro m0() %}{% endmacro %}"
    + "".join(
        f"{{% macro m{n} () %}}{f'{{{{ m{n - 1}() }}}}' * 10}{{% endmacro %}}" for n in range(1, 12)
    )
    + "{{ m11() }}",
    "loops nested too deeply": "{% for a in [1] %}" * 60 + "{% endfor %}" * 60,
    "an expression nested too deeply": "{{ " + "not " * 3_000 + "1 }}",
    "lists in lists": "{% set x = [1, 1] %}" + "{% set x = [x, x] %}" * 60 + "{{ x|join }}",
}


@pytest.mark.parametrize("template", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_template_gets_an_error_and_not_the_machine(template):
    began = time.monotonic()

    found = problems(template)

    assert found[0].startswith("templates/email/invite.md:")
    assert time.monotonic() - began < 5


def test_includes_that_multiply_are_stopped():
    others = {f"t{n}.md": f'{{% include "t{n + 1}.md" %}}' * 10 for n in range(9)} | {"t9.md": "x"}

    with pytest.raises(TemplateError, match=r"t\d\.md:1: it takes more than 20,000 steps"):
        Renderer(edition(SUBJECT + '{% include "t0.md" %}', others=others)).render({}, LINKS)


def test_a_body_is_stopped_at_the_size_that_notify_refuses():
    template = "{% for n in range(1000) %}{{ recipient.x }}{% endfor %}"

    assert len(body(template, {"x": "a" * 2_000})) == 2_000_000
    (said,) = problems(template, {"x": "a" * 2_001})
    assert said.startswith("templates/email/invite.md:2: the text grows beyond 2,000,000")


def test_the_size_is_counted_in_bytes():
    (said,) = problems("{{ recipient.x }}", {"x": "é" * 1_000_001})

    assert "longer than 2,000,000 bytes" in said


def test_half_a_character_in_a_list_is_an_error_that_does_not_show_it():
    (said,) = problems("{{ recipient.x }}", {"x": "Jos\ud83d"})

    assert said.startswith("templates/email/invite.md:2: recipient.x holds half a character")


def test_no_error_shows_what_a_recipient_typed():
    secret = "Winifred"
    for template in ("{{ recipient.x }}{{ recipient.y }}", "{% for a in 5 %}{% endfor %}"):
        assert secret not in "\n".join(problems(template, {"x": secret}))


# What an email is


def test_an_emails_hash_tells_any_two_emails_apart():
    assert Email("ab", "c").content_hash != Email("a", "bc").content_hash
    assert Email("a", "b").content_hash == Email("a", "b").content_hash
    assert len(Email("a", "b").content_hash) == 32
    assert Email("a", "b").content_hash != hashlib.sha256(b"ab").digest()


def test_the_same_recipient_gets_the_same_email_from_an_edition_made_again():
    made = edition(SUBJECT + "Dear {{ recipient.name }} {{ links.stop }}")

    first, again = (Renderer(made).render({"name": "A"}, LINKS) for _ in range(2))

    assert first.content_hash == again.content_hash


def test_sample_links_say_so():
    assert sample_links("https://outreach.example.com") == Links(
        "https://outreach.example.com/sample/sign-up",
        "https://outreach.example.com/sample/stop",
        "https://outreach.example.com/sample/page",
    )


def test_every_mistake_of_every_template_is_told_at_once_and_each_line_once():
    template = (
        '{% extends "base.md" %}\n{% block subject %}{{ facts.nope }}{% endblock %}\n'
        "{% block body %}{{ links.x }} {{ campaign.zzz }}\n"
        "https://x.example/{{ recipient.a }}/{{ recipient.b }}{% endblock %}"
    )
    base = "{% block body %}{% endblock %}\n{{ facts.other }} {{ 1 + 1 }}"

    with pytest.raises(TemplateError) as caught:
        Renderer(edition(template, others={"base.md": base}))

    said = caught.value.problems
    assert len(said) == len(set(said)) == 6
    for words in ("nope", "links.x", "campaign.zzz", "filter url", "facts.other", "calculate"):
        assert sum(words in problem for problem in said) == 1, words


def test_columns_that_a_list_has_not_can_be_told_beside_other_mistakes():
    wrong = edition(SUBJECT + "{{ links.x }} {{ recipient.nam }}")

    (said,) = columns_missing(wrong, {"name": "A"})

    assert said.startswith(
        "templates/email/invite.md:2: recipient.nam: the list has no such column"
    )
    assert "did you mean recipient.name?" in said
