"""Tables on a terminal: no wider than it is. Files: written whole, or said by name."""

import errno
import io

import pytest
from rich.console import Console

from postroom.commands import printing
from postroom.errors import out_of_reach

HEADINGS = ("Row", "Address", "Name", "School", "Yes to")
ROW = ("2", "zoe.quirk@example.com", "Zoe Quirk", "Oak Primary (to be matched)")


@pytest.mark.parametrize("width", range(40, 120, 3))
def test_a_table_is_never_wider_than_the_terminal(monkeypatch, width):
    screen = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    monkeypatch.setattr(printing, "_out", screen)

    printing.show_table(HEADINGS, [(*ROW, "research-this-service")])

    shown = screen.file.getvalue()
    assert all(len(line.rstrip()) <= width for line in shown.splitlines())
    assert "research-this-service" in shown


@pytest.fixture
def full_disk():
    """Let no file grow beyond a thousand bytes."""
    resource = pytest.importorskip("resource")  # Windows has none
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("full_disk")
def test_a_file_for_which_the_disk_has_no_room_is_named_and_not_left_in_half(tmp_path):
    page = tmp_path / "out" / "report.html"

    with pytest.raises(OSError, match="File too large") as caught:
        printing.write_privately(page, "x" * 2_000)

    assert out_of_reach(caught.value).startswith(f"{page}: File too large. Mend that")
    assert not page.exists()


def test_a_full_disk_is_said_also_where_nobody_named_the_file():
    assert "No space left" in out_of_reach(OSError(errno.ENOSPC, "No space left on device"))
    assert out_of_reach(BrokenPipeError(errno.EPIPE, "Broken pipe")) == ""
