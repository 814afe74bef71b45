"""What a new campaign begins as: a file and a template with everything to fill in marked."""

from datetime import date


def campaign_text(name: str, *, author: str, send_on: date) -> str:
    """Return the text of a new campaign file. It reads and renders as it stands."""
    return f'''# Fill in every line, then see what is wrong with: outreach check {name}

title = "TBC: what this is, in a few words"
kind = "announcement"          # or "research", or "service" (about something people already use)
template = "{name}.md"         # a file in templates/email
route = "direct"               # we email a list; or "partner" (they pass it on), or "open"
list = "{name}"                # the list's name in: outreach recipients import FILE --list NAME
send_on = {send_on.isoformat()}           # the day you mean to send: deadlines are judged by it
author = "{author}"

# Everything the email states that could be wrong, each typed once, with where it comes from.

[facts]
organisation = {{ value = "TBC: the organisation", source = "TBC" }}
team = {{ value = "TBC: who signs the email", source = "TBC" }}
contact = {{ value = "contact@example.com", source = "TBC" }}
address_source = {{ value = "TBC: why people have this email", source = "TBC" }}
privacy_notice = {{ value = "https://example.com/privacy", source = "TBC" }}
'''


def template_text() -> str:
    """Return the text of a new template over base.md."""
    return """{% extends "base.md" %}

{% block subject %}TBC: what the reader is to do{% endblock %}

{% block body %}
# TBC: the one thing to know

TBC: what it means for the reader.

If you have any questions, please email [{{ facts.contact }}](mailto:{{ facts.contact }})

Kind regards,
{{ facts.team }}
{% endblock %}
"""
