"""Places: everybody has a number of their own, and is found where their spreadsheet has them."""

import pytest

from postroom.audience import chosen, importing, lists
from postroom.audience.places import places
from postroom.errors import AudienceError
from tests.databases import TODAY


@pytest.fixture
def bring_in(database, keys, tmp_path, now):
    def bring_in(name, *addresses, to="bpn"):
        file = tmp_path / name
        file.write_text("\n".join(["email", *addresses]), encoding="utf-8")
        nothing = {"progress": lambda *_: None, "today": TODAY}
        with importing.read_import(database, keys, file, list_name=to, **nothing) as found:
            choices = {"terms": lists.Terms(), "leave_out_bad": False, "replace": False}
            importing.apply(database, found, **choices, who="ana", now=now)

    return bring_in


def everybody(database, *names):
    with database.read() as session:
        return chosen.on_lists(session, names)


def test_in_one_spreadsheet_a_place_is_its_row(database, bring_in):
    bring_in("first.csv", "ann@example.com", "zed@example.com")

    assert [str(one.row) for one in everybody(database, "bpn")] == ["2", "3"]


def test_two_people_in_row_2_of_two_files_of_one_list_are_two(database, bring_in):
    bring_in("first.csv", "ann@example.com", "bea@example.com")
    bring_in("second.csv", "zed@example.com")

    people = everybody(database, "bpn")

    assert len({one.row for one in people}) == 3
    assert [f"{one.row}" for one in people] == [
        "2 of first.csv",
        "3 of first.csv",
        "2 of second.csv",
    ]
    with pytest.raises(AudienceError, match=r"row 2 of first\.csv and in row 2 of second\.csv"):
        chosen.in_row(people, 2)
    assert chosen.in_row(people, 3).address == "bea@example.com"


def test_somebody_who_comes_again_in_another_file_stands_there(database, bring_in):
    bring_in("first.csv", "ann@example.com")
    bring_in("second.csv", "ann@example.com")

    assert [str(one.row) for one in everybody(database, "bpn")] == ["2"]


def test_files_of_one_name_on_two_lists_are_told_apart_by_their_lists():
    written = list(map(str, places([("a", "x.csv", 2), ("b", "x.csv", 2)])))

    assert written == ["2 of x.csv in a", "2 of x.csv in b"]


def test_somebody_is_found_by_their_address(database, bring_in, keys):
    bring_in("first.csv", "ann@example.com")
    bring_in("second.csv", "zed@example.com")
    people = everybody(database, "bpn")

    assert chosen.at_address(people, keys.address_key("zed@example.com")).address.startswith("z")
    with pytest.raises(AudienceError, match="not among the recipients"):
        chosen.at_address(people, keys.address_key("nobody@example.com"))
