"""Leases on the rows of a queue: what the grading jobs and the work of the authors' box share.

A claim hands a row to one worker, with a token, until a moment; no lock is held meanwhile. Whoever
lost the lease can change nothing any more, which is what makes each job done once.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, Update, exists, literal_column, select, update
from sqlalchemy.orm import Session

from quizapp.db.engine import now
from quizapp.db.models import BoxJob, Job

LEASE = timedelta(seconds=30)
MAX_CLAIMS = 3
REAPED_AT_ONCE = 100

Row = TypeVar("Row", Job, BoxJob)


def in_state(table: type[Row], state: str) -> ColumnElement[bool]:
    """Return the condition that a row is in a state.

    With a literal and not a parameter: only then do the databases use the partial indexes.
    """
    return table.state == literal_column(f"'{state}'")


def waiting(session: Session, table: type[Row]) -> bool:
    """Return whether a claim would find a row; it needs no write."""
    due = exists().where(in_state(table, "queued"), table.not_before <= now(session))
    return session.scalars(select(due)).one()


def claim(session: Session, table: type[Row], *order: Any) -> tuple[Row, str] | None:
    """Take the first row in this order that is due, and return it with the token of its lease.

    The claim itself counts as an attempt, so that a job which kills its worker ends too.
    """
    moment = now(session)
    row = session.scalars(
        select(table)
        .where(in_state(table, "queued"), table.not_before <= moment)
        .order_by(*order)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    token = secrets.token_urlsafe(16)
    row.state = "running"
    row.attempts += 1
    row.lease_token = token
    row.lease_until = moment + LEASE
    return row, token


def held(session: Session, table: type[Row], row_id: int, token: str) -> Row | None:
    """Return the row that this token leases, locked; None when the lease was lost."""
    query = select(table).where(*_holding(table, row_id, token)).with_for_update()
    return session.scalars(query).one_or_none()


def extend(session: Session, table: type[Row], row_id: int, token: str) -> bool:
    """Extend a lease; return False when it was lost."""
    return update_held(session, table, row_id, token, lease_until=now(session) + LEASE)


def update_held(session: Session, table: type[Row], row_id: int, token: str, **values: Any) -> bool:
    """Change the row that this token leases; return False when the lease was lost."""
    holding = update(table).where(*_holding(table, row_id, token))
    return found_one(session, holding.values(**values))


def found_one(session: Session, statement: Update) -> bool:
    """Carry out a change of one row; return whether there was the row."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount == 1


def expired(session: Session, table: type[Row]) -> Sequence[Row]:
    """Return some rows whose leases have expired, locked.

    This is a query of its own: together with the claim it would read all finished jobs.
    """
    return session.scalars(
        select(table)
        .where(in_state(table, "running"), table.lease_until < now(session))
        .order_by(table.lease_until)
        .limit(REAPED_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()


def stored_reason(reason: str, longest: int) -> str:
    """Return why a job failed as it is stored: cut, and without NUL, which PostgreSQL refuses."""
    return reason.replace("\x00", "?")[:longest]


def _holding(
    table: type[Row], row_id: int, token: str
) -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    return table.id == row_id, table.lease_token == token, in_state(table, "running")
