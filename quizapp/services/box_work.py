"""Does the work that is queued for the authors' box, a slice at a time."""

import logging
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from quizapp.db.engine import Database
from quizapp.db.models import BoxJob, BoxJobKind
from quizapp.errors import QuizappError
from quizapp.services import box_jobs, leases, pools, proving, regrading
from quizapp.services.box import Box, BoxFailed, Slice
from quizapp.services.box_jobs import BoxLease
from quizapp.services.heartbeat import Heartbeat

log = logging.getLogger("quizapp.box_work")


Work = Callable[[Database, Box, BoxJob], Slice]

WORK: dict[BoxJobKind, Work] = {
    "preview": proving.preview_slice,
    "prove": proving.prove_slice,
    "draw": pools.draw_slice,
    "regrade": regrading.regrade_slice,
}
"""What does a slice of each kind. It holds no transaction open while the box works."""


def work(database: Database, box: Box) -> bool:
    """Do one slice of the next job; return whether there was one.

    What a job's own rows make impossible ends it with the error's sentence. Where the box or we
    fail, it is tried again. Raises DBAPIError where the database does not answer.
    """
    with database.read() as session:
        if not box_jobs.waiting(session):
            return False
    with database.write() as session:
        lease = box_jobs.claim(session)
    if lease is None:
        return False
    with Heartbeat(lambda: _extend(database, lease), leases.LEASE / 3):
        _do(database, box, lease)
    return True


def _do(database: Database, box: Box, lease: BoxLease) -> None:
    job = lease.job
    try:
        done = WORK[job.kind](database, box, job)
        with database.write() as session:
            kept = box_jobs.keep(session, lease, done.done, done.result, finished=done.finished)
            if kept and done.store is not None:
                done.store(session)
    except DBAPIError:
        # Whatever was in hand is taken back when its lease expires.
        raise
    except QuizappError as error:
        log.warning("A slice of box job %d failed: %s", job.id, error.message)
        with database.write() as session:
            if isinstance(error, BoxFailed):
                box_jobs.retry(session, lease)
            else:
                box_jobs.fail(session, lease, error.message)
    except Exception:
        log.exception("A slice of box job %d broke.", job.id)
        with database.write() as session:
            box_jobs.retry(session, lease)


def _extend(database: Database, lease: BoxLease) -> None:
    with database.write() as session:
        box_jobs.heartbeat(session, lease)
