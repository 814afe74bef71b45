"""Tables on a terminal: no wider than it is."""

import io

import pytest
from rich.console import Console

from postroom.commands import printing

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
