"""Which tool an export comes from, told by its headings, and what stands above its answers."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from postroom.content.form_mapping import Tool
from postroom.content.same_words import as_compared, as_typed

ALWAYS_DROPPED = frozenset(
    {"ipaddress", "ip", "clientip", "respondentip", "useragent", "browser", "browserversion"}
    | {"browsermetainfo", "device", "devicetype", "devicename", "operatingsystem"}
    | {"screenresolution", "latitude", "longitude", "geolocation", "locationlatitude"}
    | {"locationlongitude", "totalpoints", "quizfeedback", "totalscore"}
)
"""Headings, without spaces, of what proves nothing about a person and follows them about, and of
quiz marks. Never read, whatever a mapping file says."""
ADDED_BY_TOOL = {
    Tool.MICROSOFT_FORMS: ("email", "name"),
    Tool.GOOGLE_FORMS: ("emailaddress", "score"),
    Tool.QUALTRICS: ("recipientemail", "recipientfirstname", "recipientlastname"),
    Tool.SURVEYMONKEY: ("emailaddress", "firstname", "lastname"),
}
"""What a tool adds by itself, of who is signed in and of quizzes. Not read where a mapping file
names the form's own question for it."""
PREVIEWS = frozenset({"survey preview", "survey test", "survey preview spam"} | {"1", "2", "9"})
"""What Qualtrics writes as the status of an answer that nobody meant, in words or as numbers
(qualtrics.com/support, "Understanding your data set")."""
_NOT_FINISHED = frozenset({"false", "0"})
_MARKS = re.compile(r"^(?:points|feedback) - |\[(?:score|feedback)\]$")
_IMPORT_ID = '"importid"'


@dataclass(frozen=True)
class Column:
    """A column of an export, or several that hold the answer to one question."""

    heading: str
    """As it stands above it, on one line."""
    label: str
    """The words of the question: the same, but where the tool heads columns with ids."""
    at: tuple[int, ...]

    def is_called(self, heading: str) -> bool:
        """Return whether *heading* names this column, by id or by question."""
        return as_compared(heading) in (as_compared(self.heading), as_compared(self.label))

    @property
    def compressed(self) -> str:
        """The heading without spaces, as the names above have it."""
        return _compressed(self.heading)

    @property
    def compressed_label(self) -> str:
        """The question without spaces."""
        return _compressed(self.label)

    @property
    def is_always_dropped(self) -> bool:
        marks = _MARKS.search(as_compared(self.heading))
        return self.compressed in ALWAYS_DROPPED or marks is not None


def _compressed(text: str) -> str:
    return re.sub(r"[\s_-]", "", as_compared(text))


@dataclass(frozen=True)
class Shape:
    """How an export is laid out."""

    tool: Tool
    heading_rows: int = 1
    zone: str = ""
    """The time zone that the export itself names."""


Rows = Sequence[Sequence[str]]


def recognise(rows: Rows) -> Shape | None:
    """Return the shape of the table whose headings are the first of *rows*, or None."""
    headings = [as_compared(cell) for cell in rows[0]]
    for recogniser in RECOGNISERS:
        if shape := recogniser(headings, rows):
            return shape
    return None


def signatures() -> frozenset[str]:
    """Return headings by one of which the separator of a text can be told."""
    return frozenset(
        {"start time", "completion time", "timestamp", "submitted at", "startdate", "responseid"}
        | {"respondent id", "collector id", "school_urn", "signed up"}
    )


def columns(shape: Shape, headings: Rows) -> Iterator[Column]:
    """Yield the columns under *headings*, the heading rows of an export of that *shape*."""
    top = [as_typed(cell) for cell in headings[0]]
    under = [as_typed(cell) for cell in headings[1]] if len(headings) > 1 else []
    under += [""] * (len(top) - len(under))
    if shape.tool is Tool.SURVEYMONKEY and len(headings) > 1:
        yield from _spread(top, under)
        return
    for at, heading in enumerate(top):
        if shape.tool is Tool.QUALTRICS:
            yield Column(heading, under[at] or heading, (at,))
        else:
            words = " ".join(filter(None, (as_typed(row[at]) for row in headings if at < len(row))))
            if words:
                yield Column(words, words, (at,))


