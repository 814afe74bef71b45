"""Small campaigns and templates for tests, with only what each test is about left to say."""

from collections.abc import Mapping

from postroom.content.editions import Edition, restore_edition

CAMPAIGN = """\
title = "An example"
kind = "announcement"
template = "invite.md"
route = "direct"
list = "schools"
send_on = 2024-01-22
author = "policy.officer@example.com"
"""

SUBJECT = "{% block subject %}Hello{% endblock %}\n"


def edition(
    template: str, *, facts: str = "", others: Mapping[str, str] | None = None, campaign: str = ""
) -> Edition:
    """Return an edition of one template, of its facts (TOML lines) and of the *others* it uses."""
    written = CAMPAIGN + campaign + "\n[facts]\n" + facts
    templates = {"invite.md": template, **(others or {})}
    return restore_edition(
        "example",
        {"campaigns/example.toml": written}
        | {f"templates/email/{name}": text for name, text in templates.items()},
    )
