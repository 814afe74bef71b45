"""From the rows of an export to what each person said: understood, or a row to mend."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from postroom.audience.workbook_marks import is_error
from postroom.content.campaign_file import Campaign
from postroom.content.form_mapping import FormMapping
from postroom.content.signup_form import ROLE, Choose, Purpose
from postroom.errors import AudienceError
from postroom.research import form_fields
from postroom.research.form_dates import TwoReadings, only_reading, read_time
from postroom.research.form_exports import Export, Row, cell
from postroom.research.form_fields import Fault
from postroom.research.form_tools import Column
from postroom.research.matching_schools import SchoolAnswer
from postroom.research.volunteers import YEARS_KEPT, years_after

AHEAD = timedelta(hours=26)  # how far clocks on earth can be apart: what is later is a mistake


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be brought in. Its value is for the importer's terminal only."""

    where: str
    field: str
    value: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Response:
    """What one person said, in one row."""

    where: str
    response_id: str
    """As the tool has it; blank where it gives none."""
    submitted: datetime
    address: str
    name: str
    role: str = ""
    phone: str = ""
    support: str | None = None
    """None where the form does not ask."""
    school: SchoolAnswer = field(default_factory=SchoolAnswer)
    answers: Mapping[str, list[str]] = field(default_factory=dict)
    statements: Mapping[Purpose, str] = field(default_factory=dict)
    """What they said yes to, in the words they read."""


@dataclass(frozen=True)
class NoPermission:
    """A row whose person said no, or said nothing."""

    where: str
    response_id: str
    answer: str
    address: str
    """Blank where none can be read."""
    submitted: datetime | None
    """None where it cannot be read."""


@dataclass
class Reading:
    """Everything that an export's rows say."""

    responses: list[Response] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    without_permission: list[NoPermission] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    """Where rows stand whose permission would be over already."""
    unknown: dict[str, Counter[str]] = field(default_factory=dict)
    """A question's name → answers that are none of its options, and how often."""


