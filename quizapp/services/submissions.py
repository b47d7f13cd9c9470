"""Handing in code, and following what becomes of it.

What answers a question of a quiz is seen there alone: each function here that finds submissions
takes the question, and without one finds those for practice.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer, joinedload

from grader.core import Limits
from quizapp.db.models import Grade, JobState, Submission
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import accounts, jobs
from quizapp.services.keys import idempotency_key, is_key

MAX_SOURCE_BYTES = Limits().source_bytes


@dataclass(frozen=True)
class Target:
    """What a submission answers: a task in a version, and in a quiz the question.

    `task` is the slug of one of the bank; or "course/slug", with the id of the course's version.
    """

    task: str
    task_version: int
    version_id: int | None = None
    sitting_item_id: int | None = None


@dataclass(frozen=True)
class Status:
    """Where a submission stands.

    `state` is its newest job's; `position` is its place in the queue, from 1, while that is
    "queued". `grade` is the newest, which counts; while a regrade waits, it is the one before.
    `earlier` are the grades that a regrade has replaced, newest first.
    """

    submission: Submission
    state: JobState
    position: int | None
    grade: Grade | None
    earlier: tuple[Grade, ...] = ()


def submit(
    session: Session,
    user_id: int,
    target: Target,
    source: bytes,
    form_key: str,
    priority: int = jobs.PRACTICE,
) -> Submission:
    """Store a submission and its job together; the same form again returns the first.

    The caller answers only after its session has committed. Raises Invalid for a source of
    more than 64 KiB or a malformed key, NotFound for no such user.
    """
    once = idempotency_key(form_key, target.task, source)
    if len(source) > MAX_SOURCE_BYTES:
        raise Invalid(f"The file is larger than {MAX_SOURCE_BYTES // 1024} KiB. Send less.")
    # One student's submissions go one after the other, so that a key finds its first use.
    accounts.lock(session, user_id)
    first = session.scalars(
        select(Submission).where(Submission.user_id == user_id, Submission.idempotency_key == once)
    ).one_or_none()
    if first is not None:
        return first
    submission = Submission(
        user_id=user_id,
        task=target.task,
        version_id=target.version_id,
        sitting_item_id=target.sitting_item_id,
        source=source,
        idempotency_key=once,
    )
    session.add(submission)
    jobs.enqueue(session, submission, target.task_version, priority)
    session.flush()
    return submission


def status(
    session: Session, user_id: int, public_id: str, sitting_item_id: int | None = None
) -> Status:
    """Return where a submission stands. Raises NotFound unless it is the user's own."""
    submission = find(session, user_id, public_id, sitting_item_id)
    job = submission.job
    *earlier, grade = [None, *submission.grades]
    return Status(
        submission=submission,
        state=job.state,
        position=jobs.position(session, job) if job.state == "queued" else None,
        grade=grade,
        earlier=tuple(filter(None, reversed(earlier))),
    )


def find(
    session: Session, user_id: int, public_id: str, sitting_item_id: int | None = None
) -> Submission:
    """Return a submission with its newest job. Raises NotFound unless it is the user's own."""
    found = None
    if is_key(public_id):
        found = session.scalars(
            select(Submission)
            .where(Submission.public_id == public_id, Submission.user_id == user_id)
            .where(Submission.sitting_item_id == sitting_item_id)
            .options(joinedload(Submission.job))
        ).one_or_none()
    if found is None:
        raise NotFound("There is no such submission.")
    return found


def take_back(session: Session, user_id: int, public_id: str) -> None:
    """Cancel the grading of a submission that waits for its first.

    Raises NotFound unless it is the user's own, Conflict once it is being graded: a regrade is
    the instructor's, and only they can end it.
    """
    submission = find(session, user_id, public_id)
    if submission.job.state == "cancelled":
        return
    if submission.job.state != "queued" or submission.job.priority == jobs.REGRADE:
        raise Conflict("It is being graded or has been, so that it can no longer be taken back.")
    jobs.cancel(session, submission.job.id)


def own(
    session: Session,
    user_id: int,
    task_slug: str | None = None,
    limit: int = 50,
    sitting_item_id: int | None = None,
) -> list[Submission]:
    """Return a user's submissions, of one task or all, newest first, with jobs and grades.

    Their sources and the grades' documents, which a list does not show, are left unread.
    """
    query = select(Submission).where(
        Submission.user_id == user_id, Submission.sitting_item_id == sitting_item_id
    )
    if task_slug is not None:
        query = query.where(Submission.task == task_slug)
    return list(
        session.scalars(
            query.order_by(Submission.created_at.desc(), Submission.id.desc())
            .limit(limit)
            .options(
                defer(Submission.source, raiseload=True),
                joinedload(Submission.job),
                joinedload(Submission.grade).defer(Grade.document, raiseload=True),
            )
        )
    )


def last_source(
    session: Session, user_id: int, task_slug: str, sitting_item_id: int | None = None
) -> bytes | None:
    """Return the source that a user handed in last for a task, or None."""
    return session.scalars(
        select(Submission.source)
        .where(Submission.user_id == user_id, Submission.task == task_slug)
        .where(Submission.sitting_item_id == sitting_item_id)
        .order_by(Submission.created_at.desc(), Submission.id.desc())
        .limit(1)
    ).one_or_none()


def best_scores(session: Session, user_id: int) -> dict[str, float]:
    """Return a user's best score, 0 to 1, in each task that has a grade, in practice.

    Of the grades of one submission the newest counts, so that a regrade can lower a score too.
    """
    rows = session.execute(
        select(Submission.task, func.max(Grade.score).label("best"))
        .join(Submission.grade)
        .where(Submission.user_id == user_id, Submission.sitting_item_id.is_(None))
        .group_by(Submission.task)
    )
    return {row.task: row.best for row in rows}
