"""Sessions on SQLite and PostgreSQL, with the settings under which no update is lost.

pysqlite opens no transaction before a SELECT, so that read-modify-write is not isolated, and
a deferred BEGIN that upgrades fails at once whatever the timeout. So the driver is told to
begin nothing by itself, and every writing transaction begins with BEGIN IMMEDIATE.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from quizapp.config import database_url

# NaN is no JSON: PostgreSQL refuses it, so that SQLite must too.
to_json = partial(json.dumps, allow_nan=False, separators=(",", ":"))

# An error's text goes to a log, where tokens, seeds and password hashes must not.
COMMON: dict[str, Any] = {"json_serializer": to_json, "hide_parameters": True}

SQLITE_PRAGMAS = (
    "busy_timeout = 30000",  # first: those that follow may have to wait
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
)


class Database:
    """A database by URL (`sqlite:///...`, `postgresql://...`), opened at the first use.

    `read()` and `write()` are context managers that yield a Session; what they loaded may
    be read after they end. A `write()` commits when its block ends, and rolls back when it
    raises; nothing slow belongs inside it. A `read()` is one transaction that cannot write.
    """

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        sqlite = make_url(self.url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url) if sqlite else _postgresql_engine(self.url)
        self._reader = _sessions(self.engine.execution_options(postgresql_readonly=True))
        self._writer = _sessions(self.engine.execution_options(writes=True))
        _databases.add(self)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one state of the database and cannot change it."""
        with self._reader() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose changes are committed together, or not at all."""
        with self._writer.begin() as session:
            yield session

    def dispose(self) -> None:
        """Close the idle connections; the next session opens its own."""
        self.engine.dispose()


def now(session: Session) -> datetime:
    """Return the time in UTC by the clock that all processes share.

    On PostgreSQL that is the server's; an SQLite file is on one machine, with one clock.
    """
    if session.get_bind().dialect.name == "postgresql":
        return session.scalars(select(func.clock_timestamp())).one().astimezone(UTC)
    return datetime.now(UTC)


def _sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False)


def _postgresql_engine(url: str) -> Engine:
    return create_engine(url, pool_pre_ping=True, **COMMON)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, **COMMON)
    event.listen(engine, "connect", _connect_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    # Without query_only a write in a read() would be dropped at its end without a word.
    if connection.info.get("writes") is not writes:
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.info["writes"] = writes
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


# A connection that two processes share corrupts both, so none crosses a fork, whoever forks:
# idle ones are closed before, and what is still in use in the parent is forgotten in the child.
_databases: WeakSet[Database] = WeakSet()


def _before_fork() -> None:
    for database in list(_databases):
        database.engine.pool.dispose()


def _after_fork_in_child() -> None:
    for database in list(_databases):
        database.engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)
