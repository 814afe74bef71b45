"""What git keeps of a workspace: private files, lists and addresses, and what is done about it."""

import subprocess

import pytest

from postroom.commands.starter import starter_files
from postroom.commands.tracked import kept_by_git

REAL = "jo.bloggs@oakfield.sch.uk"
MANY = "\n".join(f"head-{number}@school-{number}.sch.uk" for number in range(10))


def git(folder, *words):
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True)


class Kept:
    """A workspace in git."""

    def __init__(self, folder):
        self.folder = folder
        for name, content in starter_files():
            self.write(name, content)

    def write(self, name, content):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def add(self, name, content):
        self.write(name, content)
        git(self.folder, "add", "-f", name)

    def findings(self, verdict):
        """Return what is said, all of which must come to *verdict* and name nobody."""
        found = list(kept_by_git(self.folder))
        assert {each.verdict.value for each in found} <= {verdict}
        assert REAL not in str(found)
        return [each.says for each in found]


@pytest.fixture
def kept(tmp_path):
    git(tmp_path, "init", "-q")
    kept = Kept(tmp_path)
    git(tmp_path, "add", "-A")
    return kept


def test_a_new_workspace_gives_git_nothing_private(kept):
    assert kept.findings("stop") == []


def test_doctor_stops_on_a_list_in_git(office):
    git(office.folder, "init", "-q")
    git(office.folder, "add", "-A")
    office.do("doctor")
    office.write("schools.csv", f"email address\n{REAL}\n")
    git(office.folder, "add", "-A")

    ended = office.run("doctor")

    assert ended.code == 1
    assert "stop git schools.csv is in git" in ended.said


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".env.live",
        "outreach.secret",
        "outreach.db",
        "opt-outs.journal",
        "out/report.html",
        "recipients/real.txt",
        "recipients/real.json",
        "recipients/deeper/real.csv",
        "recipients/with a space.csv",
    ],
)
def test_a_private_file_in_git_stops_whatever_it_holds(kept, name):
    kept.add(name, "nothing")

    [found] = kept.findings("stop")

    assert found.startswith(f"{name} is in git, where it never belongs.")
    assert "git rm --cached" in found


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("schools.csv", f"email address\n{REAL}\n"),
        ("schools.CSV", f"email address\n{REAL}; b@example.com\n"),
        ("schools.tsv", f"name\temail\nJo\t{REAL.upper()}\n"),
        ("recipients/example-mine.csv", f"email address\nb@example.com\n{REAL}\n"),
        ("recipients/example-mine.txt", f"Write to {REAL}."),
        ("long.csv", f"email address,note\n{REAL},{'x' * 200_000}\n"),
        ("excel.csv", f"email address\n{REAL}\n".encode("utf-16")),
        ("old.csv", f"email address,name\n{REAL},Zoë\n".encode("cp1252")),
        ("schools.xlsx", b"PK\3\4"),
        ("copy-of-everything", b"SQLite format 3\0"),
        ("notes.md", MANY),
        ("campaigns/whole-list.toml", MANY),
    ],
)
def test_a_list_in_git_stops_wherever_it_is(kept, name, content):
    kept.add(name, content)

    [found] = kept.findings("stop")

    assert found.startswith(f"{name} is in git and ")


def test_a_list_that_was_taken_from_the_disk_is_still_in_git(kept):
    kept.add("schools.csv", f"email address\n{REAL}\n")
    (kept.folder / "schools.csv").unlink()

    [found] = kept.findings("stop")

    assert found.startswith("schools.csv is in git and holds an address")


def test_a_single_address_outside_the_content_is_worth_a_look(kept):
    kept.add("notes.md", f"Ring {REAL}")

    [found] = kept.findings("note")

    assert found.startswith("notes.md is in git and holds an address")


