"""What we show is held against Notify's own rendering."""

import pytest

from postroom.content.outlines import holds, outline
from postroom.content.previews import Preview
from postroom.content.rendering import Email
from postroom.delivery import comparing
from postroom.localnotify import TEMPLATE_ID, edit_template
from tests.delivery.conftest import clock

BODY = "# Head\n\nText with [a link](https://example.com/?a=1&b=2)\n\n* one\n* two\n\n---\n\nEnd"


def sample(body=BODY):
    return Preview(Email("Subject", body), (2,))


def test_the_same_rendering_has_no_difference(post):
    assert list(comparing.differences(post.notify(), [sample(), sample("Plain")])) == []


def test_a_template_that_adds_nothing_around_may_stand_in_any_frame(post):
    whole = outline(f"<html><head><title>x</title></head><table><tr><td>{'<p>Hi</p>'}</table>")

    assert holds(whole, outline("<p>Hi</p>"))


def test_a_template_that_changes_the_words_is_a_difference(post):
    edit_template(
        post.server.path, TEMPLATE_ID, subject="((subject))", body="((subject))", now=clock()
    )

    (said,) = comparing.differences(post.notify(), [sample()])

    assert said.startswith("row 2: Notify differs from")


def test_a_subject_that_notify_writes_otherwise_is_a_difference(post):
    subject = 'Salt & pepper\'s "day"'
    email = Email(subject, "Hello")
    assert list(comparing.differences(post.notify(), [Preview(email, (2,))])) == []

    edit_template(
        post.server.path, TEMPLATE_ID, subject="News: ((subject))", body="((body))", now=clock()
    )

    (said,) = comparing.differences(post.notify(), [Preview(email, (2,))])
    assert said == "row 2: Notify makes another subject of it"


def test_a_text_that_cannot_be_rendered_is_named_with_those_that_differ(post):
    unreadable = sample("<b " + "a=b= " * 30)

    (said,) = comparing.differences(post.notify(), [unreadable, sample()])

    assert said.startswith("row 2: There are too many brackets")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>a</p>", "<p>b</p>"),
        ("<p>a b</p>", "<p>a</p><p>b</p>"),
        ('<a href="https://a">x</a>', '<a href="https://b">x</a>'),
        ("<h2>a</h2>", "<h3>a</h3>"),
    ],
)
def test_another_word_element_or_link_is_another_outline(one, other):
    assert not holds(outline(one), outline(other))
