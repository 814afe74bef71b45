"""No line of a log tells of a person: held in every test (tests/conftest.py), and here itself."""

import logging

import pytest

from tests.logs import Listener, telling


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("sent to ada.bell@example.com", ["an address"]),
        ("Ada signed up", ["a name"]),
        ("call 01632 960 001", ["a telephone number"]),
        (f"GET /stop/{'a2' * 32}", ["a token of a page"]),
        (f"GET /r/WyJi{'x' * 24}.{'y' * 43}", ["a token of a sign-up link"]),
        (
            "key name-8b1a9953-c461-4296-a827-abf8c47804d7-8b1a9953-c461-4296-a827-abf8c47804d7",
            ["a key"],
        ),
        ("KeyError while showing pages.stop", []),
        ("message ab2…7q: Notify said 400", []),
    ],
)
def test_what_tells_of_a_person_is_recognised(line, what):
    assert telling(line) == what


def test_what_our_loggers_say_is_heard_with_its_arguments_and_its_traceback():
    listener, log = Listener(), logging.getLogger("postroom.heard")
    log.addHandler(listener)
    try:
        log.error("to %s", "somebody")
        try:
            raise ValueError("about somebody")
        except ValueError:
            log.exception("failed")
    finally:
        log.removeHandler(listener)

    assert listener.lines[0] == "postroom.heard: to somebody"
    assert "ValueError: about somebody" in listener.lines[1]
