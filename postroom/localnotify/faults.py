"""Trouble on demand: rules, kept in the file, that make chosen requests go wrong.

A rule is a JSON object:

    {"do": "wait", "seconds": 10, "when": "before"}    answer late; the client may have gone
    {"do": "drop", "when": "after", "count": 3}        accept the next 3, close without an answer
    {"do": "drop", "on": "any"}                        be down
    {"do": "answer", "status": 504, "chance": 0.1, "seed": 7}      one in ten, the same each time
    {"do": "hold", "when": "before", "reference": "abc*"}          until the rule is cleared
    {"do": "end-as", "status": "technical-failure", "address": "*@bounce.example.com"}
    {"do": "delay-receipt", "seconds": 60, "chance": 0.5}     overtaken by receipts of later mail
    {"do": "repeat-receipt", "count": 3}                           post the next 3 twice

`when` is "before" the message is accepted (the default) or "after". `on` is "send" (the POST of an
email, the default), "read" (every other call of the API) or "any". `reference` and `address` are
shell patterns. `count` ends a rule after that many requests; `chance` (0 to 1) is drawn from
`seed`, so that a run can be repeated.
"""

import json
import random
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path

from postroom.localnotify.store import Store, connect, opened

FROM_FILE, FROM_CALL = "file", "call"
HOLDS = "(source = 'call' OR EXISTS (SELECT 1 FROM follower WHERE until > :now))"
"""A rule that came from a file holds only while a server lives that follows the file."""
STANDING = f"""SELECT id, rule FROM fault
               WHERE (remaining IS NULL OR remaining > 0) AND {HOLDS} ORDER BY id"""  # noqa: S608
WORDS = {
    "do": ("wait", "drop", "answer", "hold", "end-as", "delay-receipt", "repeat-receipt"),
    "when": ("before", "after"),
    "on": ("send", "read", "any"),
}
A_DAY = 86_400  # seconds
MANY = 10**15  # requests: SQLite counts no further than 2**63
NEED_SECONDS = ("wait", "delay-receipt")
STAGES = {"end-as": "end", "delay-receipt": "delay", "repeat-receipt": "repeat"}
ENDS = ("delivered", "permanent-failure", "temporary-failure", "technical-failure")


class BadFault(ValueError):
    """A rule that cannot be followed. Its text says which part, and what is allowed there."""


@dataclass(frozen=True)
class Fault:
    """One rule. What each part means is said at the head of this module."""

    do: str
    when: str = "before"
    on: str = "send"
    seconds: float = 0.0
    status: int | str = 500
    reference: str = "*"
    address: str = "*"
    chance: float = 1.0
    seed: int = 0
    count: int | None = None

    def __post_init__(self) -> None:
        for said in (*self._wrong_words(), *self._wrong_numbers()):
            raise BadFault(f"fault: {said}")

    def _wrong_words(self) -> Iterator[str]:
        for name, allowed in WORDS.items():
            if getattr(self, name) not in allowed:
                yield f"{name} is {getattr(self, name)!r}, which is none of {', '.join(allowed)}"
        for name in ("reference", "address"):
            if not isinstance(getattr(self, name), str):
                yield f"{name} is {getattr(self, name)!r}, which is no text"
        if self.do == "end-as" and self.status not in ENDS:
            yield f"status is {self.status!r}, which is none of {', '.join(ENDS)}"
        if self.do == "answer" and not _is_whole(self.status, 400, 599):
            yield f"status is {self.status!r}, which is no whole number from 400 to 599"

    def _wrong_numbers(self) -> Iterator[str]:
        if not _is_number(self.seconds, 0, A_DAY):
            yield f"seconds is {self.seconds!r}, which is no number from 0 to {A_DAY}"
        elif self.do in NEED_SECONDS and not self.seconds:
            yield f"seconds is missing, without which {self.do} does nothing"
        if not _is_number(self.chance, 0, 1):
            yield f"chance is {self.chance!r}, which is no number from 0 to 1"
        if not _is_whole(self.seed, -MANY, MANY):
            yield f"seed is {self.seed!r}, which is no whole number"
        if self.count is not None and not _is_whole(self.count, 1, MANY):
            yield f"count is {self.count!r}, which is no whole number from 1 upwards"


def _is_number(value: object, least: float, most: float) -> bool:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return known and least <= value <= most  # type: ignore[operator]  # not-a-number is neither


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and _is_number(value, least, most)


@dataclass(frozen=True)
class Asked:
    """What a fault may go by in a request."""

    kind: str  # "send" or "read"
    reference: str = ""
    address: str = ""


@dataclass(frozen=True)
class Held:
    """A request that waits for its rule to be cleared."""

    reference: str | None
    stage: str  # "before" or "after" its message was accepted
    since: str


def add_fault(path: Path, fault: Fault) -> int:
    """Add *fault* to the file at *path* and return its number. It holds from the next request on.

    Commits; the servers over the file need not be told.
    """
    with opened(path) as connection:
        return _insert(connection, fault, FROM_CALL)


