"""A campaign, a mapping and exports to be read by it, for tests of answers from other forms."""

import csv
from datetime import UTC, datetime

from postroom.content.campaign_file import read_campaign
from postroom.content.form_mapping import check_with, read_mapping
from postroom.research import form_columns
from postroom.research.form_answers import Reader
from postroom.research.form_exports import read_export

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CAMPAIGN = """title = "Mentor funding"
kind = "research"
template = "invite.md"
route = "open"
send_on = 2026-09-01
author = "policy@example.com"

[facts]
organisation = { value = "the Department of Examples", source = "the team" }
privacy_notice = { value = "https://www.example.com/privacy", source = "the team" }

[signup.questions.role]
ask = "What is your main role?"
error = "Select your main role"
options = ["Headteacher", "General mentor"]
other = "Something else"
other_ask = "Your role"
other_error = "Enter your role"

[signup.questions.way]
ask = "How would you like to take part?"
error = "Select how"
choose = "several"
options = ["Video call, one hour", "Video call", "Survey"]
optional = true
"""
MAPPING = """campaign = "invite"
tool = "google-forms"

[columns]
response_id = "Id"
submitted = "Timestamp"
email = "Email"
name = "Name"
school = "School"
telephone = "Telephone"
support = "Support"

[questions.role]
column = "Role"

[questions.way]
column = "Way"

[permissions.research-this-service]
column = "Contact"
accepted = ["Yes"]
statement = "You can contact me about research."
"""
HEADINGS = ("Timestamp", "Id", "Email", "Name", "School", "Telephone", "Support", "Role", "Way")
HEADINGS = (*HEADINGS, "Contact")
ADA = {
    "Timestamp": "2026-09-21 09:00",
    "Id": "1",
    "Email": "ada@example.com",
    "Name": "Ada Bell",
    "School": "Oak Primary",
    "Role": "General mentor",
    "Way": "Survey",
    "Contact": "Yes",
}
BEN = ADA | {"Id": "2", "Email": "ben@example.com", "Name": "Ben Cole"}


def campaign(text=CAMPAIGN):
    return read_campaign("invite", text)


def write(file, *rows, headings=HEADINGS):
    """Write *rows* (heading → cell) as a CSV; return the file."""
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, headings, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return file


def understood(file, mapping=MAPPING, now=NOW, the_campaign=None):
    """Return the export, the mapping and what the rows of *file* say."""
    the_campaign = the_campaign or campaign()
    made = read_mapping("volunteers", mapping)
    check_with(made, mapping, the_campaign)
    export = read_export(file, mapping=made)
    form_columns.check(export, made, mapping)
    return export, made, Reader(export, made, the_campaign, now=now).read()
