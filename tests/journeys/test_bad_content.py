"""A campaign file or a template that needs mending, and names that are not there."""

from tests.journeys.conftest import CAMPAIGN

FILE = f"campaigns/{CAMPAIGN}.toml"
TEMPLATE = f"templates/email/{CAMPAIGN}.md"


def line_of(office, name, text):
    lines = (office.folder / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_all_that_is_wrong_in_a_campaign_file_is_said_at_once(office):
    office.edit(FILE, 'title = "', 'titel = "')
    office.edit(FILE, 'kind = "announcement"', 'kind = "newsletter"')

    said = office.refused("check", CAMPAIGN)

    assert f"{FILE}:{line_of(office, FILE, 'titel')}: titel" in said
    assert "title" in said.replace("titel", "")
    assert f"{FILE}:{line_of(office, FILE, 'newsletter')}: kind" in said
    assert "announcement" in said
    assert "research" in said
    assert "service" in said


def test_a_missing_field_is_named_with_its_file(office):
    office.edit(FILE, 'list = "example-bpn"', "")

    said = office.refused("send", CAMPAIGN, "--yes")

    assert FILE in said
    assert "list" in said


def test_a_campaign_file_that_is_not_toml_names_the_line(office):
    office.edit(FILE, "send_on = 2024-01-22", "send_on = 22 January 2024")

    said = office.refused("check", CAMPAIGN)

    assert f"{FILE}:{line_of(office, FILE, '22 January 2024  ')}" in said


def test_a_template_that_is_not_jinja_names_the_line(office):
    office.edit(TEMPLATE, "{{ facts.claim_before }}", "{{ facts.claim_before }")

    said = office.refused("check", CAMPAIGN)

    assert f"{TEMPLATE}:{line_of(office, TEMPLATE, 'claim_before }')}" in said


def test_a_field_that_the_list_lacks_names_the_rows(office):
    office.edit(TEMPLATE, "## How it works", "{{ recipient.nickname }}\n\n## How it works")

    said = office.refused("send", CAMPAIGN, "--yes")

    assert "nickname" in said
    assert TEMPLATE in said
    assert "row" in said


def test_a_fact_that_the_campaign_lacks_is_named(office):
    office.edit(TEMPLATE, "facts.claim_before", "facts.claim_until")

    said = office.refused("check", CAMPAIGN)

    assert "claim_until" in said
    assert TEMPLATE in said


def test_an_unknown_campaign_is_answered_with_those_there_are(office):
    for command in ("check", "send"):
        said = office.refused(command, "bpn-invit")
        assert "bpn-invit" in said
        assert "bpn-invite, niot-invite" in said


def test_a_campaign_name_cannot_lead_out_of_the_folder(office):
    assert "campaign" in office.refused("check", "../outreach")


def test_an_unknown_list_is_answered_with_those_there_are(office):
    office.edit(FILE, 'list = "example-bpn"', 'list = "bpn"')

    said = office.refused("check", CAMPAIGN)

    assert "bpn" in said
    assert "example-bpn" in said.replace("example-bpn.csv", "")


def test_an_unknown_template_is_answered_with_those_there_are(office):
    office.edit(FILE, 'template = "bpn-invite.md"', 'template = "bpn-invites.md"')

    said = office.refused("check", CAMPAIGN)

    assert "bpn-invites.md" in said
    assert "bpn-invite.md" in said


def test_a_row_that_is_not_there_is_answered_with_those_there_are(office):
    said = office.refused("preview", CAMPAIGN, "--row", "52")

    assert "52" in said
    assert "2 to 51" in said


def test_one_broken_campaign_does_not_hide_the_others(office):
    office.write("campaigns/broken.toml", "title = ")

    ended = office.run("campaigns")

    assert ended.code == 1
    assert "niot-invite" in ended.out
    assert "campaigns/broken.toml:1" in ended.err


def test_a_campaign_file_that_windows_marked_is_a_campaign_to_every_command(office):
    file = office.folder / f"campaigns/{CAMPAIGN}.toml"
    file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig")

    office.do("check", CAMPAIGN)

    assert CAMPAIGN in office.do("campaigns").out
