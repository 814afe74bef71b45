"""Invented extracts of the register of schools, in the form in which the real one comes."""

import csv

from postroom.audience.gias import COLUMNS, LINK_COLUMNS

PEOPLE = ("HeadTitle (name)", "HeadFirstName", "HeadLastName", "HeadPreferredJobTitle")
NEVER_KEPT = (*PEOPLE, "TelephoneNum")
WHOLE = 140  # columns of an extract of February 2024
DISTRICTS = (
    ("E09000007", "Camden", "London"),
    ("E09000003", "Barnet", "London"),
    ("E06000060", "Buckinghamshire", "South East"),
    ("E08000035", "Leeds", "Yorkshire and the Humber"),
)
OAK = {
    "URN": "900001",
    "EstablishmentName": "St Ann’s Primary",
    "TypeOfEstablishment (code)": "1",
    "TypeOfEstablishment (name)": "Community school",
    "EstablishmentStatus (code)": "1",
    "EstablishmentStatus (name)": "Open",
    "OpenDate": "01-09-1990",
    "PhaseOfEducation (name)": "Primary",
    "LA (code)": "202",
    "LA (name)": "Camden",
    "GOR (name)": "London",
    "DistrictAdministrative (code)": "E09000007",
    "DistrictAdministrative (name)": "Camden",
    "Postcode": "ZZ1 1AA",
    "HeadLastName": "Nobody-At-All",
    "TelephoneNum": "01632 960001",
}
HEADINGS = (*COLUMNS.values(), *NEVER_KEPT)


def school(urn, **changes):
    """Return a row like OAK's with another URN; *changes* by our names for the columns."""
    named = {COLUMNS[name]: value for name, value in changes.items()}
    return OAK | {"EstablishmentName": f"School {urn}", "URN": str(urn)} | named


def write(file, rows, headings=HEADINGS, encoding="cp1252"):
    """Write *rows* (heading → cell) as a CSV with *headings*; return the file."""
    with file.open("w", encoding=encoding, newline="") as text:
        writer = csv.DictWriter(text, headings, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return file


def write_links(file, links):
    """Write *links*, each (URN, other URN, kind, day), as the register does; return the file."""
    with file.open("w", encoding="cp1252", newline="") as text:
        writer = csv.writer(text)
        writer.writerow([*LINK_COLUMNS.values(), "LinkName"])
        writer.writerows([*link, "A school"] for link in links)
    return file


def write_whole(file, schools=50_000, columns=WHOLE):
    """Write an extract as large as the real one, *columns* wide; return the file."""
    headings = [*HEADINGS, *(f"Other {number}" for number in range(columns - len(HEADINGS)))]
    filler = dict.fromkeys(headings[len(HEADINGS) :: 3], "Not applicable")

    def rows():
        for number in range(schools):
            code, name, region = DISTRICTS[number % len(DISTRICTS)]
            is_open = number % 20 < 11
            yield filler | school(
                100_000 + number,
                district_code=code,
                district=name,
                region=region,
                status_code="1" if is_open else "2",
                status="Open" if is_open else "Closed",
                closed_on="" if is_open else "31-08-2019",
            )

    return write(file, rows(), headings)
