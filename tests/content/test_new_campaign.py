"""What `outreach new` writes can be rendered before a word of it is changed."""

import json
import tomllib
from datetime import date

import pytest
from typer.testing import CliRunner

from postroom.commands import campaigns
from postroom.content.campaign_file import Fact, Kind, read_campaign
from postroom.content.editions import load_edition
from postroom.content.new_campaign import Corrected, Start, blank, campaign_text, start_from, starts
from postroom.content.rendering import Renderer, sample_links
from postroom.errors import CampaignError, TemplateError
from tests.content.test_seed import ROOT

SHIPPED = ROOT / "templates/email"
BASE = (
    "{% block body %}{% endblock %}\n{{ facts.team }}{% if facts['seal'] is defined %}!{% endif %}"
)
NOTE = """\
{#
A note about
parking.

Send it early.

kind: service
facts.street: the street, like "Elm Row"
#}
{% extends "base.md" %}
{% block subject %}Park in {{ facts.street }}{% endblock %}
{% block body %}Dear {{ recipient.first_name }}, park in {{ facts.street }}.{% endblock %}
"""


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "templates/email").mkdir(parents=True)
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "outreach.toml").touch()
    (tmp_path / "templates/email/base.md").write_text(BASE, encoding="utf-8")
    (tmp_path / "templates/email/note.md").write_text(NOTE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def templates(workspace):
    return workspace / "templates/email"


def written(name: str, start: Start) -> str:
    return campaign_text(name, start, author="jo@example.com", send_on=date(2026, 3, 2))


def run(workspace, *arguments: str):
    return CliRunner().invoke(
        campaigns.app, ["new", *arguments, "--workspace", str(workspace)], catch_exceptions=True
    )


def test_a_new_campaign_renders_as_it_stands_over_the_base_that_ships(workspace):
    base = (SHIPPED / "base.md").read_text(encoding="utf-8")
    (workspace / "templates/email/base.md").write_text(base, encoding="utf-8")

    assert run(workspace, "spring").exit_code == 0
    edition = load_edition(workspace, "spring")
    email = Renderer(edition).render({}, sample_links("https://a.example"))

    assert "TBC" in email.subject
    assert "Why you got this email: TBC" in email.body


def test_it_has_exactly_the_facts_that_its_template_and_what_that_is_built_on_name(templates):
    start = start_from(templates, "note")
    campaign = read_campaign("spring", written("spring", start))

    assert {name: fact.value for name, fact in campaign.facts.items()} == {
        "street": "TBC: the street, like 'Elm Row'",
        "team": "TBC: the team that signs the email",
        "seal": "TBC: seal",
    }
    assert {fact.source for fact in campaign.facts.values()} == {"TBC"}
    assert campaign.kind is Kind.SERVICE


def test_it_says_which_columns_the_list_needs(templates):
    text = written("spring", start_from(templates, "note"))

    assert "# The list needs these columns beside the addresses: first name\n" in text
    assert "columns" not in written("spring", blank(templates))


def test_the_new_template_is_the_old_one_without_the_words_about_itself(templates):
    assert start_from(templates, "note.md").text == NOTE.partition("#}\n")[2]


def test_a_template_says_what_it_is_for_in_its_first_paragraph(templates):
    (templates / "plain.md").write_text(NOTE.partition("#}\n")[2], encoding="utf-8")

    assert [(start.name, start.purpose, start.kind) for start in starts(templates)] == [
        ("note", "A note about parking.", Kind.SERVICE),
        ("plain", "", Kind.ANNOUNCEMENT),
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nota", "There is no template nota (did you mean note?) in templates/email/."),
        ("../note", "There is no template ../note"),
        ("base", "templates/email/base.md has no subject of its own"),
    ],
)
def test_what_cannot_be_started_from_is_refused_with_what_can(templates, name, said):
    with pytest.raises(TemplateError) as refused:
        start_from(templates, name)

    assert said in str(refused.value)
    assert "outreach new --list" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: service", "kind: advert", "note.md:7: kind: must be announcement, research, serv"),
        ('"base.md"', '"bass.md"', "note.md:10: there is no template bass.md"),
        ("{% block subject %}", "{% block subject ", "note.md:11: "),
    ],
)
def test_a_template_that_needs_mending_is_named_with_its_line(templates, old, new, said):
    (templates / "note.md").write_text(NOTE.replace(old, new), encoding="utf-8")

    with pytest.raises(TemplateError) as refused:
        start_from(templates, "note")

    assert f"templates/email/{said}" in str(refused.value)


