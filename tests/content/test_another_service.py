"""The engine knows of no service but what content says."""

import re

from tests.content.test_seed import ROOT


def test_the_engine_names_no_department_provider_or_amount():
    named = re.compile(r"Department for Education|\bDfE\b|Best Practice|\bBPN\b|NIoT|£1,076|£876")
    found = {
        path.relative_to(ROOT).as_posix(): match[0]
        for path in (ROOT / "postroom").rglob("*.py")
        if (match := named.search(path.read_text(encoding="utf-8")))
    }

    assert found == {}
