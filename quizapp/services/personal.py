"""A person's own data: given out whole, and deleted whole."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

from problems.core import Mark
from problems.core import Variant as Frozen
from quizapp.db.engine import Database
from quizapp.db.models import (
    Base,
    Enrolment,
    ExtraTime,
    Quiz,
    Run,
    Sitting,
    SittingItem,
    Submission,
    User,
    Variant,
)
from quizapp.errors import NotFound
from quizapp.services import accounts, corrections, releases, scores

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
    sittings = session.scalars(
        select(Sitting)
        .where(Sitting.user_id == user_id)
        .order_by(Sitting.id)
        .options(
            joinedload(Sitting.quiz).joinedload(Quiz.course),
            selectinload(Sitting.items).options(
                joinedload(SittingItem.item),
                joinedload(SittingItem.variant),
                selectinload(SittingItem.answers),
                selectinload(SittingItem.overrides),
            ),
        )
    )
    extra_times = session.execute(
        select(Quiz.title, ExtraTime.minutes)
        .join(Quiz, Quiz.id == ExtraTime.quiz_id)
        .where(ExtraTime.user_id == user_id)
        .order_by(ExtraTime.id)
    )
    open_sittings, quizzes_taken = _quizzes(session, sittings.all())
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
        "submissions": [
            _submission(row) for row in submissions if row.sitting_item_id not in open_sittings
        ],
        "quizzes": quizzes_taken,
        "extra_times": [{"quiz": title, "minutes": minutes} for title, minutes in extra_times],
    }


def delete_account(database: Database, user_id: int, password: str) -> None:
    """Delete a person with all that is theirs. Raises Invalid unless the password is right."""
    accounts.confirm_password(database, user_id, password)
    for tries_left in reversed(range(TRIES)):
        try:
            with database.write() as session:
                # No row that names the person is added from here on.
                session.scalars(select(User.id).where(User.id == user_id).with_for_update()).all()
                # Whoever works at one holds it first, and then what is below it.
                for model in (Run, Sitting):
                    theirs = select(model.id).where(model.user_id == user_id).order_by(model.id)
                    session.scalars(theirs.with_for_update()).all()
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


def _quizzes(
    session: Session, sittings: Sequence[Sitting]
) -> tuple[set[int], list[dict[str, Any]]]:
    """Return the questions whose marks are not released yet, by id, and all sittings as JSON."""
    released = releases.released(session, sittings)
    corrected = corrections.of_sittings(session.connection(), released)
    marked = [row for row in sittings if row in released or row.quiz.feedback == "at_once"]
    last = [item.answers[-1] for row in marked for item in row.items if item.answers]
    marks = scores.marks_of(session, last)
    held = {item.id for row in sittings if row not in released for item in row.items}
    return held, [
        _sitting(row, corrected, marks, released=row in released, shown=row in marked)
        for row in sittings
    ]


def _sitting(
    row: Sitting,
    corrected: Mapping[int, Frozen],
    marks: Mapping[int, Mark],
    *,
    released: bool,
    shown: bool,
) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "course": row.quiz.course.slug,
        "quiz": row.quiz.title,
        "preview": row.preview,
        "started_at": row.started_at.isoformat(),
        "handed_in_at": row.handed_in_at.isoformat() if row.handed_in_at else None,
        "items": [
            _question(
                item,
                corrected.get(item.variant_id or 0),
                marks.get(item.answers[-1].id) if item.answers else None,
                released=released,
                shown=shown,
            )
            for item in row.items
        ],
    }


def _question(
    item: SittingItem,
    corrected: Frozen | None,
    mark: Mark | None,
    *,
    released: bool,
    shown: bool,
) -> dict[str, Any]:
    document = item.variant.document if item.variant else None
    solution = corrected.solution if corrected else document["solution"] if document else None
    return {
        "position": item.position,
        "title": item.item.title,
        "statement": document["statement"] if document else None,
        "solution": solution if released else None,
        "mark": mark.to_json() if mark else None,
        "responses": item.responses,
        "seconds": item.seconds,
        "answers": [
            {
                "at": answer.created_at.isoformat(),
                "responses": answer.responses,
                "mark": answer.mark if shown else None,
                "score": answer.score if shown else None,
            }
            for answer in item.answers
        ],
        "overrides": [
            {"at": row.created_at.isoformat(), "points": row.points, "comment": row.comment}
            for row in item.overrides
            if released
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
