"""Gathers the statements that a database is sent."""

from contextlib import contextmanager

from sqlalchemy import event


@contextmanager
def statements(database):
    found = []

    def gather(_connection, _cursor, statement, *_):
        found.append(statement)

    for engine in database.engines:
        event.listen(engine, "before_cursor_execute", gather)
    try:
        yield found
    finally:
        for engine in database.engines:
            event.remove(engine, "before_cursor_execute", gather)
