"""A person's own data: given out whole, and deleted whole."""

from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from quizapp.db.engine import Database
from quizapp.db.models import Base, Enrolment, Run, Submission, User, Variant
from quizapp.errors import NotFound
from quizapp.services import accounts

FORMAT = 1
TRIES = 10


def export(session: Session, user_id: int) -> dict[str, Any]:
    """Return everything that is kept about a person, as JSON has it; docs/export.md describes it.

    Keys and solutions come only with variants whose solution has been shown, problems of an exam
    under way not at all, and no secret that protects others' grading.
    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such user.")
    enrolments = session.scalars(
        select(Enrolment)
        .where(Enrolment.user_id == user_id)
        .options(selectinload(Enrolment.course))
    )
    variants = session.scalars(
        select(Variant)
        .where(Variant.user_id == user_id, ~Variant.sealed)
        .order_by(Variant.id)
        .options(selectinload(Variant.attempts))
    )
    runs = session.scalars(
        select(Run).where(Run.user_id == user_id).order_by(Run.id).options(selectinload(Run.items))
    )
    submissions = session.scalars(
        select(Submission)
        .where(Submission.user_id == user_id)
        .order_by(Submission.id)
        .options(selectinload(Submission.grade))
    )
    return {
        "format": FORMAT,
        "user": {
            "username": user.username,
            "display_name": user.display_name,
            "created_at": user.created_at.isoformat(),
            "shows_streak": user.shows_streak,
        },
        "courses": [
            {"slug": row.course.slug, "title": row.course.title, "role": row.role}
            for row in enrolments
        ],
        "variants": [_variant(row) for row in variants],
        "runs": [_run(row) for row in runs],
        "submissions": [_submission(row) for row in submissions],
    }


def delete_account(database: Database, user_id: int, password: str) -> None:
    """Delete a person with all that is theirs. Raises Invalid unless the password is right."""
    accounts.confirm_password(database, user_id, password)
    for tries_left in reversed(range(TRIES)):
        try:
            with database.write() as session:
                # No row that names the person is added from here on.
                session.scalars(select(User.id).where(User.id == user_id).with_for_update()).all()
                for table, theirs in reversed(_owned(user_id)):
                    session.execute(delete(table).where(theirs))
        except IntegrityError:
            # Another tab, or the grader, added to what was there: that goes too.
            if not tries_left:
                raise
        else:
            return


def _owned(user_id: int) -> list[tuple[Any, ColumnElement[bool]]]:
    """Return the tables that hold a person's rows, with which rows: all that lead to them.

    In the order of the foreign keys, so that a table that is added needs no line here.
    """
    people = Base.metadata.tables[User.__tablename__]
    rows: dict[Any, ColumnElement[bool]] = {people: people.c.id == user_id}
    for table in Base.metadata.sorted_tables:
        keys = [key for key in table.foreign_keys if key.column.table in rows]
        if table is not people and keys:
            rows[table] = or_(
                *(key.parent.in_(select(key.column).where(rows[key.column.table])) for key in keys)
            )
    return list(rows.items())


def _variant(row: Variant) -> dict[str, Any]:
    shown = row.solution_shown_at is not None
    return {
        "id": row.public_id,
        "family": row.family,
        "family_version": row.family_version,
        "title": row.document["title"],
        "created_at": row.created_at.isoformat(),
        "statement": row.document["statement"],
        "hints": row.document["hints"][: row.hints_shown],
        "solution": row.document["solution"] if shown else None,
        "keys": {part: spec["shown"] for part, spec in row.document["parts"].items() if shown},
        "attempts": [
            {
                "at": attempt.created_at.isoformat(),
                "responses": attempt.responses,
                "mark": attempt.mark,
                "score": attempt.score,
            }
            for attempt in row.attempts
        ],
    }


def _run(row: Run) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "kind": row.kind,
        "settings": row.settings,
        "created_at": row.created_at.isoformat(),
        "ends_at": row.ends_at.isoformat() if row.ends_at else None,
        "handed_in_at": row.handed_in_at.isoformat() if row.handed_in_at else None,
        "items": [
            {"position": item.position, "responses": item.responses, "seconds": item.seconds}
            for item in row.items
        ],
    }


def _submission(row: Submission) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "task": row.task,
        "created_at": row.created_at.isoformat(),
        "source": row.source.decode("utf-8", "replace"),
        "grade": row.grade.document if row.grade else None,
    }
