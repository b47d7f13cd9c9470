"""The queue of work for the authors' box: previews, proofs, draws of quizzes' pools, regrades.

Like the queue of grading jobs a table and leases, but a job here is done in slices of a few
seconds: what one slice found is kept, and the job goes back into the queue, so that a preview
never waits for the whole of a proof. Courses take turns, a slice each: what one course asks for
keeps another waiting for one slice and no longer.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from quizapp.db.engine import now
from quizapp.db.models import BoxJob, BoxJobKind, BoxJobState, Course
from quizapp.errors import NotFound, TooMany
from quizapp.services import leases
from quizapp.services.keys import is_key

RETRY_AFTER = timedelta(seconds=1)
MAX_WAITING: dict[BoxJobKind, int] = {"preview": 30, "draw": 300, "prove": 300, "regrade": 300}
"""Jobs of one course that may wait at a time.

A quiz of 100 questions has 100 draws. A draft has one preview, and a course's own draws wait for
its previews: 30 that never end hold them up for some five minutes.
"""
KEPT = timedelta(days=1)
"""How long the previews and proofs that have ended can be looked at."""
MAX_ERROR_CHARACTERS = 1000

PRIORITY: dict[BoxJobKind, int] = {"preview": 0, "draw": 1, "prove": 2, "regrade": 3}
"""Within a course the lower goes first."""

STOPPED = "The sandbox stopped several times before it had an answer. Start this again."

_PLURAL: dict[BoxJobKind, str] = {
    "preview": "previews",
    "draw": "draws",
    "prove": "proofs",
    "regrade": "regrades",
}

_QUEUED, _RUNNING = leases.in_state(BoxJob, "queued"), leases.in_state(BoxJob, "running")


@dataclass(frozen=True)
class BoxLease:
    """The right to do one slice of a job, until it expires or is lost.

    `job` is the job as it was claimed.
    """

    job: BoxJob
    token: str = field(repr=False)


def enqueue(
    session: Session, course_id: int, kind: BoxJobKind, request: dict[str, Any], total: int = 1
) -> BoxJob:
    """Queue work for the box; `total` says how many steps it has.

    Raises TooMany where the course has as many of this kind waiting as one course may.
    """
    of_kind = BoxJob.course_id == course_id, BoxJob.kind == kind
    waits = select(func.count()).select_from(BoxJob).where(_QUEUED, *of_kind)
    if session.scalars(waits).one() >= MAX_WAITING[kind]:
        raise TooMany(
            f"{MAX_WAITING[kind]} {_PLURAL[kind]} of this course wait already. Try again when they "
            "are done."
        )
    job = BoxJob(
        course_id=course_id,
        kind=kind,
        request=request,
        priority=PRIORITY[kind],
        total=total,
        not_before=now(session),
    )
    session.add(job)
    session.flush()
    return job


def find(session: Session, course_id: int, public_id: str) -> BoxJob:
    """Return a job of this course. Raises NotFound."""
    job = None
    if is_key(public_id):
        job = session.scalars(
            select(BoxJob).where(BoxJob.public_id == public_id, BoxJob.course_id == course_id)
        ).one_or_none()
    if job is None:
        raise NotFound("There is no such work in this course.")
    return job


def unfinished(session: Session) -> int:
    """Return how many jobs wait or are being done."""
    counts = (
        select(func.count()).select_from(BoxJob).where(state) for state in (_QUEUED, _RUNNING)
    )
    return sum(session.scalars(count).one() for count in counts)


def forget(session: Session, course_id: int, kind: BoxJobKind) -> None:
    """Delete a course's jobs of a kind that ended long ago, and whose pages are closed."""
    session.execute(
        delete(BoxJob)
        .where(BoxJob.course_id == course_id, BoxJob.kind == kind)
        .where(BoxJob.state.in_(("done", "failed")), BoxJob.created_at < now(session) - KEPT)
    )


def drop(session: Session, course_id: int, version_id: int) -> None:
    """Delete what is asked of a version that goes: SQLite may give its id to another."""
    jobs = session.scalars(
        select(BoxJob).where(BoxJob.course_id == course_id, BoxJob.kind.in_(("preview", "prove")))
    )
    for job in jobs:
        if job.request.get("version_id") == version_id:
            session.delete(job)


def waiting(session: Session) -> bool:
    """Return whether a claim would find a job; it needs no write."""
    return leases.waiting(session, BoxJob)


def claim(session: Session) -> BoxLease | None:
    """Take the next job of the course that has waited longest for its turn, or return None."""
    turn = select(Course.box_turn_at).where(Course.id == BoxJob.course_id).scalar_subquery()
    order = turn.nulls_first(), BoxJob.priority, BoxJob.not_before, BoxJob.id
    claimed = leases.claim(session, BoxJob, *order)
    if claimed is None:
        return None
    lease = BoxLease(*claimed)
    course = update(Course).where(Course.id == lease.job.course_id)
    session.execute(course.values(box_turn_at=now(session)))
    return lease


def heartbeat(session: Session, lease: BoxLease) -> bool:
    """Extend the lease; return False when it was lost."""
    return leases.extend(session, BoxJob, lease.job.id, lease.token)


def keep(
    session: Session, lease: BoxLease, done: int, result: dict[str, Any], *, finished: bool
) -> bool:
    """Keep a slice: `done` of the steps and `result` are all so far. Queue what is left.

    Returns False, and keeps nothing, when the lease was lost.
    """
    job = _leased(session, lease)
    if job is None:
        return False
    job.done, job.result = done, result
    job.not_before = now(session)  # the others that wait come first
    job.attempts = 0
    job.error = None
    _put_down(job, "done" if finished else "queued")
    return True


def retry(session: Session, lease: BoxLease) -> bool:
    """Give up a claim that ended in no slice: try again later, or end as failed.

    Returns False when the lease was lost.
    """
    job = _leased(session, lease)
    if job is not None:
        _retry_or_end(session, job)
    return job is not None


def fail(session: Session, lease: BoxLease, reason: str) -> bool:
    """End a job that cannot be done, with a sentence; return False when the lease was lost."""
    job = _leased(session, lease)
    if job is not None:
        _end(job, reason)
    return job is not None


def reap(session: Session) -> int:
    """Take back jobs whose lease has expired; return how many."""
    expired = leases.expired(session, BoxJob)
    for job in expired:
        _retry_or_end(session, job)
    return len(expired)


def _leased(session: Session, lease: BoxLease) -> BoxJob | None:
    return leases.held(session, BoxJob, lease.job.id, lease.token)


def _retry_or_end(session: Session, job: BoxJob) -> None:
    if job.attempts >= leases.MAX_CLAIMS:
        _end(job, STOPPED)
        return
    job.not_before = now(session) + RETRY_AFTER * 2 ** (job.attempts - 1)
    _put_down(job, "queued")


def _end(job: BoxJob, reason: str) -> None:
    job.error = leases.stored_reason(reason, MAX_ERROR_CHARACTERS)
    _put_down(job, "failed")


def _put_down(job: BoxJob, state: BoxJobState) -> None:
    job.state = state
    job.lease_token = job.lease_until = None
