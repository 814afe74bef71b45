"""GOV.UK Frontend in the package: the version the templates are for, in its plain brand."""

import hashlib
import importlib.metadata
from pathlib import Path

import postroom.web

GOVUK = Path(postroom.web.__file__).parent / "static" / "govuk"
CSS = GOVUK / "govuk-frontend.min.css"


def test_the_files_are_those_that_were_compiled():
    for line in (GOVUK / "SHA256SUMS").read_text(encoding="ascii").splitlines():
        expected, name = line.split()
        assert hashlib.sha256((GOVUK / name).read_bytes()).hexdigest() == expected


def test_the_style_sheet_is_of_the_version_that_the_templates_are_written_for():
    described = importlib.metadata.metadata("govuk-frontend-jinja")
    version = "6.3.0"

    assert version in str(described)
    assert f'--govuk-frontend-version: "{version}"' in CSS.read_text(encoding="utf-8")


def test_neither_typeface_nor_crown_is_there():
    assert "GDS Transport" not in CSS.read_text(encoding="utf-8")
    assert {file.suffix for file in GOVUK.rglob("*")} == {".css", ".js", ".txt", ""}
