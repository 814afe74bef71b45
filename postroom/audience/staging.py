"""A list laid out in a temporary table, where it is compared before anything is written.

Everything is done by the database, set by set, so memory does not grow with the list. The same
statements run on SQLite and PostgreSQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from postroom.audience import suppression
from postroom.tables import ContactKind, Membership, Recipient, RecipientList
from postroom.tables.columns import JSON
from postroom.tables.statements import insert_into

CACHE_KILOBYTES = 12_288
ERASED_SHOWN = 20
staged = sa.Table(
    "staged_recipients",
    sa.MetaData(),
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("address_key", sa.LargeBinary, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("kind_said", sa.Boolean, nullable=False),
    sa.Column("school_urn", sa.String, nullable=False),
    sa.Column("school_name", sa.String, nullable=False),
    sa.Column("fields", JSON, nullable=False),
    prefixes=["TEMPORARY"],
)


Staged = tuple[int, str, bytes, str, bool, str, str, Mapping[str, str]]
"""A row, in the order of the table's columns."""


@dataclass(frozen=True)
class Counts:
    """How the staged people compare with the list as it is."""

    new: int
    changed: int
    unchanged: int
    suppressed: int  # among those three: they join the list and get no announcement
    no_research: int  # among those three too: they get announcements, and no research
    mailboxes: int  # among those three: role mailboxes, not named people
    elsewhere: int  # on the list, and not among the staged


def create(bench: sa.Connection) -> None:
    """Make the empty temporary table on *bench*."""
    if bench.dialect.name == "sqlite":
        # Indexes over hashes are written all over: without room they are read again and again.
        bench.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
    staged.create(bench)


def stage(bench: sa.Connection, rows: list[Staged]) -> None:
    """Lay out *rows* of the file.

    Goes to the driver by the shortest way: this is what an import does most.
    """
    insert = sa.insert(staged).compile(dialect=bench.dialect)
    names = [column.name for column in staged.columns]
    written = [(*row[:-1], _as_json(row[-1])) for row in rows]
    if insert.positional:
        if list(insert.positiontup or ()) != names:
            raise ValueError("the statement takes the columns in another order than the table")
        bench.exec_driver_sql(str(insert), written)
    else:
        named = [dict(zip(names, row, strict=True)) for row in written]
        bench.exec_driver_sql(str(insert), named)


def _as_json(fields: Mapping[str, str]) -> str:
    """Return *fields* as the json module and SQLAlchemy write them: they are compared as text."""
    return f"{{{', '.join([f'{quoted(n)}: {quoted(value)}' for n, value in fields.items()])}}}"


def index(bench: sa.Connection) -> None:
    """Index the staged rows by address. Once they are all there: that is cheaper."""
    bench.execute(sa.text("CREATE INDEX staged_by_address ON staged_recipients (address_key)"))


def rows_without(bench: sa.Connection, name: str) -> list[int]:
    """Return the numbers of the staged rows that say nothing in the field *name*, in order."""
    said = sa.func.coalesce(staged.c.fields[name].as_string(), "")
    return list(bench.scalars(sa.select(staged.c.row).where(said == "").order_by(staged.c.row)))


def compare(bench: sa.Connection, list_name: str, *, today: date) -> Counts:
    """Count the staged people against that list, and those held back on *today*. Read-only."""
    total = _count(bench, staged)
    on_list = sa.select(Membership, col(Recipient.address_key), col(Recipient.kind)).join_from(
        Membership, Recipient, col(Membership.recipient_id) == col(Recipient.id)
    )
    members = on_list.where(col(Membership.list_id).in_(_list_id(list_name))).subquery()
    both = staged.join(members, members.c.address_key == staged.c.address_key)
    known = _count(bench, both)
    same = sa.select(sa.func.count()).select_from(both).where(*_says_the_same(members.c))
    unchanged = bench.execute(same).scalar_one()
    suppressed = _held(bench, "announcement", today)
    return Counts(
        new=total - known,
        changed=known - unchanged,
        unchanged=unchanged,
        suppressed=suppressed,
        no_research=_held(bench, "research", today) - suppressed,
        mailboxes=_mailboxes(bench),
        elsewhere=_count(bench, members) - known,
    )


