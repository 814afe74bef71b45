"""What `outreach new` writes can be rendered before a word of it is changed."""

from datetime import date

from postroom.content.editions import load_edition
from postroom.content.new_campaign import campaign_text, template_text
from postroom.content.rendering import Renderer, sample_links
from tests.content.test_seed import ROOT


def test_a_new_campaign_renders_as_it_stands_over_the_base_that_ships(tmp_path):
    base = (ROOT / "templates/email/base.md").read_text(encoding="utf-8")
    written = campaign_text("spring", author="jo@example.com", send_on=date(2026, 3, 2))
    for path, text in (
        ("campaigns/spring.toml", written),
        ("templates/email/spring.md", template_text()),
        ("templates/email/base.md", base),
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    email = Renderer(load_edition(tmp_path, "spring")).render({}, sample_links("https://a.example"))

    assert "TBC" in email.subject
    assert "Why you got this email: TBC" in email.body
