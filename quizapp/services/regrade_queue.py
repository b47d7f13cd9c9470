"""Grading submissions anew when a task has changed: new rows, and the old grades stay.

The newest grade of a submission counts, and of a task the student's best submission. What answers
a question of a quiz is left out: its marks are changed by the course's instructors alone.
"""

from dataclasses import dataclass, field

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from quizapp.db import Database
from quizapp.db.models import Grade, Job, Submission
from quizapp.services import jobs

AT_ONCE = 100


@dataclass(frozen=True)
class Stale:
    """A submission whose newest job was for another version of its task.

    `verdict` and `score` are None where no grader could give any.
    """

    submission_id: int
    public_id: str
    username: str
    source: bytes = field(repr=False)
    seed: int = field(repr=False)
    version: int
    verdict: str | None
    score: float | None


def stale(session: Session, task_slug: str, version: int, after: int = 0) -> list[Stale]:
    """Return some of a task's submissions that `version` has not graded, by id, past `after`.

    What was taken back, and what still waits, is left alone.
    """
    rows = session.scalars(
        _stale(task_slug, version)
        .where(Submission.id > after)
        .options(joinedload(Submission.user), joinedload(Submission.grade).defer(Grade.document))
    )
    return [
        Stale(
            submission_id=row.id,
            public_id=row.public_id,
            username=row.user.username,
            source=row.source,
            seed=row.job.seed,
            version=row.job.task_version,
            verdict=row.grade.verdict if row.grade else None,
            score=row.grade.score if row.grade else None,
        )
        for row in rows
    ]


def enqueue(database: Database, task_slug: str, version: int) -> int:
    """Queue them all, behind what students wait for; return how many.

    Each keeps its secret seed: what differs between two grades is then the task's doing.
    """
    queued = 0
    while True:
        with database.write() as session:
            rows = session.scalars(_stale(task_slug, version)).all()
            for row in rows:
                jobs.enqueue(session, row, version, jobs.REGRADE, row.job.seed)
        if not rows:
            return queued
        queued += len(rows)


def _stale(task_slug: str, version: int) -> Select[Submission]:
    return (
        select(Submission)
        .join(Submission.job)
        .where(
            Submission.task == task_slug,
            Submission.sitting_item_id.is_(None),
            Job.task_version != version,
            Job.state.in_(("done", "dead")),
        )
        .order_by(Submission.id)
        .limit(AT_ONCE)
        .options(contains_eager(Submission.job))
    )
