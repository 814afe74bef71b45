"""Read an extract of the register of schools (GIAS, "Get information about schools").

Its form as of 2026: https://www.get-information-schools.service.gov.uk/Downloads gives a CSV of
about 140 columns and 60 MB, or a zip of it, in cp1252 with dates as dd-mm-yyyy. The columns have
changed over the years, so they are found by name; those that hold people's names, addresses or
telephone numbers are not read at all.
"""

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from postroom.audience.opening import in_words
from postroom.errors import AudienceError

COLUMNS: Mapping[str, str] = {
    "urn": "URN",
    "name": "EstablishmentName",
    "type_code": "TypeOfEstablishment (code)",
    "type": "TypeOfEstablishment (name)",
    "type_group": "EstablishmentTypeGroup (name)",
    "status_code": "EstablishmentStatus (code)",
    "status": "EstablishmentStatus (name)",
    "opened_on": "OpenDate",
    "closed_on": "CloseDate",
    "phase": "PhaseOfEducation (name)",
    "local_authority_code": "LA (code)",
    "local_authority": "LA (name)",
    "region": "GOR (name)",
    "district_code": "DistrictAdministrative (code)",
    "district": "DistrictAdministrative (name)",
    "trust_code": "Trusts (code)",
    "trust": "Trusts (name)",
    "town": "Town",
    "postcode": "Postcode",
    "establishment_number": "EstablishmentNumber",
    "type_group_code": "EstablishmentTypeGroup (code)",
    "phase_code": "PhaseOfEducation (code)",
    "lowest_age": "StatutoryLowAge",
    "highest_age": "StatutoryHighAge",
    "pupils": "NumberOfPupils",
    "trust_flag_code": "TrustSchoolFlag (code)",
    "federation_code": "Federations (code)",
    "federation": "Federations (name)",
    "ukprn": "UKPRN",
    "street": "Street",
    "locality": "Locality",
    "address_3": "Address3",
    "county": "County (name)",
    "region_code": "GOR (code)",
    "urban_rural_code": "UrbanRural (code)",
    "urban_rural": "UrbanRural (name)",
    "religious_character": "ReligiousCharacter (name)",
}
"""What we keep, and the register's heading for it."""
NEEDED = ("urn", "name", "type_code", "status_code", "district_code", "postcode")
DATES = ("opened_on", "closed_on")
LINK_COLUMNS: Mapping[str, str] = {
    "urn": "URN",
    "other": "LinkURN",
    "kind": "LinkType",
    "on": "LinkEstablishedDate",
}
LINKS_NEEDED = ("urn", "other", "kind")
IS_LINKS = "links_"  # what a file of links is called, in the zip that holds both

MOST_BYTES = 1_000_000_000  # of a file or a zip's member: the register is a sixteenth of that
MOST_ROWS = 500_000  # the register has a tenth of that
LONGEST_LINE = 1_000_000  # characters
PART = 1 << 20
ENCRYPTED = 0x1  # a zip member's flag


@dataclass
class Extract:
    """An extract opened at its headings. `rows` can be gone through once, in file order."""

    file: Path
    encoding: str
    missing: tuple[str, ...]
    """The register's headings that we would keep and that are not there."""
    rows: Iterator[tuple[int, dict[str, str]]]
    """Row number (the headings are row 1) and the cells under our names, outer spaces gone."""
    size: int
    position: Callable[[], int]
    replaced: int = 0
    """How many characters could not be read, and stand as �."""


@contextmanager
def open_extract(
    file: Path,
    columns: Mapping[str, str] = COLUMNS,
    needed: tuple[str, ...] = NEEDED,
    *,
    of_links: bool = False,
) -> Iterator[Extract]:
    """Open *file*, a CSV or a zip with one in it, and find *columns* by their names.

    Raises `AudienceError` for a file that is missing, is no such extract, or lacks one of the
    columns *needed*; and while rows are read, when one cannot be.
    """
    with ExitStack() as until_read:
        encoding = _encoding(file, of_links=of_links)
        content, size = until_read.enter_context(_opened(file, of_links=of_links))
        text = io.TextIOWrapper(content, encoding, errors="replace", newline="")
        until_read.enter_context(text)
        extract = Extract(file, encoding, (), iter(()), size, content.tell)
        reader = csv.reader(_lines(extract, text), strict=True)
        headings = _headings(file, reader)
        places = {name: headings.index(h) for name, h in columns.items() if h in headings}
        extract.missing = tuple(h for name, h in columns.items() if name not in places)
        lacking = [columns[name] for name in needed if name not in places]
        if lacking:
            raise AudienceError(
                f"{file}: this is not the register's extract: it has no column "
                f"{', '.join(f'“{heading}”' for heading in lacking)}. Download it again, with all "
                "its columns, and import it as it is."
            )
        extract.rows = _rows(extract, reader, places)
        yield extract


