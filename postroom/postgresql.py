"""PostgreSQL as the workspace's database: how it is opened, locked, and what its troubles mean.

SQLite lets one writer in at a time, and our rules are written for that. Here an advisory lock of
the transaction gives the same: most writers hold it alone, senders hold it together and lock the
rows they touch, so that several machines claim, send and record beside each other.
"""

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.engine import Engine

from postroom.errors import DatabaseError

DRIVER = "psycopg[binary,pool]==3.3.9"
"""What the wheel's extra asks for. It is named itself: our wheel is in no package index."""

ALONE, BESIDE = "alone", "beside"
"""How a transaction writes: nobody else does meanwhile, or only others that lock their rows."""

LOCKS = {ALONE: "pg_advisory_xact_lock", BESIDE: "pg_advisory_xact_lock_shared"}
WRITERS = 0x6F757472  # the lock's number: any will do that nobody else uses in this database
CONNECT_SECONDS = 10
IDLE_SECONDS = 60
"""A writer that does nothing for this long is ended by the server and its work undone: a machine
that was suspended or cut off must not hold the lock for the others."""

# By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) or, where the driver
# gives none because the connection was refused, by the server's words.
SERVER_TROUBLES = {
    "25006": "The database server takes no changes at present: it is read-only, as a stand-by is. "
    "Run this again once it does, or let OUTREACH_DATABASE_URL name the server that does.",
    "25P03": "The database server ended a transaction that stood idle. Run this again.",
    "25P04": "The database server ended a transaction that took too long. Run this again.",
    "57014": "The database server broke off what took too long (statement_timeout), or somebody "
    "there did. Run this again; if it comes back, allow more time there.",
    "42501": "The account in OUTREACH_DATABASE_URL may not do this in that database. Let it own "
    "the database and every table in it, then run this again.",
    "42P01": "A table is missing in the database, or hidden from the account in "
    "OUTREACH_DATABASE_URL. Look whether it is the right database; if so, restore a backup.",
    "3F000": "The account in OUTREACH_DATABASE_URL sees no schema to work in. Let it own the "
    "database and its schema, then run this again.",
    "authentication failed": "The database server refused the account or its password. Check "
    "OUTREACH_DATABASE_URL.",
    "does not exist": "The database server has no account or no database of that name. Make it, "
    "or check OUTREACH_DATABASE_URL.",
    "permission denied": "The database server lets this account not into that database. Allow it "
    "there, or check OUTREACH_DATABASE_URL.",
    "too many": "The database server has no connection free. End a program that uses it, or allow "
    "more connections there.",
    "40001": "Two programs changed the same at once. Nothing was changed: run this again.",
    "40P01": "Two programs waited for each other's rows. Nothing was changed: run this again.",
    "53100": "The database server's disk is full. Make room and run this again: it goes on from "
    "where it was.",
    "57P01": "The database server was shut down. Run this again once it is back.",
}
OUR_BUGS = (
    sa.exc.IntegrityError,
    sa.exc.DataError,
    sa.exc.ProgrammingError,
    sa.exc.NotSupportedError,
)
"""What the driver calls so is a mistake of ours, but for the troubles above: it is a traceback."""
ELSEWHERE = ("25006", "25P03", "25P04")
"""States after which a connection is of no more use: another may lead to the server that writes."""


def open_engine(url: SecretStr, *, busy_seconds: float) -> Engine:
    """Return an engine for the server at *url*; nothing is asked of the server yet.

    A writer waits *busy_seconds* for the others. Raises `DatabaseError` for an address that is
    none, and when psycopg is not installed.
    """
    try:
        address = sa.make_url(url.get_secret_value())
        if address.get_backend_name() != "postgresql":
            raise DatabaseError("OUTREACH_DATABASE_URL must begin with postgresql://")
        engine = sa.create_engine(
            address.set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": CONNECT_SECONDS},
            pool_pre_ping=True,
            hide_parameters=True,  # an error must not show whom it was about
        )
    except sa.exc.ArgumentError:
        # Not chained: the library's own error quotes the address, and so the password.
        raise DatabaseError("OUTREACH_DATABASE_URL is not a database address.") from None
    except ModuleNotFoundError as error:
        raise DatabaseError(
            "PostgreSQL needs the psycopg library, which is not installed here. In a clone "
            f"./outreach installs it; beside an installed wheel: pip install '{DRIVER}'"
        ) from error

    def begin(connection: sa.Connection) -> None:
        writing = connection.get_execution_options().get("outreach_writing")
        if writing:
            connection.exec_driver_sql(_first_statement(LOCKS[writing], busy_seconds))

    sa.event.listen(engine, "begin", begin)
    sa.event.listen(engine, "handle_error", _leave_connections_of_no_use)
    return engine


def trouble_in_words(error: sa.exc.DBAPIError) -> str | None:
    """Return what a driver's *error* means and what to do, or None for a mistake of ours."""
    state, said = getattr(error.orig, "sqlstate", None), str(error.orig)
    if state in SERVER_TROUBLES:
        return SERVER_TROUBLES[state]
    if state is None or state.startswith("08"):  # the class of connection errors
        for words, meaning in SERVER_TROUBLES.items():
            if words in said:
                return meaning
        if state or "connect" in said or "consuming input" in said:
            return (
                "The database server does not answer. Check OUTREACH_DATABASE_URL and the server."
            )
    if state is None or isinstance(error, OUR_BUGS):
        return None
    # Not in its own words: they may quote whom it was about.
    return (
        f"The database server could not do this (its code: {state}). Its log says more. Mend "
        "that, and run this again."
    )


def _leave_connections_of_no_use(context: sa.engine.ExceptionContext) -> None:
    if getattr(context.original_exception, "sqlstate", None) in ELSEWHERE:
        context.is_disconnect = True  # this and every idle one are replaced


def _first_statement(lock: str, busy_seconds: float) -> str:
    # One statement, so one trip to the server. It ends with the transaction: a connection taken
    # from a pool, ours or a proxy's, keeps nothing of it.
    return (
        f"SELECT set_config('lock_timeout', '{busy_seconds * 1000:.0f}ms', true),"
        f" set_config('idle_in_transaction_session_timeout', '{IDLE_SECONDS}s', true),"
        " set_config('synchronous_commit', 'on', true),"  # a commit survives a power cut
        f" {lock}({WRITERS})"
    )
