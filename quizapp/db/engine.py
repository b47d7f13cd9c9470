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
from typing import Any, Literal
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
    raises; nothing slow belongs inside it. A `read()` is one transaction that cannot write;
    so is `rows()`, for the few queries that nearly every request makes.
    """

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        if make_url(self.url).get_backend_name() == "sqlite":
            reader, writer = _sqlite_engine(self.url, "read"), _sqlite_engine(self.url, "write")
            self.engines = (reader, writer)
        else:
            writer = create_engine(self.url, pool_pre_ping=True, **COMMON)
            reader = writer.execution_options(postgresql_readonly=True)
            self.engines = (writer,)
        self._rows, self._reader, self._writer = reader, _sessions(reader), _sessions(writer)
        _databases.add(self)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one state of the database and cannot change it."""
        with self._reader() as session:
            yield session

    @contextmanager
    def rows(self) -> Iterator[Connection]:
        """Yield what a `read()` works on, for plain rows: a third of the work of entities."""
        with self._rows.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose changes are committed together, or not at all."""
        with self._writer.begin() as session:
            yield session

    def dispose(self) -> None:
        """Close the idle connections; the next session opens its own."""
        for engine in self.engines:
            engine.dispose()


def now(session: Session) -> datetime:
    """Return the time in UTC by the clock that all processes share.

    On PostgreSQL that is the server's; an SQLite file is on one machine, with one clock.
    """
    if session.get_bind().dialect.name == "postgresql":
        return session.scalars(select(func.clock_timestamp())).one().astimezone(UTC)
    return datetime.now(UTC)


def _sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False)


def _sqlite_engine(url: str, use: Literal["read", "write"]) -> Engine:
    """Return an engine whose connections only read, or only write.

    A connection that changed between the two would need a PRAGMA each time, after which SQLite
    compiles every statement anew.
    """
    engine = create_engine(url, **COMMON)
    begin = "BEGIN IMMEDIATE" if use == "write" else "BEGIN"

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        # Else a write in a read() would be dropped at its end without a word.
        connection.execute(f"PRAGMA query_only = {'ON' if use == 'read' else 'OFF'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


# A connection that two processes share corrupts both, so none crosses a fork, whoever forks:
# idle ones are closed before, and what is still in use in the parent is forgotten in the child.
_databases: WeakSet[Database] = WeakSet()


def _before_fork() -> None:
    for database in list(_databases):
        for engine in database.engines:
            engine.pool.dispose()


def _after_fork_in_child() -> None:
    for database in list(_databases):
        for engine in database.engines:
            engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)