def read_date(text: str) -> date | None:
    """Return the day that dd-mm-yyyy names, or None for a blank. Raises `ValueError` otherwise."""
    return datetime.strptime(text, "%d-%m-%Y").date() if text else None  # noqa: DTZ007  # a day


def holds_links(file: Path) -> bool:
    """Say whether *file* is a zip in which the links between schools lie beside the schools.

    Raises `AudienceError` for a file that cannot be opened.
    """
    with in_words(file):
        file.open("rb").close()
        if not zipfile.is_zipfile(file):
            return False
    with _damage_in_words(file), zipfile.ZipFile(file) as archive:
        return bool(_members(archive, of_links=True))


@contextmanager
def _opened(file: Path, *, of_links: bool) -> Iterator[tuple[IO[bytes], int]]:
    with in_words(file):
        plain = file.open("rb")
    with plain, _damage_in_words(file):
        if not zipfile.is_zipfile(plain):
            plain.seek(0)
            yield plain, file.stat().st_size
            return
        with zipfile.ZipFile(file) as archive:
            found = _members(archive, of_links=of_links)
            if len(found) != 1:
                names = ", ".join(member.filename for member in found) or "none"
                raise AudienceError(
                    f"{file}: one CSV file of the register is expected in it; there are: {names}. "
                    "Unpack it and name the file itself."
                )
            if found[0].flag_bits & ENCRYPTED:
                raise AudienceError(f"{file}: this zip file has a password. Unpack it first.")
            with archive.open(found[0]) as content:
                yield content, found[0].file_size


@contextmanager
def _damage_in_words(file: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise AudienceError(f"{file}: this zip file is damaged. Download it again.") from error


def _members(archive: zipfile.ZipFile, *, of_links: bool) -> list[zipfile.ZipInfo]:
    named = ((Path(one.filename).name.lower(), one) for one in archive.infolist())
    return [m for n, m in named if n.endswith(".csv") and n.startswith(IS_LINKS) is of_links]


def _encoding(file: Path, *, of_links: bool) -> str:
    """Return utf-8 when the whole file is that, else cp1252, in which the register comes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    done = 0
    with _opened(file, of_links=of_links) as (content, _):
        while part := content.read(PART):
            done += len(part)
            if done > MOST_BYTES:
                raise AudienceError(f"{file}: this is far larger than the register of schools.")
            if done == len(part) and b"\0" in part:
                raise AudienceError(f"{file}: this is not text. Name the register's CSV file.")
            try:
                decoder.decode(part)
            except UnicodeDecodeError:
                return "cp1252"
    return "utf-8-sig"


def _lines(extract: Extract, text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise AudienceError(f"{extract.file}: a line is too long to be a row of the register.")
        if extract.encoding == "cp1252":
            extract.replaced += line.count("\N{REPLACEMENT CHARACTER}")
        yield line.replace("\0", "")


def _headings(file: Path, reader: Any) -> list[str]:
    try:
        return [heading.strip() for heading in next(reader, [])]
    except csv.Error as error:
        raise _broken(file, 1) from error


def _rows(
    extract: Extract, reader: Any, places: Mapping[str, int]
) -> Iterator[tuple[int, dict[str, str]]]:
    number = 1
    try:
        for number, cells in enumerate(reader, start=2):
            if number > MOST_ROWS:
                raise AudienceError(
                    f"{extract.file}: it has more than {MOST_ROWS:,} rows, ten times as many as "
                    "the register of schools. Download it again and import it as it is."
                )
            width = len(cells)
            if any(cells):
                yield (
                    number,
                    {n: cells[at].strip() if at < width else "" for n, at in places.items()},
                )
    except csv.Error as error:
        raise _broken(extract.file, number + 1) from error


def _broken(file: Path, row: int) -> AudienceError:
    return AudienceError(
        f"{file}, row {row}: a quotation mark stands where it should not, or never closes. "
        "Download the file again and import it as it is."
    )
