"""How migrations run: with an engine of their own, each whole or not at all.

SQLite alters a table by copying it and dropping the original. With foreign keys enforced the
drop would cascade and delete the rows that refer to it, so they are off here, and checked
before the commit of each migration.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from quizapp.db.models import Base, UtcDateTime


def main() -> None:
    """Run what Alembic asked for on the database that the configuration names."""
    engine = migration_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            render_as_batch=True,
            render_item=render_item,
            on_version_apply=check_foreign_keys,
        )
        with context.begin_transaction():
            context.run_migrations()


def render_item(kind: str, value: Any, _context: object) -> str | bool:
    """Write our own types as SQLAlchemy's, so that a migration stands without the models."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def migration_engine(url: str) -> Engine:
    """Return an engine for `url` whose transactions include the schema's changes."""
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _connect_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_sqlite(connection: Any, _record: object) -> None:
    # By itself the driver begins no transaction before a change of schema.
    connection.isolation_level = None
    for pragma in ("busy_timeout = 30000", "journal_mode = WAL", "foreign_keys = OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def check_foreign_keys(ctx: Any, **_: Any) -> None:
    """Refuse a migration that leaves a row without the row it refers to."""
    if ctx.connection.dialect.name != "sqlite":
        return
    broken = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        message = f"this migration would leave rows without their parent in: {tables}"
        raise RuntimeError(message)


main()