def test_the_teams_own_addresses_and_what_is_nobodys_may_stand_anywhere(kept):
    kept.add("campaigns/mine.toml", 'author = "policy@department.gov.uk"\n')
    kept.add("outreach.toml", f"people = {[f'p{n}@department.gov.uk' for n in range(20)]}\n")
    kept.add(
        "README.md",
        "policy@department.gov.uk, P3@department.gov.uk, a@example.com, git@github.com:a/b.git\n"
        "perm-fail@simulator.notify, simulate-delivered@notifications.service.gov.uk",
    )
    kept.add("picture.png", b"\x89PNG\0\0" + REAL.encode())
    (kept.folder / "link.csv").symlink_to("/nowhere.csv")
    git(kept.folder, "add", "link.csv")

    assert kept.findings("stop") == []


def test_a_file_that_is_marked_is_not_looked_into_but_a_private_one_is_found_all_the_same(kept):
    kept.add(".gitattributes", "*.xlsx no-real-addresses\n*.env no-real-addresses\n")
    kept.add("sample.xlsx", b"PK\3\4")
    kept.add(".env", "")

    [found] = kept.findings("stop")

    assert found.startswith(".env is in git")


def test_a_workspace_inside_a_bigger_repository_is_looked_at_by_itself(tmp_path):
    git(tmp_path, "init", "-q")
    kept = Kept(tmp_path / "[a] workspace")
    kept.add("recipients/real.csv", "x")
    kept.add("out/report.html", "x")
    kept.add("../recipients/real.csv", REAL)
    kept.add("../out/report.html", REAL)

    found = kept.findings("stop")

    assert [line.split()[0] for line in found] == ["out/report.html", "recipients/real.csv"]


def test_rules_that_are_missing_stop_and_init_adds_them_once(office):
    git(office.folder, "init", "-q")
    office.write(".gitignore", "*.pyc\n/recipients/*")  # as people write it: no last line break
    assert list(kept_by_git(office.folder))[-1].says.startswith(
        "would take in private files: nothing ignores *.db, *.db-*, *.sqlite,"
    )

    first = office.do("init", ".")
    written = (office.folder / ".gitignore").read_text()
    second = office.do("init", ".")

    assert "added to .gitignore" in first.said
    assert "added to .gitignore" not in second.said
    assert (office.folder / ".gitignore").read_text() == written
    assert written.startswith("*.pyc\n/recipients/*\n\n# Added by `outreach init`")
    git(office.folder, "add", "-A")
    listed = subprocess.run(
        ["git", "-C", office.folder, "ls-files"], capture_output=True, text=True, check=True
    )
    assert "recipients/example-bpn.csv" in listed.stdout
    assert not {"outreach.db", "outreach.secret"} & set(listed.stdout.splitlines())
    assert list(kept_by_git(office.folder)) == []


def test_a_new_workspace_in_a_repository_that_ignores_something_already_is_private(empty):
    new = empty.folder / "new"
    new.mkdir()
    (new / ".gitignore").write_bytes(b"*.pyc\n# \xff\n")
    git(new, "init", "-q")

    empty.do("init", "new")
    git(new, "add", "-A")

    assert list(kept_by_git(new)) == []
    assert (new / ".gitignore").read_bytes().startswith(b"*.pyc\n# \xff\n\n# Added")


def test_a_hundred_files_are_not_a_hundred_lines(kept):
    for number in range(30):
        kept.write(f"recipients/{number}.csv", "x")
    git(kept.folder, "add", "-f", "recipients")

    found = kept.findings("stop")

    assert len(found) == 21
    assert found[-1] == "and 10 more files like these."


def test_a_folder_outside_git_has_nothing_in_git(tmp_path):
    assert Kept(tmp_path).findings("stop") == []


def test_git_that_cannot_answer_is_not_taken_for_a_clean_bill(tmp_path):
    kept = Kept(tmp_path)
    kept.write(".git", "gitdir: nowhere\n")

    [found] = kept.findings("note")

    assert found.startswith("could not be asked what it keeps (fatal: ")


def test_a_machine_without_git_is_not_taken_for_a_clean_bill(kept, monkeypatch):
    monkeypatch.setenv("PATH", "")

    [found] = kept.findings("note")

    assert "it is not installed here" in found
