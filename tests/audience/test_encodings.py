"""Encodings: a text that may not be what Windows writes is doubted, not read wrongly."""

import pytest

from postroom.audience.columns import is_address
from postroom.audience.spreadsheets import open_spreadsheet
from postroom.errors import WhichEncoding

TEXTS = [
    "St Mary’s",
    "Café",
    "Zoë O’Neil – £500",
    "Ångström Académie",
    "£1,076 – “up to” 20 hours…",
    "Señora Núñez, Curaçao",
    "Naïve façade",
]
IMPORT = ("recipients", "import")


def read(tmp_path, text, encoding, said=""):
    file = tmp_path / "list.csv"
    file.write_bytes(f"email;note\na@example.com;{text}\n".encode(encoding))
    with open_spreadsheet(
        file, is_sought=is_address, sought="“email address”", encoding=said
    ) as sheet:
        return [cells[1] for _, cells in sheet.rows]


def can_be_written(text, encoding):
    return text.encode(encoding, "replace").decode(encoding) == text


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-16"])
def test_what_windows_writes_is_read_without_a_doubt(tmp_path, text, encoding):
    assert read(tmp_path, text, encoding) == [text]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("mac-roman", text) for text in TEXTS if can_be_written(text, "mac-roman")]
    + [("cp850", text) for text in TEXTS if can_be_written(text, "cp850")],
)
def test_what_another_program_wrote_is_doubted_and_read_as_somebody_says(tmp_path, text, encoding):
    with pytest.raises(WhichEncoding) as doubt:
        read(tmp_path, text, encoding)

    likely, shown = doubt.value.readings[0]
    assert likely == encoding
    assert shown in text
    assert text not in str(doubt.value)
    assert read(tmp_path, text, encoding, likely) == [text]


@pytest.fixture
def at_desk(terminal):
    content = "email,school\na@example.com,St Mary’s\n".encode("mac-roman")
    (terminal.folder / "list.csv").write_bytes(content)
    return terminal


def test_a_script_is_told_how_to_say_it(at_desk):
    refused = at_desk.run(*IMPORT, "list.csv", "--list", "l", "--yes")
    said = at_desk.run(*IMPORT, "list.csv", "--list", "l", "--yes", "--encoding", "mac-roman")

    assert refused.returncode == 1
    assert "--encoding mac-roman" in refused.stderr
    assert "St Mary’s" in said.stdout


def test_a_person_chooses_by_a_word_of_the_list(at_desk):
    ended = at_desk.talk(*IMPORT, "list.csv", "--list", "l", answers=["1", "y"])

    assert "Mary’s" in ended.stdout
    assert "MaryÕs" in ended.stdout
    assert ended.returncode == 0


def test_an_encoding_that_there_is_not_is_refused(at_desk):
    ended = at_desk.run(*IMPORT, "list.csv", "--list", "l", "--yes", "--encoding", "klingon")

    assert ended.returncode == 1
    assert "no encoding “klingon”" in ended.stderr
