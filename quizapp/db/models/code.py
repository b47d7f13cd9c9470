"""Code submissions, the jobs that grade them, and the grades."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from quizapp.db.models.accounts import User
from quizapp.db.models.base import (
    Base,
    IdempotencyKey,
    Moment,
    PrimaryKey,
    PublicId,
    Slug,
    UtcDateTime,
    one_of,
)

JobState = Literal["queued", "running", "done", "dead", "cancelled"]


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Submission(Base):
    """A source file that was handed in, byte for byte. Append-only.

    `version_id` is the version of a course's own task that it answers; for the bank's it has none.
    With a `sitting_item_id` it answers a question of a quiz.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index(None, "user_id", "created_at", "id"),
        Index(None, "user_id", "task", "created_at", "id"),
        Index(
            "ix_submission_sitting_item_id",
            "sitting_item_id",
            **_where("sitting_item_id IS NOT NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    task: Mapped[Slug]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("problem_version.id"))
    sitting_item_id: Mapped[int | None] = mapped_column(ForeignKey("sitting_item.id"))
    source: Mapped[bytes]
    created_at: Mapped[Moment]
    idempotency_key: Mapped[IdempotencyKey]

    user: Mapped[User] = relationship()
    jobs: Mapped[list["Job"]] = relationship(back_populates="submission", order_by="Job.id")
    grades: Mapped[list["Grade"]] = relationship(order_by="Grade.id")
    # The newest of each, which is the one that counts: a regrade adds a row, and changes none.
    job: Mapped["Job"] = relationship(primaryjoin=lambda: _newest(Job), viewonly=True)
    grade: Mapped["Grade | None"] = relationship(primaryjoin=lambda: _newest(Grade), viewonly=True)


# What a student took back has used up no turn.
SERVED = "state <> 'queued' AND state <> 'cancelled'"
OPEN = "state IN ('queued', 'running')"


class Job(Base):
    """The truth about one grading of a submission: the first, or a later regrade.

    A submission has one open job at most, so that its grades come in the order of its jobs. The
    student's id stands on the job too, for the queue is fair by student.
    `attempts` counts claims. `lease_token` names the claim that holds a running job, until
    `lease_until`. `seed` is secret: whoever knows it knows the hidden inputs.
    """

    __tablename__ = "job"
    # Each query reads a few live rows however many have been finished.
    __table_args__ = (
        Index("ix_job_queued", "priority", "fair_key", "id", **_where("state = 'queued'")),
        Index("ix_job_own", "user_id", "priority", "fair_key", **_where("state = 'queued'")),
        Index("ix_job_running", "lease_until", **_where("state = 'running'")),
        Index("ix_job_served", "priority", "fair_key", **_where(SERVED)),
        Index("ix_job_dead", "id", **_where("state = 'dead'")),
        Index("uq_job_open", "submission_id", unique=True, **_where(OPEN)),
        Index(None, "submission_id", "id"),
    )

    id: Mapped[PrimaryKey]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    state: Mapped[JobState] = mapped_column(
        one_of(JobState, "state"),
        default="queued",
    )
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    task_version: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)
    priority: Mapped[int]
    fair_key: Mapped[int] = mapped_column(BigInteger)
    queued_at: Mapped[Moment]
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)

    submission: Mapped[Submission] = relationship(back_populates="jobs")


class Grade(Base):
    """What the grader said of a submission, once a job. Append-only."""

    __tablename__ = "grade"
    __table_args__ = (Index(None, "submission_id", "id"),)

    id: Mapped[PrimaryKey]
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), unique=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    verdict: Mapped[str] = mapped_column(String(32))
    score: Mapped[float]
    document: Mapped[dict[str, Any]]
    worker: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Moment]

    job: Mapped[Job] = relationship()


def _newest(model: type[Job] | type[Grade]) -> Any:
    """Return the join of a submission with the newest of its rows in `model`."""
    row = aliased(model)
    newest = select(func.max(row.id)).where(row.submission_id == model.submission_id)
    return and_(
        Submission.id == model.submission_id,
        model.id == newest.correlate(model).scalar_subquery(),
    )
