"""Bands: what a school's place or kind means for a grant, as a file in facts/ says it.

[bands.funding_band]
by = "district_code"             # a field of the register of schools, or an earlier band
otherwise = "rest of England"    # for every other school that has that field
source = "Where this comes from"
values.inner = ["E09000001", "E09000007"]
"""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict, Field

from postroom.content.campaign_file import Text


class Band(BaseModel):
    """One band: which values of a field belong together, and under what name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Text
    otherwise: Text
    source: Text
    values: dict[Text, tuple[Text, ...]]
    approximations: dict[Text, Text] = Field(default_factory=dict)  # a value → what to know of it

    def names(self) -> dict[str, str]:
        """Return every listed value with the name of its band."""
        return {value: name for name, values in self.values.items() for value in values}

    def twice(self) -> list[str]:
        """Return the values that stand under more than one name, which would be a guess."""
        every = [value for values in self.values.values() for value in values]
        return sorted({value for value in every if every.count(value) > 1})


def approximated(
    value_of: Mapping[str, str], bands: dict[str, Band], wanted: Iterable[str]
) -> dict[str, str]:
    """Return, for a school's fields *value_of*, what to know of those bands among *wanted* that it
    is in by an approximation only; also of the bands that they go by."""
    notes: dict[str, str] = {}
    goes_by = set(wanted)
    for name in reversed(bands):  # a band goes by an earlier one
        if name in goes_by:
            band = bands[name]
            goes_by.add(band.by)
            if note := band.approximations.get(value_of.get(band.by, "")):
                notes[name] = note
    return notes


def banded(fields: Mapping[str, str], bands: Mapping[str, Band]) -> dict[str, str]:
    """Return *fields* with each of *bands* added, in their order.

    A school without the field that a band goes by has a blank there: nothing is guessed.
    """
    known = dict(fields)
    for name, band in bands.items():
        value = known.get(band.by, "")
        known[name] = band.names().get(value, band.otherwise) if value else ""
    return known