@dataclass(frozen=True)
class Erased:
    """Staged rows of people whose details were deleted at their wish: not to be stored again."""

    number: int = 0
    rows: tuple[int, ...] = ()
    """The first of them."""


def leave_out_erased(bench: sa.Connection, *, today: date) -> Erased:
    """Take the rows of the erased out of the staged ones; return which they were."""
    theirs = staged.c.address_key.in_(suppression.erased(today=today))
    first = sa.select(staged.c.row).where(theirs).order_by(staged.c.row).limit(ERASED_SHOWN)
    rows = tuple(bench.scalars(first))
    return Erased(bench.execute(sa.delete(staged).where(theirs)).rowcount, rows)


def write(bench: sa.Connection, list_id: int, file: str) -> None:
    """Put every staged person on the list, as *file* has them.

    Expects the write lock; does not commit.
    """
    bench.execute(
        insert_into(Recipient, bench.dialect)
        .from_select(
            ["address", "address_key", "kind", "not_working_in"],
            sa.select(staged.c.address, staged.c.address_key, staged.c.kind, sa.literal("")).where(
                sa.true()
            ),
        )
        .on_conflict_do_nothing()
    )
    said_so = sa.select(staged.c.address_key).where(staged.c.kind_said)
    theirs = staged.c.address_key == col(Recipient.address_key)
    bench.execute(
        sa.update(Recipient)
        .values(kind=sa.select(staged.c.kind).where(theirs).scalar_subquery())
        .where(col(Recipient.address_key).in_(said_so))
    )
    joining = sa.select(
        sa.literal(list_id),
        col(Recipient.id),
        sa.literal(file),
        staged.c.row,
        staged.c.school_urn,
        staged.c.school_name,
        staged.c.fields,
    ).join_from(staged, Recipient, col(Recipient.address_key) == staged.c.address_key)
    said = ["file", "row", "school_urn", "school_name", "fields"]
    # "where true": without it SQLite reads ON CONFLICT as part of the join.
    upsert = insert_into(Membership, bench.dialect).from_select(
        ["list_id", "recipient_id", *said], joining.where(sa.true())
    )
    bench.execute(
        upsert.on_conflict_do_update(
            index_elements=["list_id", "recipient_id"],
            set_={name: upsert.excluded[name] for name in said},
        )
    )


def take_off_others(bench: sa.Connection, list_id: int) -> int:
    """Take everyone not staged off the list; return how many. Expects the write lock."""
    staying = sa.select(col(Recipient.id)).join_from(
        staged, Recipient, col(Recipient.address_key) == staged.c.address_key
    )
    return bench.execute(
        sa.delete(Membership).where(
            col(Membership.list_id) == list_id, col(Membership.recipient_id).not_in(staying)
        )
    ).rowcount


def _says_the_same(member: Any) -> list[sa.ColumnElement[bool]]:
    same = [member[name] == staged.c[name] for name in ("school_urn", "school_name", "fields")]
    return [*same, ~staged.c.kind_said | (member["kind"] == staged.c.kind)]


def _mailboxes(bench: sa.Connection) -> int:
    """Count the staged mailboxes: as the list says, else as they are known, else as they look."""
    known = sa.case((staged.c.kind_said, None), else_=sa.cast(col(Recipient.kind), sa.String))
    kind = sa.func.coalesce(known, staged.c.kind)
    with_known = staged.outerjoin(Recipient, col(Recipient.address_key) == staged.c.address_key)
    mailboxes = sa.select(sa.func.count()).select_from(with_known)
    return bench.execute(mailboxes.where(kind == ContactKind.ROLE_MAILBOX.value)).scalar_one()


def _held(bench: sa.Connection, kind: str, today: date) -> int:
    held = suppression.held(kind, today=today).subquery()
    there = sa.select(sa.func.count(staged.c.address_key.distinct())).join_from(
        staged, held, held.c.address_key == staged.c.address_key
    )
    return bench.execute(there).scalar_one()


def _list_id(name: str) -> sa.Select[Any]:
    return sa.select(col(RecipientList.id)).where(col(RecipientList.name) == name)


def _count(bench: sa.Connection, what: sa.FromClause) -> int:
    return bench.execute(sa.select(sa.func.count()).select_from(what)).scalar_one()
