"""What stands before a value in a template: is it part of a link, does it begin a line?"""

import re

_KEPT = 2_000  # characters: longer than any link or line's beginning
# A line that says where [word] leads.
_DEFINED = re.compile(r"(?:^|\n) *\[[^^\]]++\]: *<?\S*$")
_START = re.compile(r"(?:^|\n)[\s\d.^*•-]*$")


class Before:
    """The words before the place that has been read up to."""

    def __init__(self) -> None:
        self._text = ""

    def add(self, words: str) -> None:
        """Go past *words* of the template's own."""
        self._text = (self._text + words)[-_KEPT:]

    def add_value(self) -> None:
        """Go past a value from a list or a fact."""
        self.add("x")

    def add_link(self) -> None:
        """Go past a link: what follows without a space is part of its address."""
        self.add("https://link")

    @property
    def at_start(self) -> bool:
        """Whether a line, or what a list's marker stands before, begins here."""
        return bool(_START.search(self._text))

    @property
    def inside_link(self) -> bool:
        """Whether what is written here is part of a link's address, or of its title."""
        # Mostly written out: a pattern for this over a long line can take very long.
        block = self._text[self._text.rfind("\n\n") + 1 :]
        if block.rfind("](") > block.rfind(")"):
            return True
        word = block[max(block.rfind(" "), block.rfind("\n")) + 1 :]
        scheme = max(word.rfind("http://"), word.rfind("https://"))
        if scheme > max(word.rfind(")"), word.rfind(">")):
            return True
        return bool(_DEFINED.search(block))
