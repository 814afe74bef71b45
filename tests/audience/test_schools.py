"""The register of schools: what is read of an extract, what is kept, and what lists learn of it."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from postroom.audience import importing, lists, school_facts, schools, segments
from postroom.content.bands import approximated
from postroom.content.campaign_file import Campaign
from postroom.content.facts import shared_facts
from postroom.errors import AudienceError, ContentError
from postroom.tables import Event, School
from tests.audience import gias
from tests.databases import TODAY

HERE = {"mode": "local", "today": TODAY}

ROOT = Path(__file__).parents[2]
BANDS = {"facts/bands.toml": (ROOT / "facts/funding-bands.toml").read_text(encoding="utf-8")}


@pytest.fixture
def bring_in(database, now):
    def bring_in(file, links=None):
        reading = schools.read_register(database, file, links, progress=lambda *_: None)
        with reading as (bench, understood):
            changes = schools.apply(database, bench, understood, who="ana", now=now)
        return understood, changes

    return bring_in


@pytest.fixture
def held(database):
    def held(urn):
        with database.read() as session:
            return session.get(School, str(urn))

    return held


def test_an_extract_in_windows_letters_is_read_by_the_names_of_its_columns(
    bring_in, held, tmp_path
):
    headings = tuple(reversed(gias.HEADINGS))

    understood, changes = bring_in(gias.write(tmp_path / "x.csv", [gias.OAK], headings))

    oak = held(900001)
    assert (understood.encoding, changes.new) == ("cp1252", 1)
    assert (oak.name, oak.region, oak.opened_on) == ("St Ann’s Primary", "London", date(1990, 9, 1))


def test_utf_8_with_its_mark_is_read_as_such(bring_in, held, tmp_path):
    understood, _ = bring_in(gias.write(tmp_path / "x.csv", [gias.OAK], encoding="utf-8-sig"))

    assert (understood.encoding, held(900001).name) == ("utf-8-sig", "St Ann’s Primary")


def test_no_persons_name_and_no_telephone_number_is_kept(bring_in, held, tmp_path):
    bring_in(gias.write(tmp_path / "x.csv", [gias.OAK]))

    kept = held(900001).model_dump()
    assert "Nobody-At-All" not in str(kept)
    assert "01632" not in str(kept)


def test_a_newer_extract_changes_what_changed_and_loses_nobody(bring_in, held, tmp_path, database):
    bring_in(gias.write(tmp_path / "1.csv", [gias.OAK, gias.school(2), gias.school(3)]))

    _, changes = bring_in(
        gias.write(tmp_path / "2.csv", [gias.OAK, gias.school(2, name="Elm"), gias.school(4)])
    )

    assert (changes.new, changes.changed, changes.unchanged, changes.kept) == (1, 1, 1, 1)
    assert (held(2).name, held(3).name) == ("Elm", "School 3")
    with database.read() as session:
        assert session.exec(select(Event)).all()[-1].details["changed"] == 1


def test_successors_come_from_the_links_and_stay_when_none_are_given(bring_in, held, tmp_path):
    extract = gias.write(tmp_path / "x.csv", [gias.OAK, gias.school(2), gias.school(3)])
    links = gias.write_links(
        tmp_path / "links.csv",
        [
            ("900001", "2", "Successor", "01-09-2015"),
            ("900001", "3", "Successor - amalgamated", "01-09-2019"),
            ("2", "900001", "Predecessor", "01-09-2015"),
        ],
    )

    understood, _ = bring_in(extract, links)
    _, again = bring_in(extract)

    assert (understood.links, held(900001).successor_urn, held(2).successor_urn) == (1, "3", "")
    assert again.unchanged == 3


def test_a_zip_with_the_schools_and_their_links_is_read_as_it_was_downloaded(
    bring_in, held, tmp_path
):
    gias.write(tmp_path / "x.csv", [gias.OAK, gias.school(2)])
    gias.write_links(tmp_path / "y.csv", [("900001", "2", "Successor", "01-09-2015")])
    with zipfile.ZipFile(tmp_path / "Results.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "x.csv", "edubasealldata20240201.csv")
        archive.write(tmp_path / "y.csv", "links_edubasealldata20240201.csv")

    bring_in(tmp_path / "Results.zip")

    assert held(900001).successor_urn == "2"


def test_a_column_that_is_not_needed_may_be_missing_and_is_named(bring_in, held, tmp_path):
    headings = [heading for heading in gias.HEADINGS if heading != "GOR (name)"]

    understood, _ = bring_in(gias.write(tmp_path / "x.csv", [gias.OAK], headings))

    assert understood.missing == ("GOR (name)",)
    assert held(900001).region == ""


def test_without_the_least_it_needs_an_extract_is_refused_and_nothing_changes(
    bring_in, held, tmp_path
):
    headings = [heading for heading in gias.HEADINGS if heading not in ("URN", "Postcode")]

    with pytest.raises(AudienceError, match="“URN”, “Postcode”"):
        bring_in(gias.write(tmp_path / "x.csv", [gias.OAK], headings))


def test_rows_that_cannot_be_used_are_counted_by_their_numbers(bring_in, held, tmp_path):
    rows = [
        gias.school(1, opened_on="1990"),
        gias.school("none"),
        gias.school(1, name="Again"),
        gias.school(2, opened_on="31-02-1990"),
    ]

    understood, changes = bring_in(gias.write(tmp_path / "x.csv", rows))

    assert (understood.without_urn, understood.repeated, changes.new) == ([3], [4], 2)
    assert understood.odd_dates == [2, 5]
    assert held(1).name == "School 1"


def test_a_character_that_is_none_is_counted_and_shown_as_such(bring_in, held, tmp_path):
    file = gias.write(tmp_path / "x.csv", [gias.OAK])
    file.write_bytes(file.read_bytes().replace("’".encode("cp1252"), b"\x81"))

    understood, _ = bring_in(file)

    assert (understood.replaced, held(900001).name) == (1, "St Ann\ufffds Primary")


@pytest.mark.parametrize(
    "content", [b"", b"\0\1\2" * 50, b'"URN","Est\n' * 3, b"PK\x03\x04broken", b"\xff\xfe" * 999]
)
def test_what_is_no_extract_is_refused_in_words(bring_in, tmp_path, content):
    (tmp_path / "x.csv").write_bytes(content)

    with pytest.raises(AudienceError):
        bring_in(tmp_path / "x.csv")


CLOSED = {"status_code": "2", "status": "Closed", "closed_on": "31-08-2019"}
LIST = "email address,urn,region\na@example.com,900001,Mine\nb@example.com,2,\nc@example.com,,\n"


def campaign(**fields):
    written = {
        "name": "oak",
        "title": "Oak",
        "kind": "announcement",
        "template": "oak.md",
        "route": "direct",
        "list": "bpn",
        "send_on": date(2026, 2, 1),
        "author": "ana@example.com",
    }
    return Campaign(**(written | fields))


@pytest.fixture
def import_list(database, keys, tmp_path, now):
    def import_list(text=LIST):
        file = tmp_path / "list.csv"
        file.write_text(text, encoding="utf-8")
        reading = importing.read_import(
            database, keys, file, list_name="bpn", progress=lambda *_: None, today=TODAY
        )
        with reading as found:
            importing.apply(
                database,
                found,
                terms=lists.Terms(),
                leave_out_bad=False,
                replace=False,
                who="ana",
                now=now,
            )
            return found.schools

    return import_list


def test_recipients_have_the_fields_of_their_school_and_the_lists_own_win(
    bring_in, import_list, database, tmp_path
):
    bring_in(gias.write(tmp_path / "x.csv", [gias.OAK]))
    import_list()

    with database.read() as session:
        a, b, c = segments.recipients_of(session, campaign(), BANDS, **HERE)

    assert (a.fields["region"], a.fields["phase"], a.fields["funding_band"]) == (
        ("Mine", "Primary", "inner")
    )
    assert (b.fields["phase"], b.fields["funding_band"]) == ("", "")
    assert c.fields["in_and_around_london"] == ""


def test_what_the_list_itself_says_of_somebody_is_known_from_the_registers_word(
    bring_in, import_list, database, tmp_path
):
    bring_in(gias.write(tmp_path / "x.csv", [gias.OAK]))
    import_list()

    with database.read() as session:
        a, *_ = segments.recipients_of(session, campaign(), BANDS, **HERE)

    assert a.listed == {"region": "Mine", "urn": "900001"}
    assert set(a.fields) > set(a.listed)


def test_a_segment_can_ask_for_what_the_register_says(bring_in, import_list, database, tmp_path):
    leeds = gias.school(2, district_code="E08000035")
    bring_in(gias.write(tmp_path / "x.csv", [gias.OAK, leeds]))
    import_list()
    outside = campaign(segment={"in_and_around_london": "no"})

    with database.read() as session:
        [chosen] = segments.recipients_of(session, outside, BANDS, **HERE)

    assert (chosen.address, chosen.fields["funding_band"]) == ("b@example.com", "rest of England")


def test_a_band_that_there_is_none_of_is_answered_with_those_there_are(
    bring_in, import_list, database, tmp_path
):
    bring_in(gias.write(tmp_path / "x.csv", [gias.OAK]))
    import_list()
    misspelt = campaign(segment={"funding_band": ["inner", "outr"]})

    with database.read() as session, pytest.raises(AudienceError) as refusal:
        segments.recipients_of(session, misspelt, BANDS, **HERE)

    assert "segment: funding_band: there is no “outr”" in str(refusal.value)
    assert "inner, outer, fringe, rest of England" in str(refusal.value)


def test_a_band_that_nobody_on_the_list_is_in_can_be_asked_for(
    bring_in, import_list, database, tmp_path
):
    bring_in(gias.write(tmp_path / "x.csv", [gias.OAK]))
    import_list()

    with database.read() as session:
        found = segments.audience_of(
            session, campaign(segment={"funding_band": ["inner", "fringe"]}), BANDS, **HERE
        )

    assert (len(found.chosen), found.of_nobody) == (1, {})


def test_without_a_register_lists_work_as_they_are(import_list, database):
    assert import_list().rows == 0

    with database.read() as session:
        chosen = segments.recipients_of(session, campaign(), BANDS, **HERE)

    assert set(chosen[0].fields) == {"region", "urn"}


def test_a_list_is_told_which_of_its_schools_are_unknown_closed_or_outside_england(
    bring_in, import_list, tmp_path
):
    closed = {"status_code": "2", "status": "Closed", "closed_on": "31-08-2019"}
    rows = [
        gias.school(900001, **closed),
        gias.school(2, type_code="30", type="Welsh establishment"),
        gias.school(3, **closed),
        gias.school(4, name="Elm"),
    ]
    links = [("900001", "3", "Successor", "01-09-2015"), ("3", "4", "Successor", "01-09-2019")]
    bring_in(gias.write(tmp_path / "x.csv", rows), gias.write_links(tmp_path / "y.csv", links))

    found = import_list(LIST + "d@example.com,4,\ne@example.com,77,\n")

    assert [(one.row, one.urn, one.what, one.instead) for one in found.first] == [
        (2, "900001", "is not open (closed since 31 August 2019)", "Elm (4)"),
        (3, "2", "is outside England", ""),
        (6, "77", "is not in the register", ""),
    ]


@pytest.mark.parametrize(
    ("code", "status"),
    [("1", "open"), ("3", "open"), ("2", "closed"), ("4", "proposed to open"), ("9", "")],
)
def test_a_school_is_open_closed_or_still_to_open(
    bring_in, import_list, database, tmp_path, code, status
):
    bring_in(gias.write(tmp_path / "x.csv", [gias.school(900001, status_code=code)]))
    import_list()

    with database.read() as session:
        chosen = segments.recipients_of(session, campaign(), BANDS, **HERE)

    assert chosen[0].fields["school_status"] == status


def test_a_register_imported_after_the_lists_says_of_each_what_is_odd(
    bring_in, import_list, database, tmp_path
):
    import_list(LIST + "d@example.com,4,\ne@example.com,77,\n")
    rows = [gias.school(900001, **CLOSED), gias.school(2, type_code="30"), gias.school(4)]
    bring_in(
        gias.write(tmp_path / "x.csv", rows),
        gias.write_links(tmp_path / "y.csv", [("900001", "4", "Successor", "01-09-2015")]),
    )

    with database.read() as session:
        found = school_facts.findings_on_lists(session)

    assert found["bpn"].counts == {"not open": 1, "outside England": 1, "not in the register": 1}
    assert [(one.row, one.instead) for one in found["bpn"].first] == [
        (2, "School 4 (4)"),
        (3, ""),
        (6, ""),
    ]


def test_of_many_odd_schools_the_first_are_shown_and_all_are_counted(
    bring_in, import_list, tmp_path
):
    bring_in(gias.write(tmp_path / "x.csv", [gias.OAK]))

    found = import_list("email,urn\n" + "".join(f"p{n}@example.com,{n}\n" for n in range(1, 300)))

    assert (found.rows, len(found.first)) == (299, 20)


def test_recipients_know_who_took_over_from_their_closed_school(
    bring_in, import_list, database, tmp_path
):
    rows = [gias.school(900001, **CLOSED), gias.school(2, **CLOSED), gias.school(3, name="Elm")]
    links = [("900001", "2", "Successor", "01-09-2015"), ("2", "3", "Successor", "01-09-2019")]
    bring_in(gias.write(tmp_path / "x.csv", rows), gias.write_links(tmp_path / "y.csv", links))
    import_list()

    with database.read() as session:
        a, b, c = segments.recipients_of(session, campaign(), BANDS, **HERE)
        found = segments.recipients_of(
            session, campaign(segment={"successor": ["3"]}), BANDS, **HERE
        )

    assert (a.fields["successor"], a.fields["successor_name"]) == ("3", "Elm")
    assert (b.fields["successor"], c.fields["successor"]) == ("3", "")
    assert [one.address for one in found] == ["a@example.com", "b@example.com"]


def test_segments_can_go_by_what_else_the_register_says(bring_in, import_list, database, tmp_path):
    more = {"establishment_number": "2024", "type_group": "Academies", "urban_rural": "Rural town"}
    bring_in(gias.write(tmp_path / "x.csv", [gias.school(900001, **more, pupils="210")]))
    import_list()

    with database.read() as session:
        a, *_ = segments.recipients_of(session, campaign(), BANDS, **HERE)

    said = {name: a.fields[name] for name in ("laestab", "school_type_group", "pupils")}
    assert said == {"laestab": "202/2024", "school_type_group": "Academies", "pupils": "210"}
    assert a.fields["urban_rural"] == "Rural town"


def test_every_column_that_was_asked_for_is_kept(bring_in, held, tmp_path):
    everything = {heading: f"x{n}" for n, heading in enumerate(gias.COLUMNS.values())}
    dates = {"OpenDate": "01-09-1990", "CloseDate": "01-09-2019", "URN": "900001"}
    bring_in(gias.write(tmp_path / "x.csv", [everything | dates]))

    kept = held(900001).model_dump()
    assert len(gias.COLUMNS) == 37
    assert all(kept[name] for name in gias.COLUMNS)


def test_a_school_outside_england_has_no_band(bring_in, import_list, database, tmp_path):
    bring_in(gias.write(tmp_path / "x.csv", [gias.school(2, type_code="30")]))
    import_list()

    with database.read() as session:
        _, welsh, _ = segments.recipients_of(session, campaign(), BANDS, **HERE)

    assert welsh.fields["funding_band"] == ""


def test_the_bands_are_nineteen_fourteen_and_thirty_three_districts():
    bands = shared_facts(BANDS).bands
    band = bands["funding_band"]

    counted = {name: len(set(codes)) for name, codes in band.values.items()}

    assert counted == {"inner": 19, "outer": 14, "fringe": 33}
    assert set(band.approximations) == {"E06000060"}
    assert bands["in_and_around_london"].values["yes"] == ("inner", "outer", "fringe")


def test_a_district_in_two_bands_is_refused_by_its_line():
    text = (
        'title = "B"\n[bands.area]\nby = "district_code"\notherwise = "x"\nsource = "s"\n'
        'values = { a = ["E1"], b = ["E1"] }\n'
    )

    with pytest.raises(ContentError, match=r"facts/b.toml:2: bands.area: E1 has two bands"):
        shared_facts({"facts/b.toml": text})


def test_the_command_says_what_it_read_and_the_import_of_a_list_what_it_found(terminal):
    gias.write(terminal.folder / "x.csv", [gias.OAK])
    terminal.write("list.csv", LIST)

    imported = terminal.run("schools", "import", "x.csv")
    listed = terminal.run("recipients", "import", "list.csv", "--list", "bpn", "--yes")

    assert "Imported 1 school: 1 new" in imported.stdout, imported.stderr
    assert "--links" in imported.stderr
    assert "Row 3: school 2 is not in the register" in listed.stderr


def test_a_school_that_is_in_its_band_by_an_approximation_is_told_of():
    bands = shared_facts(BANDS).bands
    wycombe, camden = {"district_code": "E06000060"}, {"district_code": "E09000007"}

    told = approximated(wycombe, bands, ["in_and_around_london", "region"])

    assert set(told) == {"funding_band"}
    assert "Buckinghamshire" in told["funding_band"]
    assert approximated(camden, bands, ["funding_band"]) == {}
    assert approximated(wycombe, bands, ["region"]) == {}
