"""The queue of grading jobs: a table, so that a job and what it is about commit together.

Each function is one short transaction of its caller's `database.write()`. A claim hands out a
lease, as services/leases.py has it.
"""

import random
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, not_, or_, select, tuple_, update
from sqlalchemy.orm import Session, joinedload

from quizapp.db.engine import now
from quizapp.db.models import Grade, Job, JobState, ProblemVersion, Submission
from quizapp.errors import Conflict
from quizapp.services import leases

RETRY_AFTER = timedelta(seconds=2)
MAX_ERROR_CHARACTERS = 2000
FAR = 100
"""Places in the queue beyond which none is counted out: a long queue must not slow the pages."""

# Priorities: the lower goes first.
EXAM = 0
PRACTICE = 10
REGRADE = 20

QUEUED, RUNNING, DEAD, CANCELLED = (
    leases.in_state(Job, state) for state in ("queued", "running", "dead", "cancelled")
)
# What a student took back has used up no turn.
SERVED = and_(not_(QUEUED), not_(CANCELLED))


@dataclass(frozen=True)
class Lease:
    """The right to grade one job, until it expires or is lost.

    `files` are those of a course's own task; None for one of the bank.
    """

    job_id: int
    token: str = field(repr=False)
    submission_id: int
    task: str
    task_version: int
    source: bytes = field(repr=False)
    seed: int = field(repr=False)
    files: dict[str, str] | None = field(default=None, repr=False)


def enqueue(
    session: Session,
    submission: Submission,
    task_version: int,
    priority: int = PRACTICE,
    seed: int | None = None,
) -> Job:
    """Queue the grading of a submission: the first in the transaction that stores it.

    A regrade keeps the seed of the grading before it.
    """
    moment = now(session)
    job = Job(
        submission=submission,
        user_id=submission.user_id,
        task_version=task_version,
        seed=secrets.randbits(63) if seed is None else seed,
        priority=priority,
        fair_key=_fair_key(session, submission.user_id, priority),
        queued_at=moment,
        not_before=moment,
    )
    session.add(job)
    return job


def waiting(session: Session) -> bool:
    """Return whether a claim would find a job; it needs no write."""
    return leases.waiting(session, Job)


def claim(session: Session) -> Lease | None:
    """Take the next job in fair order, or return None."""
    claimed = leases.claim(session, Job, Job.priority, Job.fair_key, Job.id)
    if claimed is None:
        return None
    job, token = claimed
    submission = session.get_one(Submission, job.submission_id)
    version = session.get(ProblemVersion, submission.version_id) if submission.version_id else None
    return Lease(
        job_id=job.id,
        token=token,
        submission_id=submission.id,
        task=submission.task,
        task_version=job.task_version,
        source=submission.source,
        seed=job.seed,
        files=version.files if version else None,
    )


def heartbeat(session: Session, lease: Lease) -> bool:
    """Extend the lease; return False when it was lost."""
    return leases.extend(session, Job, lease.job_id, lease.token)


def finish(session: Session, lease: Lease, document: dict[str, Any], worker: str) -> bool:
    """Store the grade and end the job together; return False, and store nothing, if it was lost.

    `document` holds "verdict" and "score" (0 to 1); `worker` says who graded.
    """
    ended = {"state": "done", "lease_token": None, "lease_until": None, "error": None}
    if not leases.update_held(session, Job, lease.job_id, lease.token, **ended):
        return False
    session.add(
        Grade(
            job_id=lease.job_id,
            submission_id=lease.submission_id,
            verdict=document["verdict"],
            score=document["score"],
            document=document,
            worker=worker,
        )
    )
    session.flush()
    return True


def fail(session: Session, lease: Lease, reason: str) -> bool:
    """Give up a claim that failed through no fault of the submission: retry, or end as dead.

    Returns False when the lease was lost.
    """
    job = _leased(session, lease)
    if job is not None:
        _retry_or_bury(job, reason, now(session))
    return job is not None


