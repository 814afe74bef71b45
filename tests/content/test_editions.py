"""An edition is everything an email is made from, frozen."""

import pytest

from postroom.content.campaign_file import Campaign
from postroom.content.editions import Edition, campaigns_in, load_edition, restore_edition
from postroom.errors import CampaignError, ContentError, TemplateError
from tests.content.examples import CAMPAIGN

BASE = "{% block body %}{% endblock %}\n\n---\n\nThe end\n"
INVITE = '{% extends "base.md" %}\n{% block body %}\nHello\n{% endblock %}\n'


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "templates" / "email").mkdir(parents=True)
    write(tmp_path, "spring.toml", CAMPAIGN)
    write(tmp_path, "base.md", BASE)
    write(tmp_path, "invite.md", INVITE)
    return tmp_path


def write(workspace, name, text):
    folder = "campaigns" if name.endswith(".toml") else "templates/email"
    (workspace / folder / name).write_text(text, encoding="utf-8", newline="")


def problems(workspace, name="spring", kind: type[ContentError] = TemplateError) -> list[str]:
    with pytest.raises(kind) as caught:
        load_edition(workspace, name)
    return list(caught.value.problems)


def test_an_edition_holds_the_campaign_and_the_templates_it_reaches_and_no_others(workspace):
    write(workspace, "unused.md", "Not reached")
    write(workspace, "invite.md", INVITE + '{% include "terms.md" %}')
    write(workspace, "terms.md", '{% from "words.md" import nice %}{{ nice() }}')
    write(workspace, "words.md", "{% macro nice() %}nice{% endmacro %}")

    edition = load_edition(workspace, "spring")

    assert sorted(edition.files) == [
        "campaigns/spring.toml",
        "templates/email/base.md",
        "templates/email/invite.md",
        "templates/email/terms.md",
        "templates/email/words.md",
    ]


def test_an_edition_kept_and_restored_is_the_same(workspace):
    edition = load_edition(workspace, "spring")

    restored = restore_edition("spring", dict(reversed(edition.files.items())))

    assert restored == edition
    assert restored.digest == edition.digest
    assert len(edition.digest) == 32


def test_any_change_of_text_or_name_changes_the_digest(workspace):
    edition = load_edition(workspace, "spring")
    path = "templates/email/base.md"
    files = dict(edition.files)

    digests = {
        edition.digest,
        Edition(edition.campaign, files | {path: BASE + " "}).digest,
        Edition(edition.campaign, files | {"templates/email/x.md": ""}).digest,
        # The same characters, differently divided between a name and a text.
        Edition(edition.campaign, {"ab": "c"}).digest,
        Edition(edition.campaign, {"a": "bc"}).digest,
    }

    assert len(digests) == 5


def test_a_file_saved_on_windows_gives_the_same_edition(workspace):
    before = load_edition(workspace, "spring").digest

    write(workspace, "invite.md", "\ufeff" + INVITE.replace("\n", "\r\n"))

    assert load_edition(workspace, "spring").digest == before


def test_an_unknown_campaign_is_answered_with_those_there_are(workspace):
    write(workspace, "autumn.toml", CAMPAIGN)

    (said,) = problems(workspace, "sprnig", CampaignError)

    assert said.startswith("There is no campaign sprnig (did you mean spring?)")
    assert "There are: autumn, spring." in said


def test_a_campaign_name_cannot_lead_out_of_the_folder(workspace):
    (said,) = problems(workspace, "../templates/email/base", CampaignError)

    assert "cannot be a campaign's name" in said


def test_an_unknown_template_is_answered_with_those_there_are_and_the_line_that_named_it(
    workspace,
):
    write(workspace, "spring.toml", CAMPAIGN.replace("invite.md", "invit.md"))

    (said,) = problems(workspace)

    assert said == (
        "campaigns/spring.toml:3: template: there is no template invit.md (did you mean "
        "invite.md?) in templates/email/. There are: base.md, invite.md"
    )


def test_every_template_that_is_missing_is_named_where_it_is_asked_for(workspace):
    write(workspace, "invite.md", INVITE + '{% include "a.md" %}\n\n{% include "b.md" %}\n')

    said = problems(workspace)

    assert said[0].startswith("templates/email/invite.md:5: there is no template a.md")
    assert said[1].startswith("templates/email/invite.md:7: there is no template b.md")


@pytest.mark.parametrize("outside", ["../../outreach.toml", "/etc/hostname", "link.md"])
def test_a_template_outside_the_templates_folder_is_not_there(workspace, outside):
    (workspace / "outreach.toml").write_text("secret")
    (workspace / "templates" / "email" / "link.md").symlink_to(workspace / "outreach.toml")
    write(workspace, "invite.md", f'{{% include "{outside}" %}}')

    assert "there is no template" in problems(workspace)[0]


def test_templates_that_use_each_other_in_a_circle_are_named(workspace):
    write(workspace, "base.md", '\n{% include "invite.md" %}')

    circle = "round in a circle. Take one of these steps out"
    assert problems(workspace) == [
        f"templates/email/base.md:2: invite.md leads back to base.md, {circle}",
        f"templates/email/invite.md:1: base.md leads back to invite.md, {circle}",
    ]


def test_a_template_that_includes_itself_is_named(workspace):
    write(workspace, "invite.md", 'Hello\n{% include "invite.md" %}')

    assert problems(workspace)[0].startswith("templates/email/invite.md:2: invite.md leads back")


def test_a_syntax_error_is_named_with_file_and_line(workspace):
    write(workspace, "base.md", "Hello\n\n{% if %}\n")

    assert problems(workspace)[0].startswith("templates/email/base.md:3: ")


def test_a_template_nested_too_deeply_to_read_is_an_error_and_not_a_crash(workspace):
    write(workspace, "invite.md", "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}")

    assert "this goes too deep" in problems(workspace)[0]


def test_a_number_too_long_to_read_is_an_error_and_not_a_crash(workspace):
    write(workspace, "invite.md", "{{ " + "9" * 5_000 + " }}")

    assert problems(workspace)[0].startswith("templates/email/invite.md:1: ")


def test_a_file_that_is_not_utf_8_is_named_with_the_line(workspace):
    (workspace / "templates" / "email" / "base.md").write_bytes(b"Hello\nfor \xa3876\n")

    (said,) = problems(workspace, kind=ContentError)

    assert said.startswith("templates/email/base.md:2: is not UTF-8 text.")


def test_a_nul_is_named_with_the_line(workspace):
    write(workspace, "base.md", "Hello\n\n\0")

    assert problems(workspace, kind=ContentError) == ["templates/email/base.md:3: holds a NUL"]


def test_every_campaign_is_read_alike_and_a_broken_one_hides_no_other(workspace):
    (workspace / "campaigns" / "autumn.toml").write_bytes(b'title = "caf\xe9"')
    (workspace / "campaigns" / "broken.toml").write_text("title = ", encoding="utf-8")
    (workspace / "campaigns" / "marked.toml").write_text(CAMPAIGN, encoding="utf-8-sig")

    found = dict(campaigns_in(workspace))

    assert list(found) == ["autumn", "broken", "marked", "spring"]
    assert "campaigns/autumn.toml:1: is not UTF-8" in str(found["autumn"])
    assert "campaigns/broken.toml:1: " in str(found["broken"])
    assert isinstance(found["spring"], Campaign)
    assert found["marked"] == found["spring"].model_copy(update={"name": "marked"})


def test_a_workspace_without_campaigns_has_none(tmp_path):
    assert list(campaigns_in(tmp_path)) == []