def clear_faults(path: Path, number: int | None = None) -> None:
    """Take away fault *number*, or all of them. What they hold goes on. Commits."""
    with opened(path) as connection:
        connection.execute("DELETE FROM fault WHERE id = coalesce(?, id)", (number,))
        # Their own servers take these away too, unless they were killed meanwhile.
        connection.execute("DELETE FROM held WHERE fault_id = coalesce(?, fault_id)", (number,))


def held_requests(path: Path) -> list[Held]:
    """Return the requests that are being held, the longest first. Read-only."""
    with closing(connect(path)) as connection:
        rows = connection.execute("SELECT reference, stage, since FROM held ORDER BY id")
        return [Held(*row) for row in rows]


def wait_until_held(path: Path, count: int = 1, *, timeout: float = 60.0) -> list[Held]:
    """Wait until *count* requests are held, and return them.

    Raises `TimeoutError` after *timeout* seconds.
    """
    end = time.monotonic() + timeout
    while len(held := held_requests(path)) < count:
        if time.monotonic() > end:
            raise TimeoutError(f"{len(held)} requests are held after {timeout:g} s, not {count}.")
        time.sleep(0.01)
    return held


def read_faults(text: str) -> list[Fault]:
    """Return the rules in *text*, a JSON list of objects. Raises `BadFault`."""
    try:
        rules = json.loads(text or "[]")
    except ValueError as error:
        raise BadFault(f"fault: not JSON: {error}") from error
    except RecursionError as error:
        raise BadFault("fault: not JSON: it is nested too deeply") from error
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise BadFault("fault: a JSON list of objects is wanted")
    known = {field.name for field in fields(Fault)}
    for rule in rules:
        if unknown := set(rule) - known:
            raise BadFault(f"fault: there is no {', '.join(sorted(unknown))} in a fault")
        if "do" not in rule:
            raise BadFault("fault: do is missing")
    return [Fault(**rule) for rule in rules]


def replace_file_faults(connection: sqlite3.Connection, faults: Iterable[Fault]) -> None:
    """Let *faults* be the rules that came from the faults file, in the caller's transaction.

    A rule that was there before goes on as it was: what it holds stays held, its count goes on.
    """
    wanted = list(faults)
    rows = connection.execute("SELECT id, rule FROM fault WHERE source = ?", (FROM_FILE,))
    for number, rule in rows.fetchall():
        fault = Fault(**json.loads(rule))
        if fault in wanted:
            wanted.remove(fault)
        else:
            connection.execute("DELETE FROM fault WHERE id = ?", (number,))
    for fault in wanted:
        _insert(connection, fault, FROM_FILE)


def forget_dead_followers(connection: sqlite3.Connection, *, now: float) -> None:
    """Take away what was left by servers that were killed, in the caller's transaction."""
    connection.execute("DELETE FROM follower WHERE until <= ?", (now,))
    connection.execute(
        "DELETE FROM fault WHERE source = 'file' AND NOT EXISTS (SELECT 1 FROM follower)"
    )


def strike(store: Store, stage: str, asked: Asked) -> Iterator[tuple[int, Fault]]:
    """Yield the rules that hold for *asked* at this stage, with their numbers, in their order.

    The stages are "before" and "after" acceptance, "end" for how the message ends, and "delay" and
    "repeat" for its receipt. Each rule is drawn and counted down as it is yielded.
    """
    with store.reading() as connection:
        rows = connection.execute(STANDING, {"now": time.time()}).fetchall()
    for number, rule in rows:
        fault = Fault(**json.loads(rule))
        if _concerns(fault, stage, asked) and _drawn(store, number, fault):
            yield number, fault


def is_set(store: Store, number: int) -> bool:
    """Return whether rule *number* still holds."""
    known = {"id": number, "now": time.time()}
    with store.reading() as connection:
        row = connection.execute(f"SELECT 1 FROM fault WHERE id = :id AND {HOLDS}", known)  # noqa: S608
        return row.fetchone() is not None


def _insert(connection: sqlite3.Connection, fault: Fault, source: str) -> int:
    row = connection.execute(
        "INSERT INTO fault (source, rule, remaining) VALUES (?, ?, ?) RETURNING id",
        (source, json.dumps(asdict(fault)), fault.count),
    ).fetchone()
    return int(row[0])


def _concerns(fault: Fault, stage: str, asked: Asked) -> bool:
    return (
        STAGES.get(fault.do, fault.when) == stage
        and fault.on in (asked.kind, "any")
        and fnmatchcase(asked.reference, fault.reference)
        and fnmatchcase(asked.address, fault.address)
    )


def _drawn(store: Store, number: int, fault: Fault) -> bool:
    if fault.chance >= 1 and fault.count is None:
        return True
    with store.writing() as connection:
        row = connection.execute(
            "UPDATE fault SET draws = draws + 1 WHERE id = ? RETURNING draws", (number,)
        ).fetchone()
        if row is None or _chance(fault.seed, row[0]) >= fault.chance:
            return False
        counted = connection.execute(
            "UPDATE fault SET remaining = remaining - 1"
            " WHERE id = ? AND coalesce(remaining, 1) > 0",
            (number,),
        )
        return counted.rowcount == 1


def _chance(seed: int, draw: int) -> float:
    return random.Random(f"{seed}:{draw}").random()  # noqa: S311  # repeatable on purpose
