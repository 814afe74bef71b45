"""The witness's own address rule against what the real one said."""

import json
from pathlib import Path

from postroom.localnotify.addresses import normalised

CASES = Path(__file__).parents[1] / "audience" / "conformance" / "addresses.json"


def test_every_address_is_judged_as_notify_judged_it():
    cases = json.loads(CASES.read_text())

    wrong = [
        case["id"]
        for case in cases
        if normalised(case["input"]["address"]) != case["expected"]["normalised"]
    ]

    assert len(cases) > 200
    assert wrong == []


def test_a_hangul_filler_is_no_space():
    assert normalised("sam@ex\u3164ample.com") != "sam@example.com"
    assert normalised("a\u3164b@example.com") is None
