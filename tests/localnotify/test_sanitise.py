"""What Notify makes of a value that it is asked to sanitise: measured, gaps included."""

import pytest

from postroom.localnotify.sanitise import sanitised


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ("[click](https://evil.link/a)", r"\[click\]\("),
        ("https://evil.link/a b", " b"),
        ("HTTPS://EVIL.COM/a", ""),
        ("evil.com/a?b#c", ""),
        ("see <https://evil.link/a>b", r"see \<"),
        ("Mr.Smith", r"Mr\. Smith"),
        ("a bare evil.com stays", r"a bare evil\. com stays"),
        ("http://evil.com", ""),
        ("ftp://evil.com/x", "ftp://"),
        ("ada@example.com", r"ada@example\.com"),
        ("first.last@mail.example.com", r"first\.last@mail\.example\.com"),
        ("http://user@evil.com/x", r"http://user@evil\.com/x"),
        ("http://localhost/x", "http://localhost/x"),
        ("http://1.2.3.4/x", r"http://1\.2\.3\.4/x"),
        ("</b>", r"\</b\>"),
        (
            "1. *b* _i_ `c` #h + - | ! {x} [y] ^",
            r"1\. \*b\* \_i\_ \`c\` \#h \+ \- \| \! \{x\} \[y\] ^",
        ),
        ("", ""),
    ],
)
def test_links_go_and_markdown_is_escaped_as_far_as_notify_does(value, becomes):
    assert sanitised(value) == becomes
