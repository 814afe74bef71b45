"""The reader of the register: whatever the bytes, schools or an error in words."""

import contextlib
import io
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postroom.audience.gias import COLUMNS, NEEDED, holds_links, open_extract, read_date
from postroom.errors import AudienceError

HEADINGS = ",".join(COLUMNS.values()).encode()
CELLS = st.binary(max_size=200) | st.sampled_from(
    [b'"', b"\r\n", b"\n", b"\r", b",", b"\0", b'""', b"\x81", "’".encode(), b"x" * 5_000]
)
BODIES = st.lists(CELLS, max_size=20).map(b"".join)


def rows_of(file):
    with open_extract(file) as extract:
        return list(extract.rows)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from([b"", HEADINGS, HEADINGS + b"\r\n"]), body=BODIES, zipped=st.booleans()
)
def test_any_bytes_give_rows_or_an_error_in_words(tmp_path, start, body, zipped):
    file = tmp_path / "extract"
    file.write_bytes(zip_of(start + body) if zipped else start + body)

    with contextlib.suppress(AudienceError):
        assert all(set(NEEDED) <= set(cells) <= set(COLUMNS) for _, cells in rows_of(file))


def zip_of(content, name="edubasealldata.csv"):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return whole.getvalue()


def test_a_zip_without_the_register_or_with_two_says_what_is_in_it(tmp_path):
    file = tmp_path / "Results.zip"
    file.write_bytes(zip_of(b"x", name="readme.txt"))

    with pytest.raises(AudienceError, match="there are: none"):
        rows_of(file)


def test_a_damaged_zip_is_refused(tmp_path):
    file = tmp_path / "Results.zip"
    whole = bytearray(zip_of(HEADINGS + b"\n" + bytes(range(32, 127)) * 500))
    whole[60:90] = b"\0" * 30
    file.write_bytes(whole)

    with pytest.raises(AudienceError):
        rows_of(file)


@pytest.mark.parametrize("text", ["2024-01-01", "31-02-2024", "1", "01-01-24x"])
def test_a_day_that_is_none_is_no_day(text):
    with pytest.raises(ValueError, match=r"does not match|unconverted|out of range"):
        read_date(text)


def test_missing_files_and_folders_are_said_to_be_so(tmp_path):
    for path, said in ((tmp_path / "no.csv", "no such file"), (tmp_path, "folder")):
        with pytest.raises(AudienceError, match=said):
            rows_of(path)
        with pytest.raises(AudienceError, match=said):
            holds_links(path)


def test_more_rows_than_any_register_has_are_refused_early(tmp_path):
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("edubasealldata.csv", HEADINGS + b"\n" + b"1,x,1\n" * 3_000_000)

    began = time.process_time()
    with pytest.raises(AudienceError, match="more than 500,000 rows"):
        rows_of(file)
    assert time.process_time() - began < 30
