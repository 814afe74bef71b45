"""Spreadsheets of people who asked not to be emailed, GOV.UK Notify's own report among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from sqlmodel import Session

from postroom.audience import columns, suppression
from postroom.audience.addresses import normalise
from postroom.audience.columns import NOTHING_SAID, matched
from postroom.audience.exports import as_it_was
from postroom.audience.spreadsheets import open_spreadsheet
from postroom.audience.workbooks import LeftOut
from postroom.errors import InvalidAddress
from postroom.keys import Keys
from postroom.tables import Scope

FROM_NOTIFY = "Unsubscribe request received at"
"""A heading that only Notify's report has (notifications-admin, unsubscribe request reports)."""


@dataclass(frozen=True)
class OptOut:
    """One person's wish, as a row tells it."""

    address_key: bytes
    when: str
    """As Notify's report writes it; blank from any other spreadsheet."""

    @property
    def asked_at(self) -> datetime | None:
        """When that was, where it can be read. The report writes times as email headers do."""
        try:
            at = parsedate_to_datetime(self.when)
        except ValueError:
            return None
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass
class OptOuts:
    """A spreadsheet of wishes that was read, and not recorded yet."""

    format: str
    left_out: LeftOut
    is_notifys: bool
    wishes: list[OptOut] = field(default_factory=list)
    """Each address once, in file order."""
    bad: list[tuple[int, str, str]] = field(default_factory=list)
    """Row, value and why, of rows without an address that Notify would take."""


def read_opt_outs(
    file: Path,
    keys: Keys,
    *,
    sheet: str = "",
    encoding: str = "",
    said: Mapping[str, str] = NOTHING_SAID,
) -> OptOuts:
    """Read *file*, any spreadsheet with a column of addresses. Raises `AudienceError`.

    *said* may name that column: {"address": HEADING}. Nothing else in the file is kept, but when
    Notify was asked.
    """
    with open_spreadsheet(
        file,
        is_sought=columns.sought(said),
        sought="“email address”",
        sheet=sheet,
        encoding=encoding,
    ) as opened:
        understood = columns.understand(str(file), opened.headings, said)
        when = _position(opened.headings, FROM_NOTIFY)
        found = OptOuts(opened.format, opened.left_out, when is not None)
        seen: set[bytes] = set()
        for number, cells in opened.rows:
            address = as_it_was(understood.contact(cells).address)
            try:
                key = keys.address_key(normalise(address))
            except InvalidAddress as error:
                found.bad.append((number, address, str(error)))
                continue
            if key not in seen:
                seen.add(key)
                asked = cells[when] if when is not None and when < len(cells) else ""
                found.wishes.append(OptOut(key, asked))
    return found


def record(
    session: Session,
    found: OptOuts,
    *,
    scope: Scope,
    reason: str,
    who: str,
    now: datetime,
    asked_at: datetime | None = None,
) -> int:
    """Record every wish; return how many were not recorded before. Does not commit.

    Each counts from when Notify was asked, else from *asked_at*, else from *now*; what Notify's
    report says of it is part of the reason. Records an event for each.
    """
    return sum(
        suppression.add(
            session,
            wish.address_key,
            scope=scope,
            reason=f"{reason}, {wish.when}" if wish.when else reason,
            who=who,
            now=now,
            asked_at=wish.asked_at or asked_at,
        )
        for wish in found.wishes
    )


def _position(headings: Sequence[str], heading: str) -> int | None:
    sought = matched(heading)
    return next((at for at, one in enumerate(headings) if matched(one) == sought), None)
