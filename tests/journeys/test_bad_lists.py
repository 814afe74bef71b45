"""Spreadsheets that cannot be imported as they are."""


def importing(office, file):
    return ("recipients", "import", file, "--list", "schools", "--yes")


def test_every_bad_row_is_shown_at_once_and_nothing_is_imported(empty):
    empty.write(
        "list.csv",
        "email address,school\n"
        "a@example.com,Oak\n"
        "nobody,Ash\n"
        "B@example.com,Elm\n"
        "b@example.com,Fir\n"
        ",Yew\n"
        "two@example.com; three@example.com,Bay\n",
    )

    before = empty.state()
    ended = empty.run(*importing(empty, "list.csv"))

    assert ended.code == 1
    assert empty.state() == before
    shown = [line.split(" ")[0] for line in ended.out.splitlines()]
    assert {"3", "6", "7"} <= set(shown)
    assert "4 and 5" in ended.said or {"4", "5"} <= set(shown)
    assert "Nothing was imported" in ended.err
    assert "list.csv" in ended.err
    assert "@" not in ended.err


def test_a_list_without_an_address_column_says_which_columns_it_has(empty):
    empty.write("list.csv", "school,town\nOak,Ely\n")

    said = empty.refused(*importing(empty, "list.csv"))

    assert "list.csv" in said
    assert "email address" in said
    assert "“school”, “town”" in said


def test_a_list_that_is_not_there_an_empty_one_and_a_folder_are_named(empty):
    empty.write("empty.csv", "")

    assert "nowhere.csv" in empty.refused(*importing(empty, "nowhere.csv"))
    assert "empty.csv" in empty.refused(*importing(empty, "empty.csv"))
    assert "recipients" in empty.refused(*importing(empty, "recipients"))


def test_a_list_name_that_cannot_be_one_is_refused_before_anything_is_read(empty):
    said = empty.refused("recipients", "import", "nowhere.csv", "--list", "My List")

    assert "small letters, digits and hyphens" in said


def test_without_somebody_to_answer_nothing_is_imported(empty):
    before = empty.state()

    ended = empty.run("recipients", "import", "recipients/example-bpn.csv", "--list", "schools")

    assert ended.code == 1
    assert "--yes" in ended.err
    assert empty.state() == before


def test_what_a_spreadsheet_holds_is_never_obeyed_by_the_terminal(empty):
    empty.write("list.csv", "email address,school\na@example.com,\x1b[2J\x1b]0;owned\x07Oak\n")

    ended = empty.run(*importing(empty, "list.csv"))

    assert "\x1b" not in ended.out + ended.err
    assert "\x07" not in ended.out + ended.err
