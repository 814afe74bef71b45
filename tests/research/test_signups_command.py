"""The sign-ups command: what staff type, and what they are told."""

import pytest
from sqlmodel import select

from postroom.commands.desk import open_desk
from postroom.tables import Event
from tests.audience import gias


@pytest.fixture
def at_desk(terminal):
    terminal.have_example_campaigns()
    return terminal


def add(at_desk, *more, campaign="bpn-invite", email="ada@example.com"):
    who = ["--name", "Ada Example", "--email", email, "--method", "telephone"]
    return at_desk.run("signups", "add", campaign, *who, *more)


def test_a_sign_up_is_recorded_and_its_words_are_shown(at_desk):
    ended = add(at_desk, "--role", "General mentor", "--purpose", "survey")

    assert ended.returncode == 0, ended.stderr
    assert "Recorded: UR-" in ended.stdout
    assert "You can send me surveys about" in ended.stderr
    [line] = at_desk.listed("signups", "list", "bpn-invite")
    assert (line["name"], line["role"], line["purposes"]) == (
        "Ada Example",
        "General mentor",
        ["survey"],
    )


def test_the_words_are_those_of_the_campaigns_own_form(at_desk):
    assert "research for “Claim funding for mentor training”." in add(at_desk).stderr


def test_signing_up_again_gives_the_same_reference(at_desk):
    first, again = add(at_desk), add(at_desk, email="ADA@example.com")

    assert "signed up before" in again.stdout
    assert first.stdout.split()[1].rstrip(".") in again.stdout


def test_a_wish_for_no_emails_that_a_sign_up_ends_is_said_to_be_ended(at_desk):
    at_desk.run("suppress", "add", "ada@example.com", "--reason", "asked")

    assert "had asked not to be emailed" in add(at_desk).stderr


def test_a_wish_for_nothing_at_all_stays_and_is_pointed_to(at_desk):
    hold = ["suppress", "add", "ada@example.com", "--reason", "asked", "--scope", "everything"]
    at_desk.run(*hold)

    said = add(at_desk).stderr

    assert "suppress lift" in said
    assert "goes to them" not in said


def test_other_words_are_kept_exactly(at_desk):
    said = "Yes, write to me about mentors."

    assert said in add(at_desk, "--statement", said).stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"campaign": "bpm-invite"}, "There is no campaign bpm-invite"),
        ({"email": "ada"}, "@-sign"),
        ({"words": ["--role", "Genral mentor"]}, "Did you mean “General mentor”?"),
        ({"words": ["--school", "12"]}, "“12” is no URN"),
        ({"words": ["--school", "Oak Primary"]}, "is no URN"),
    ],
)
def test_mistakes_are_refused_in_words(at_desk, more, said):
    ended = add(at_desk, *more.get("words", ()), **{k: v for k, v in more.items() if k != "words"})

    assert ended.returncode == 1
    assert said in ended.stderr
    assert at_desk.listed("signups", "list") == []


@pytest.mark.parametrize("typed", ["general mentor", " General  mentor "])
def test_a_role_is_kept_as_the_form_spells_it(at_desk, typed):
    add(at_desk, "--role", typed)

    assert at_desk.listed("signups", "list")[0]["role"] == "General mentor"


def test_a_role_of_their_own_is_kept_where_the_form_lets_people_write_one(at_desk):
    said = add(at_desk, "--role", "Governor").stderr

    assert "does not offer “Governor”" in said
    assert at_desk.listed("signups", "list")[0]["role"] == "Governor"


def test_a_form_that_takes_no_other_role_is_held_to(at_desk):
    file = at_desk.folder / "campaigns/bpn-invite.toml"
    other = 'other = "Something else"\nother_ask = "Your role"\nother_error = "Enter your role"\n'
    file.write_text(file.read_text(encoding="utf-8").replace(other, ""), encoding="utf-8")

    ended = add(at_desk, "--role", "Governor")

    assert (ended.returncode, "It offers: Headteacher" in ended.stderr) == (1, True)


