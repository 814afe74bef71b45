"""The register of schools brought in: all of it in one transaction, or none of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from postroom.audience import gias
from postroom.audience.gias import Extract
from postroom.database import Database
from postroom.errors import AudienceError
from postroom.progress import Progress
from postroom.tables import Event
from postroom.tables.statements import insert_into

OUTSIDE_ENGLAND = ("25", "30", "37")  # TypeOfEstablishment (code): offshore, Welsh, overseas
"""As the claim service reads the register (itt-mentor-services, app/services/gias)."""

SUCCESSOR = "successor"  # how every LinkType begins that names who took over
ROWS_A_BATCH = 5_000

"""Told, now and then, how many bytes have been read and how many there are."""

_schools: sa.Table = SQLModel.metadata.tables["schools"]
_staged = sa.Table(
    "staged_schools",
    sa.MetaData(),
    *(
        sa.Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable)
        for c in _schools.columns
    ),
    prefixes=["TEMPORARY"],
)


@dataclass
class Understood:
    """What an extract said, and what in it could not be used."""

    encoding: str = ""
    missing: tuple[str, ...] = ()
    """Headings of the register that are not in the file; their columns stay blank."""
    schools: int = 0
    links: int | None = None
    """Schools with a successor; None when no links were given."""
    without_urn: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    """Rows whose URN an earlier row has: the first is kept."""
    odd_dates: list[int] = field(default_factory=list)
    replaced: int = 0


@dataclass(frozen=True)
class Changes:
    """How the register was changed."""

    new: int
    changed: int
    unchanged: int
    kept: int  # here already, and not in the file


@contextmanager
def read_register(
    database: Database, file: Path, links: Path | None, *, progress: Progress
) -> Iterator[tuple[sa.Connection, Understood]]:
    """Lay the extract out in a temporary table; give it and what was understood, for `apply`.

    Links come from *links*, else from *file* when it is a zip that holds them too. Writes nothing
    that lasts. Raises `AudienceError` when a file is not an extract, or holds no school.
    """
    understood = Understood()
    if links is None and gias.holds_links(file):
        links = file
    successors = _successors(links) if links else {}
    understood.links = len(successors) if links else None
    with database.workbench() as bench:
        _staged.create(bench)
        with gias.open_extract(file) as extract:
            understood.encoding, understood.missing = extract.encoding, extract.missing
            _stage(bench, extract, understood, successors, progress)
            understood.replaced = extract.replaced
        if not understood.schools:
            raise AudienceError(f"{file}: there is no school in it. Nothing was imported.")
        bench.commit()  # nothing stays open meanwhile
        yield bench, understood


def apply(
    database: Database, bench: sa.Connection, understood: Understood, *, who: str, now: datetime
) -> Changes:
    """Write the staged schools in one transaction; return what changed. Records an event.

    Schools that are not in the file stay: an extract of one region must not lose the others.
    """
    names = [c.name for c in _schools.columns if c.name != "urn"]
    if understood.links is None:
        names.remove("successor_urn")  # nothing was said of successors: they stay as they are
    with database.writing_on(bench), Session(bench, join_transaction_mode="rollback_only") as s:
        changes = _compare(bench, names)
        every = [c.name for c in _schools.columns]
        insert = insert_into(_schools, bench.dialect).from_select(
            every, sa.select(*(_staged.c[name] for name in every)).where(sa.true())
        )
        bench.execute(
            insert.on_conflict_do_update(
                index_elements=["urn"], set_={name: insert.excluded[name] for name in names}
            )
        )
        details = asdict(changes) | {"successors": understood.links}
        s.add(Event(at=now, who=who, act="imported", target="schools", details=details))
        s.flush()
        bench.execute(sa.text("ANALYZE schools"))
    return changes


def _stage(
    bench: sa.Connection,
    extract: Extract,
    understood: Understood,
    successors: dict[str, str],
    progress: Progress,
) -> None:
    batch: list[dict[str, Any]] = []
    seen: set[str] = set()
    blank = dict.fromkeys(gias.COLUMNS, "")
    for number, cells in extract.rows:
        urn = cells["urn"]
        if not (urn.isascii() and urn.isdigit()):
            understood.without_urn.append(number)
        elif urn in seen:
            understood.repeated.append(number)
        else:
            seen.add(urn)
            dates = {name: _day(cells.get(name, ""), number, understood) for name in gias.DATES}
            batch.append(blank | cells | dates | {"successor_urn": successors.get(urn, "")})
        if len(batch) == ROWS_A_BATCH:
            bench.execute(sa.insert(_staged), batch)
            batch = []
            progress(extract.position(), extract.size)
    if batch:
        bench.execute(sa.insert(_staged), batch)
    understood.schools = len(seen)
    progress(extract.size, extract.size)


def _day(text: str, number: int, understood: Understood) -> date | None:
    try:
        return gias.read_date(text)
    except ValueError:
        understood.odd_dates.append(number)
        return None


def _successors(file: Path) -> dict[str, str]:
    """Return each closed school's URN with that of the school that took over from it last."""
    latest: dict[str, tuple[date, str]] = {}
    in_zip = gias.holds_links(file)
    with gias.open_extract(file, gias.LINK_COLUMNS, gias.LINKS_NEEDED, of_links=in_zip) as links:
        for _, link in links.rows:
            if link["kind"].lower().startswith(SUCCESSOR):
                day = _day(link.get("on", ""), 0, Understood()) or date.min
                found = day, link["other"]
                latest[link["urn"]] = max(latest.get(link["urn"], found), found)
    return {urn: other for urn, (_, other) in latest.items()}


def _compare(bench: sa.Connection, names: list[str]) -> Changes:
    both = _staged.join(_schools, _schools.c.urn == _staged.c.urn)
    differs = sa.or_(*(_staged.c[name].is_distinct_from(_schools.c[name]) for name in names))
    total, before = _count(bench, _staged), _count(bench, _schools)
    known = _count(bench, both)
    changed = bench.execute(
        sa.select(sa.func.count()).select_from(both).where(differs)
    ).scalar_one()
    return Changes(total - known, changed, known - changed, before - known)


def _count(bench: sa.Connection, what: sa.FromClause) -> int:
    return bench.execute(sa.select(sa.func.count()).select_from(what)).scalar_one()