def test_a_template_that_is_not_utf_8_is_refused_by_name(templates):
    (templates / "note.md").write_bytes(NOTE.replace("Elm", "Élm").encode("latin-1"))

    with pytest.raises(TemplateError, match=r"note\.md: is not UTF-8"):
        start_from(templates, "note")


def test_the_command_writes_both_files_and_says_what_is_left_to_do(workspace):
    result = run(workspace, "spring", "--from", "note")

    assert result.exit_code == 0
    assert result.stdout.split() == ["campaigns/spring.toml", "templates/email/spring.md"]
    assert "Fill in the 3 facts marked TBC." in result.stderr
    assert "columns beside the addresses: first name." in result.stderr
    assert load_edition(workspace, "spring").campaign.template == "spring.md"


def test_the_command_overwrites_nothing_and_then_writes_nothing(workspace):
    (workspace / "templates/email/spring.md").write_text("mine", encoding="utf-8")

    result = run(workspace, "spring", "--from", "note")

    assert isinstance(result.exception, CampaignError)
    assert (workspace / "templates/email/spring.md").read_text(encoding="utf-8") == "mine"
    assert not (workspace / "campaigns/spring.toml").exists()


def test_the_command_lists_what_can_be_started_from(workspace):
    (workspace / "templates/email/plain.md").write_text(NOTE.partition("#}\n")[2], encoding="utf-8")

    shown = run(workspace, "--list").stdout
    listed = json.loads(run(workspace, "--list", "--json").stdout)

    assert "A note about parking." in shown
    assert "plain" in shown
    assert listed[0] == {
        "name": "note",
        "purpose": "A note about parking.",
        "kind": "service",
        "facts": ["street", "team", "seal"],
        "columns": ["first_name"],
    }


def test_its_note_on_confirmations_has_all_that_they_need_once_the_marks_are_taken_off():
    text = campaign_text(
        "spring", blank(SHIPPED), author="jo@example.com", send_on=date(2026, 3, 2)
    )
    before, _, table = text.partition("# [confirmations]")

    campaign = read_campaign("spring", before + ("# [confirmations]" + table).replace("# ", ""))

    shipped = read_campaign("bpn-invite", (ROOT / "campaigns/bpn-invite.toml").read_text())
    assert campaign.confirmations.keys() == shipped.confirmations.keys()


def test_the_command_without_a_name_is_wrong_usage(workspace):
    assert run(workspace).exit_code == 2


def test_a_correction_states_what_the_other_campaign_states_and_goes_to_its_readers(templates):
    said = 'the "old" team \\ £4\x7f'
    other = read_campaign("invite", written("invite", blank(templates)))
    fact = Fact.model_construct(value=said, source="a 'page'")
    other = other.model_copy(update={"facts": {"team": fact}, "list": "bpn"})

    text = campaign_text(
        "put-right",
        blank(templates),
        author="jo@example.com",
        send_on=date(2026, 3, 2),
        corrects=Corrected(other, texts=("3f9a2c1b",)),
    )

    found = tomllib.loads(text)
    assert found["facts"]["team"] == {"value": said, "source": "a 'page'"}
    assert found["list"] == "bpn"
    assert found["segment"] == {"was_sent": "invite@3f9a2c1b"}
