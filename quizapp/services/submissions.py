"""Handing in code, and following what becomes of it."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from quizapp.db.models import Grade, JobState, Submission, User
from quizapp.errors import Invalid, NotFound
from quizapp.services import jobs

MAX_SOURCE_BYTES = 64 * 1024
KEY = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Status:
    """Where a submission stands.

    `position` is its place in the queue, from 1, while `state` is "queued"; `grade` is there
    when it is "done". `reason` says for staff what failed, when a grader did.
    """

    submission: Submission
    state: JobState
    position: int | None
    grade: Grade | None
    reason: str | None


def submit(
    session: Session,
    user_id: int,
    task_slug: str,
    task_version: int,
    source: bytes,
    idempotency_key: str,
    priority: int = jobs.PRACTICE,
) -> Submission:
    """Store a submission and its job together; the same key again returns the first.

    The caller answers only after its session has committed. Raises Invalid for a source of
    more than 64 KiB or a malformed key, NotFound for no such user.
    """
    if not KEY.fullmatch(idempotency_key):
        raise Invalid("This form was sent incompletely. Reload the page and send it again.")
    if len(source) > MAX_SOURCE_BYTES:
        raise Invalid(f"The file is larger than {MAX_SOURCE_BYTES // 1024} KiB. Send less.")
    # One student's submissions go one after the other, so that a key finds its first use.
    owner = select(User.id).where(User.id == user_id).with_for_update(key_share=True)
    if session.scalars(owner).one_or_none() is None:
        raise NotFound("There is no such user.")
    first = session.scalars(
        select(Submission).where(
            Submission.user_id == user_id, Submission.idempotency_key == idempotency_key
        )
    ).one_or_none()
    if first is not None:
        return first
    submission = Submission(
        user_id=user_id, task=task_slug, source=source, idempotency_key=idempotency_key
    )
    session.add(submission)
    jobs.enqueue(session, submission, task_version, priority)
    session.flush()
    return submission


def status(session: Session, user_id: int, public_id: str) -> Status:
    """Return where a submission stands. Raises NotFound unless it is the user's own."""
    submission = None
    if KEY.fullmatch(public_id):
        submission = session.scalars(
            select(Submission)
            .where(Submission.public_id == public_id, Submission.user_id == user_id)
            .options(joinedload(Submission.job), joinedload(Submission.grade))
        ).one_or_none()
    if submission is None:
        raise NotFound("There is no such submission.")
    job = submission.job
    return Status(
        submission=submission,
        state=job.state,
        position=jobs.position(session, job) if job.state == "queued" else None,
        grade=submission.grade,
        reason=job.error,
    )


def own(
    session: Session, user_id: int, task_slug: str | None = None, limit: int = 50
) -> list[Submission]:
    """Return a user's submissions, of one task or all, newest first, with jobs and grades."""
    query = select(Submission).where(Submission.user_id == user_id)
    if task_slug is not None:
        query = query.where(Submission.task == task_slug)
    return list(
        session.scalars(
            query.order_by(Submission.created_at.desc(), Submission.id.desc())
            .limit(limit)
            .options(joinedload(Submission.job), joinedload(Submission.grade))
        )
    )
