"""What a campaign file may say, and what the person who mistyped it is told."""

from datetime import date

import pytest

from postroom.content.campaign_file import Campaign, Kind, Route, campaign_names, read_campaign
from postroom.errors import CampaignError
from tests.content.examples import CAMPAIGN


def problems(text: str, name: str = "spring") -> list[str]:
    with pytest.raises(CampaignError) as caught:
        read_campaign(name, text)
    return list(caught.value.problems)


def changed(old: str, new: str) -> str:
    assert old in CAMPAIGN
    return CAMPAIGN.replace(old, new)


def test_a_campaign_file_says_what_a_campaign_is():
    text = CAMPAIGN + '[facts]\namount = { value = "£50", source = "Grant conditions" }\n'

    campaign = read_campaign("spring", text)

    assert campaign.name == "spring"
    assert campaign.kind is Kind.ANNOUNCEMENT
    assert campaign.route is Route.DIRECT
    assert campaign.send_on == date(2024, 1, 22)
    assert campaign.facts["amount"].value == "£50"
    assert campaign.facts["amount"].source == "Grant conditions"


def test_a_misspelt_field_is_named_with_its_line_beside_the_one_that_is_missing():
    said = problems(changed('title = "An example"', 'titel = "An example"'))

    assert len(said) == 2
    assert said[0].startswith("campaigns/spring.toml:1: titel: is not known. Did you mean title?")
    assert said[1].startswith("campaigns/spring.toml:1: title: is missing. Write, for example:")


@pytest.mark.parametrize("table", ["facts", "covering_note", "confirmations"])
def test_a_misspelt_field_of_a_stated_fact_is_answered_with_the_fields_of_a_fact(table):
    said = problems(f'{CAMPAIGN}[{table}.amount]\nvalue = "£50"\nsorce = "Grant conditions"\n')

    assert f"{table}.amount.sorce: is not known. Did you mean source? A fact has: value" in said[1]


def test_every_mistake_is_said_at_once_in_the_order_of_the_lines():
    said = problems(
        'title = ""\nkind = "anouncement"\n\n# a note\nroute = "direct"\nsend_on = "2024-01-22"\n'
        'template = "../secret"\nauthor = "somebody"\nreply_to_id = "soon"\n'
        '[facts]\namount = "£50"\n'
    )

    assert [line.split(": ")[0:2] for line in said] == [
        ["campaigns/spring.toml:1", "list"],
        ["campaigns/spring.toml:1", "title"],
        ["campaigns/spring.toml:2", "kind"],
        ["campaigns/spring.toml:6", "send_on"],
        ["campaigns/spring.toml:7", "template"],
        ["campaigns/spring.toml:8", "author"],
        ["campaigns/spring.toml:9", "reply_to_id"],
        ["campaigns/spring.toml:11", "facts.amount"],
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"announcement"',
            '"survey"',
            '2: kind: must be "announcement", "research" or "service", not "survey"',
        ),
        ("2024-01-22", '"soon"', "must be a date without quotes, like 2024-01-22"),
        ("2024-01-22", "20240122", "must be a date without quotes, like 2024-01-22, not 20240122"),
        ('"An example"', "5", "1: title: must be text in straight quotes, not 5"),
        ('"An example"', '"two\\nlines"', "title: holds a line break"),
        ('"policy.officer@example.com"', '"Jo"', "7: author: must be an email address"),
        ('"invite.md"', '"/etc/passwd"', "must be a file in templates/email"),
        ('"invite.md"', '"a/../../b.md"', "must be a file in templates/email"),
        ('list = "schools"\n', "", "list: is missing. A direct campaign names the list"),
        ('list = "schools"', 'list = ["schools", " "]', "5: list: is blank"),
        ('"direct"', '"partner"', '5: list: is only for route = "direct"'),
        ('"direct"', '"partner"', "partner: is missing"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_allowed(old, new, said):
    assert said in "\n".join(problems(changed(old, new)))


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ('amount = { value = "£50" }', "9: facts.amount.source: is missing"),
        ('amount = { value = "£50", sauce = "x" }', "facts.amount.sauce: is not known"),
        ('amount = { value = 876, source = "x" }', "must be text in straight quotes, not 876"),
        ('"The amount" = { value = "1", source = "x" }', "facts.The amount: cannot be a fact's"),
        ('amount = { value = " ", source = "x" }', "facts.amount.value: is blank"),
        ('amount.value = "1"\namount.from = "x"', "10: facts.amount.from: is not known"),
        ('[facts.amount]\n\nvalue = "1"', "9: facts.amount.source: is missing"),
    ],
)
def test_a_mistake_in_a_fact_is_named_with_its_line(fact, said):
    assert said in "\n".join(problems(f"{CAMPAIGN}[facts]\n{fact}\n"))


def test_a_line_that_is_not_toml_is_named():
    said = problems(changed('kind = "announcement"', "kind = announcement"))

    assert said == ["campaigns/spring.toml:2: this is not valid TOML: invalid value."]


def test_curly_quotes_pasted_from_a_document_are_explained():
    (said,) = problems(changed('"An example"', "“An example”"))

    assert "Curly quotes cannot hold a value: use straight ones" in said


def test_a_value_with_several_lines_does_not_move_the_lines_after_it():
    text = changed('"An example"', '"""\\\nAn\\\n example"""').replace('"announcement"', '"x"')

    assert problems(text)[0].startswith("campaigns/spring.toml:4: kind: must be")


def test_the_name_is_that_of_the_file():
    (said,) = problems(CAMPAIGN + 'name = "autumn"\n')

    assert (
        said == "campaigns/spring.toml:8: name: is the file's own name, spring. Take this line out"
    )


@pytest.mark.parametrize("name", ["", "../spring", "Spring", "spring.toml", "a b", "-x", "a" * 61])
def test_a_name_that_is_not_safe_as_a_file_name_is_refused(name):
    assert "cannot be a campaign's name" in problems(CAMPAIGN, name)[0]


def test_a_segment_takes_one_value_or_several():
    text = CAMPAIGN + '[segment]\nregion = ["London", "South East"]\nrole = "mentor"\n'

    assert read_campaign("spring", text).segment == {
        "region": ("London", "South East"),
        "role": ("mentor",),
    }


def test_a_condition_without_quotes_is_named_with_how_to_write_it():
    text = CAMPAIGN + '[segment]\nregion = "London"\npupils = 300\nphase = []\nopen = [true, "x"]\n'

    (said,) = problems(text)

    assert "pupils, phase, open:" in said
    assert 'pupils = "300"' in said


def test_a_segment_that_is_not_columns_and_values_is_explained():
    (said,) = problems(CAMPAIGN + 'segment = "London"\n')

    assert said.startswith(
        "campaigns/spring.toml:8: segment: must be a table of columns and values"
    )


def test_a_campaign_cannot_be_changed_once_read():
    campaign = read_campaign("spring", CAMPAIGN)

    with pytest.raises(ValueError, match="frozen"):
        campaign.title = "Another"  # type: ignore[misc]


def test_campaign_names_are_those_of_the_files_that_can_be_campaigns(tmp_path):
    for name in ("spring.toml", "autumn-2.toml", "Notes.toml", "spring.toml.bak", "readme.md"):
        (tmp_path / name).write_text("")

    assert campaign_names(tmp_path) == ["autumn-2", "spring"]
    assert campaign_names(tmp_path / "nowhere") == []


def test_a_campaign_says_nothing_that_its_file_does_not():
    assert set(Campaign.model_fields) >= {"name", "reply_to_id", "template_id", "form"}
    assert read_campaign("spring", CAMPAIGN).stop_address is None
