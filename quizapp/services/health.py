"""Whether the service is well: the database answers, and the queue is short."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.sandbox import insecure
from quizapp.db.models import Grade, Job
from quizapp.services import box_jobs
from quizapp.services.jobs import QUEUED, RUNNING


def report(session: Session) -> dict[str, Any]:
    """Return the jobs waiting and running, of graders and of the authors' box, and the layers.

    `layers` are those of the latest grade's sandbox. They are None until something has been graded.
    """
    latest = session.scalars(select(Grade).order_by(Grade.id.desc()).limit(1)).one_or_none()
    layers = latest.document.get("layers") if latest else None
    return {
        "queued": session.scalars(select(func.count()).select_from(Job).where(QUEUED)).one(),
        "running": session.scalars(select(func.count()).select_from(Job).where(RUNNING)).one(),
        "authors": box_jobs.unfinished(session),
        "layers": layers,
        **({"warning": insecure.BANNER} if insecure.LAYER in (layers or ()) else {}),
    }