def test_a_school_that_the_register_has_not_is_recorded_and_said_to_be_unknown(at_desk):
    assert "register" not in add(at_desk, "--school", "URN 900009").stderr
    assert at_desk.listed("signups", "list")[0]["school_urn"] == "900009"

    gias.write(at_desk.folder / "register.csv", [gias.school(900001)])
    at_desk.run("schools", "import", "register.csv")

    assert "has no 900009" in add(at_desk, "--school", "900009").stderr
    assert "has no" not in add(at_desk, "--school", "900001").stderr


def test_only_the_ways_that_can_be_recorded_by_hand_are_offered(at_desk):
    ended = at_desk.run("signups", "add", "bpn-invite", "--help")

    assert "telephone" in ended.stdout
    assert "import" not in ended.stdout.partition("--method")[2].partition("--school")[0]


def test_a_rehearsed_sign_up_is_not_listed_in_live(at_desk):
    add(at_desk)

    assert at_desk.listed("signups", "list", "--mode", "live") == []


def test_the_list_begins_with_who_is_missing(at_desk):
    add(at_desk, "--role", "General mentor")

    told = at_desk.run("signups", "list", "bpn-invite").stdout

    assert told.startswith("Still missing")
    assert "General mentor: 1 of 4" in told
    assert told.index("National Institute of Teaching: none of 3") < told.index("Ada Example")


def test_the_numbers_are_there_for_a_program_too(at_desk):
    add(at_desk, "--role", "General mentor")

    first, *_ = at_desk.listed("signups", "list", "bpn-invite", "--counts")

    assert first == {"group": "role", "kind": "General mentor", "signed_up": 1, "wanted": 4}


def test_the_numbers_alone_name_nobody(at_desk):
    add(at_desk, "--role", "General mentor")

    told = at_desk.run("signups", "list", "bpn-invite", "--counts").stdout

    assert "General mentor: 1 of 4" in told
    assert "Ada" not in told


def test_the_list_of_all_campaigns_says_which_each_sign_up_is_of(at_desk):
    add(at_desk)
    add(at_desk, campaign="niot-invite", email="bea@example.com")

    of_all, of_one = (at_desk.run("signups", "list", *of).stdout for of in ([], ["bpn-invite"]))

    assert "niot-invite" in of_all
    assert "bpn-invite" not in of_one.partition("Reference")[2]


def test_the_export_is_private_runs_nothing_and_is_on_record(at_desk):
    at_desk.run(
        "signups",
        "add",
        "bpn-invite",
        "--name",
        "=1+1",
        "--email",
        "ada@example.com",
        "--method",
        "telephone",
    )

    ended = at_desk.run("signups", "export", "bpn-invite", "--because", "Round 4")

    file = at_desk.folder / "out" / "signups-bpn-invite-local.csv"
    assert (ended.returncode, file.stat().st_mode & 0o777) == (0, 0o600)
    text = file.read_text(encoding="utf-8-sig")
    assert "'=1+1" in text
    assert "providers" in text.splitlines()[0]


def test_an_export_that_cannot_be_written_is_not_on_record(at_desk):
    add(at_desk)
    (at_desk.folder / "taken").write_text("", encoding="utf-8")
    words = ["signups", "export", "bpn-invite", "--because", "Round 4", "--to", "taken/file.csv"]

    ended = at_desk.run(*words)

    assert (ended.returncode, "taken" in ended.stderr) == (1, True)
    database = open_desk(at_desk.folder).database
    with database.read() as session:
        acts = session.exec(select(Event.act)).all()
    database.close()
    assert acts
    assert [act for act in acts if act.startswith("exported")] == []


def test_an_export_needs_a_reason(at_desk):
    assert at_desk.run("signups", "export", "bpn-invite").returncode == 2