def was_not_meant(shape: Shape, said: dict[str, str]) -> bool:
    """Return whether the row that *said* so much (compressed heading → cell) is a preview."""
    return shape.tool is Tool.QUALTRICS and as_compared(said.get("status", "")) in PREVIEWS


def was_not_finished(shape: Shape, said: dict[str, str]) -> bool:
    """Return whether the row that *said* so much was left before its end."""
    if shape.tool is not Tool.QUALTRICS:
        return False
    if "finished" in said:
        return as_compared(said["finished"]) in _NOT_FINISHED
    return said.get("progress", "100") not in ("100", "100.0", "")


def _microsoft(headings: list[str], _: Rows) -> Shape | None:
    is_theirs = {"id", "start time", "completion time"} <= set(headings)
    return Shape(Tool.MICROSOFT_FORMS) if is_theirs else None


def _google(headings: list[str], _: Rows) -> Shape | None:
    return Shape(Tool.GOOGLE_FORMS) if headings[0] == "timestamp" and headings[1:] else None


def _govuk(headings: list[str], _: Rows) -> Shape | None:
    is_theirs = headings[:2] == ["reference", "submitted at"]
    return Shape(Tool.GOVUK_FORMS) if is_theirs else None


def _qualtrics(headings: list[str], rows: Rows) -> Shape | None:
    if "responseid" not in headings or not {"startdate", "enddate"} & set(headings):
        return None
    for number, row in enumerate(rows[1:3], start=2):
        if any(_IMPORT_ID in cell.lower() for cell in row):
            return Shape(Tool.QUALTRICS, number, _zone(row))
    labels = [as_compared(cell) for cell in rows[1]] if rows[1:] else []
    return Shape(Tool.QUALTRICS, 2 if "response id" in labels else 1)


def _zone(row: Sequence[str]) -> str:
    for cell in row:
        try:
            told = json.loads(cell)
        except ValueError:
            continue
        if isinstance(told, dict) and isinstance(told.get("timeZone"), str):
            return "UTC" if told["timeZone"] == "Z" else str(told["timeZone"])
    return ""


def _surveymonkey(headings: list[str], rows: Rows) -> Shape | None:
    if not {"respondent id", "collector id"} <= set(headings):
        return None
    at = headings.index("respondent id")
    has_second = bool(rows[1:]) and not (at < len(rows[1]) and rows[1][at])
    return Shape(Tool.SURVEYMONKEY, 2 if has_second else 1)


def _outreach(headings: list[str], _: Rows) -> Shape | None:
    export = {"reference", "signed up", "email address", "yes to"}
    staff = {heading.replace("_", " ") for heading in headings}
    is_list = "email" in staff and bool({"school urn", "placement school urn"} & staff)
    return Shape(Tool.OUTREACH) if is_list or export <= set(headings) else None


RECOGNISERS: Sequence[Callable[[list[str], Rows], Shape | None]] = (
    _qualtrics,
    _surveymonkey,
    _microsoft,
    _govuk,
    _google,
    _outreach,
)


def _spread(top: list[str], under: list[str]) -> Iterator[Column]:
    """Yield SurveyMonkey's columns: a question's options stand beside each other, below it."""
    begins = [at for at, heading in enumerate(top) if heading]
    for begin, following in zip(begins, [*begins[1:], len(top)], strict=True):
        every = tuple(range(begin, following))
        yield Column(top[begin], top[begin], every)
        if len(every) > 1:
            for at in every:
                part = f"{top[begin]}: {under[at]}"
                yield Column(part, part, (at,))