class Reader:
    """Reads the rows of one export by one mapping, which fits both it and the campaign."""

    def __init__(self, export: Export, mapping: FormMapping, campaign: Campaign, *, now: datetime):
        self._export, self._mapping, self._campaign, self._now = export, mapping, campaign, now
        self._columns: dict[tuple[str, ...], Column] = {
            place: export.called(heading)[0] for place, heading in mapping.headings.items()
        }
        self._zone = export.shape.zone or mapping.timezone
        try:
            ZoneInfo(self._zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise AudienceError(
                f"{export.path}: its third row names the time zone “{self._zone}”, which is not "
                "known. Set another one in the tool, and export again."
            ) from None

    def read(self) -> Reading:
        """Return what all rows say.

        Raises `AudienceError` when times can be read in two ways and nobody said which.
        """
        self._refuse_two_readings()
        reading = Reading()
        for row in self._export.rows:
            statements = self._statements(row)
            if not statements:
                reading.without_permission.append(self._no_permission(row))
                continue
            faults: list[Fault] = []
            response = self._response(row, statements, faults)
            if response is None:
                self._note(reading, row, faults)
            elif years_after(response.submitted, YEARS_KEPT) <= self._now:
                reading.ended.append(row.where)
            else:
                reading.responses.append(response)
        return reading

    def _response(
        self, row: Row, statements: Mapping[Purpose, str], faults: list[Fault]
    ) -> Response | None:
        """Return what *row* says, or None after adding every fault of it to *faults*."""
        if fault := self._fault_of_row(row):
            faults.append(fault)
            return None
        answers = self._answers(row, faults)
        reads: dict[str, Callable[[Row], Any]] = {
            "submitted": self._submitted,
            "address": lambda row: form_fields.address(self._said(row, "email")),
            "name": self._name,
            "role": lambda row: form_fields.line(self._said(row, "role"), "role"),
            "phone": lambda row: form_fields.line(self._said(row, "telephone"), "telephone"),
            "support": self._support,
            "school": self._school,
        }
        said = {}
        for part, read in reads.items():
            try:
                said[part] = read(row)
            except Fault as fault:
                faults.append(fault)
        if faults:
            return None
        if ROLE in answers:
            said["role"] = ", ".join(answers[ROLE])
        return Response(
            where=row.where,
            response_id=self._id(row),
            answers=answers,
            statements=statements,
            **said,
        )

    def _answers(self, row: Row, faults: list[Fault]) -> dict[str, list[str]]:
        """Return the answers to the campaign's questions; add every fault to *faults*."""
        answers = {}
        for name in self._mapping.questions:
            try:
                answers[name] = self._answer(row, name)
            except Fault as fault:
                faults.append(fault)
        return answers

    def _said(self, row: Row, field: str) -> str:
        """Return the cell that the mapping's [columns] call *field*; blank where none is."""
        column = self._columns.get(("columns", field))
        return cell(row, column) if column else ""

    def _id(self, row: Row) -> str:
        return " ".join(self._said(row, "response_id").split())[: form_fields.LONGEST_ANSWER]

    def _fault_of_row(self, row: Row) -> Fault | None:
        if any(row.cells[self._export.width :]):
            return Fault(
                "the row",
                "",
                "It has more cells than there are headings.",
                "Put quotation marks round a cell that holds a comma.",
            )
        for place, column in self._columns.items():
            if is_error(said := cell(row, column)):
                why = "There is a formula that found no answer."
                return Fault(place[1], said, why, "Mend the formula, or clear the cell.")
        return None

    def _submitted(self, row: Row) -> datetime:
        text = self._said(row, "submitted")
        remedy = "Correct it, or look which column the mapping file names as submitted."
        try:
            moment = read_time(text, zone=self._zone, day_first=self._mapping.day_first)
        except ValueError as error:
            why = str(error) if text else "It does not say when they answered."
            raise Fault("submitted", text, why, remedy) from None
        if moment > self._now + AHEAD:
            remedy = "Are day_first and timezone in the mapping file as they should be?"
            raise Fault("submitted", text, "That time is still to come.", remedy)
        return moment

    def _name(self, row: Row) -> str:
        parts = (self._said(row, part) for part in ("name", "first_name", "last_name"))
        name = form_fields.line(" ".join(filter(None, parts)), "name")
        if not name:
            raise Fault("name", "", "There is no name.", "Enter the name.")
        return name

    def _support(self, row: Row) -> str | None:
        if ("columns", "support") not in self._columns:
            return None
        return form_fields.lines(self._said(row, "support"), "support")

    def _school(self, row: Row) -> SchoolAnswer:
        """Return what is said of the school, each line of it as one part."""
        parts = ("school", "school_urn", "school_postcode", "school_town")
        said = (", ".join(self._said(row, part).splitlines()) for part in parts)
        return SchoolAnswer(*(form_fields.line(text, "school") for text in said))

    def _answer(self, row: Row, name: str) -> list[str]:
        question, mapping = self._campaign.signup.questions[name], self._mapping.questions[name]
        usual = self._export.shape.tool.separator if question.choose is Choose.SEVERAL else ""
        columns = (
            self._columns["questions", name, "column", str(number)]
            for number in range(len(mapping.column))
        )
        return form_fields.answer(
            (cell(row, column) for column in columns),
            name,
            question,
            known_as=mapping.answers,
            separator=mapping.separator or usual,
        )

    def _statements(self, row: Row) -> dict[Purpose, str]:
        """Return what *row* says yes to, and in which words it was asked."""
        said = {}
        for purpose, permission in self._mapping.permissions.items():
            column = self._columns["permissions", purpose.value, "column"]
            if form_fields.said_yes(cell(row, column), permission, self._answers_of(column)):
                said[purpose] = permission.statement or column.label
        return said

    def _answers_of(self, column: Column) -> list[str]:
        """Return every answer that the mapping file knows of a column of permissions."""
        return [
            answer
            for purpose, permission in self._mapping.permissions.items()
            if self._columns["permissions", purpose.value, "column"] == column
            for answer in (*permission.accepted, *permission.other_answers)
        ]

    def _no_permission(self, row: Row) -> NoPermission:
        address, submitted = "", None
        with suppress(Fault):
            address = form_fields.address(self._said(row, "email"))
        with suppress(Fault):
            submitted = self._submitted(row)
        answer = self._instead_of_yes(row)
        return NoPermission(row.where, self._id(row), answer, address, submitted)

    def _instead_of_yes(self, row: Row) -> str:
        columns = {
            self._columns["permissions", purpose.value, "column"]
            for purpose in self._mapping.permissions
        }
        return "; ".join(filter(None, (cell(row, column) for column in columns)))

    def _note(self, reading: Reading, row: Row, faults: Iterable[Fault]) -> None:
        for fault in faults:
            told = (fault.field, fault.value, fault.why, fault.remedy)
            reading.bad.append(BadRow(row.where, *told))
            if fault.unknown:
                reading.unknown.setdefault(fault.field, Counter()).update(fault.unknown)

    def _refuse_two_readings(self) -> None:
        if self._mapping.day_first is not None:
            return
        column = self._columns["columns", "submitted"]
        if said := in_two_ways(self._export, column):
            raise AudienceError(f"{self._export.path}: {said}")


def in_two_ways(export: Export, column: Column) -> str:
    """Return what to decide where times in *column* can be read in two ways, or ""."""
    unclear: list[tuple[str, str, TwoReadings]] = []
    clear: dict[bool, str] = {}
    for row in export.rows:
        text = cell(row, column)
        first = only_reading(text)
        if first is not None:
            clear.setdefault(first, f"row {row.where}, {text}")
        try:
            read_time(text, zone="UTC", day_first=None)
        except TwoReadings as error:
            unclear.append((row.where, text, error))
        except ValueError:
            continue  # told with the other faults of its row
    if not unclear:
        return ""
    where, text, readings = unclear[0]
    day, month = readings.day_first, readings.month_first
    said = (
        f"{len(unclear):,} of its times can be read in two ways. Row {where}, {text}: "
        f"{day.day} {day:%B} or {month.day} {month:%B}? Say it in the mapping file: "
        f"day_first = true for {day.day} {day:%B}, day_first = false for {month.day} {month:%B}."
    )
    if len(clear) == 1:
        first, example = next(iter(clear.items()))
        said += f" Elsewhere the {'day' if first else 'month'} comes first ({example})."
    elif clear:
        said += f" Both ways are in use ({' and '.join(clear.values())}): mend the file first."
    return said