def release(session: Session, lease: Lease) -> bool:
    """Put a job back as if it had not been claimed; return False when the lease was lost."""
    job = _leased(session, lease)
    if job is not None:
        job.attempts -= 1
        _requeue(job, now(session))
    return job is not None


def reap(session: Session) -> int:
    """Take back jobs whose lease has expired; return how many."""
    moment = now(session)
    expired = leases.expired(session, Job)
    for job in expired:
        _retry_or_bury(job, "The grader stopped before it had finished.", moment)
    return len(expired)


def cancel(session: Session, job_id: int) -> None:
    """Take a job out: one that waits, or a dead one. Raises Conflict for any other.

    A claim and a cancel cannot both have it: each changes the row only in the state it needs.
    """
    waits = (Job.id == job_id, or_(QUEUED, DEAD))
    if not leases.found_one(session, update(Job).where(*waits).values(state="cancelled")):
        raise Conflict("It is being graded or has been, so that it can no longer be taken back.")


def requeue(session: Session, job_id: int) -> None:
    """Give a dead job its attempts anew. Raises Conflict if it is not dead, or is superseded."""
    job = session.scalars(select(Job).where(Job.id == job_id, DEAD).with_for_update()).one_or_none()
    if job is None:
        raise Conflict(f"Job {job_id} is not dead, so that there is nothing to try again.")
    later = exists().where(Job.submission_id == job.submission_id, Job.id > job.id)
    if session.scalars(select(later)).one():
        raise Conflict(
            f"The submission of job {job_id} has a later job, which stands in its place."
        )
    job.attempts = 0
    _requeue(job, now(session))


def in_state(session: Session, state: JobState, limit: int = 1000) -> list[Job]:
    """Return the jobs in a state, oldest first, with submissions and users; no sources."""
    of = joinedload(Job.submission)
    query = select(Job).where(leases.in_state(Job, state))
    return list(
        session.scalars(
            query.order_by(Job.id)
            .limit(limit)
            .options(of.joinedload(Submission.user), of.defer(Submission.source, raiseload=True))
        )
    )


def position(session: Session, job: Job) -> int:
    """Return the place of a queued job in the queue, from 1; FAR for all from there on."""
    order = tuple_(Job.priority, Job.fair_key, Job.id)
    ahead = order < tuple_(job.priority, job.fair_key, job.id)
    counted = select(Job.id).where(QUEUED, ahead).limit(FAR - 1).subquery()
    return 1 + session.scalars(select(func.count()).select_from(counted)).one()


def _fair_key(session: Session, user_id: int, priority: int) -> int:
    """Return the turn in which this student's new job is due.

    Each turn serves each student once. A new job is due one turn after the last one served,
    or after the student's own last in the queue: 300 jobs of one student take 300 turns, and
    another student's first job is due in the next.
    """
    served = session.scalars(
        select(func.max(Job.fair_key)).where(SERVED, Job.priority == priority)
    ).one()
    own = session.scalars(
        select(func.max(Job.fair_key)).where(
            QUEUED, Job.priority == priority, Job.user_id == user_id
        )
    ).one()
    return max(served or 0, own or 0) + 1


def _leased(session: Session, lease: Lease) -> Job | None:
    return leases.held(session, Job, lease.job_id, lease.token)


def _retry_or_bury(job: Job, reason: str, moment: datetime) -> None:
    job.error = leases.stored_reason(reason, MAX_ERROR_CHARACTERS)
    if job.attempts >= leases.MAX_CLAIMS:
        job.state = "dead"
        job.lease_token = job.lease_until = None
        return
    # Jitter: what failed together should not come back together.
    wait = RETRY_AFTER * 2 ** (job.attempts - 1) * random.uniform(0.5, 1.5)  # noqa: S311
    _requeue(job, moment + wait)


def _requeue(job: Job, not_before: datetime) -> None:
    job.state = "queued"
    job.lease_token = job.lease_until = None
    job.not_before = not_before
