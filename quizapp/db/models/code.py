"""Code submissions, the jobs that grade them, and the grades."""

from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quizapp.db.models.base import (
    Base,
    IdempotencyKey,
    Moment,
    PrimaryKey,
    PublicId,
    Slug,
    UtcDateTime,
)

JobState = Literal["queued", "running", "done", "dead"]


class Submission(Base):
    """A source file that was handed in, byte for byte. Append-only."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index(None, "user_id", "created_at", "id"),
        Index(None, "user_id", "task", "created_at", "id"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    task: Mapped[Slug]
    source: Mapped[bytes]
    created_at: Mapped[Moment]
    idempotency_key: Mapped[IdempotencyKey]

    job: Mapped["Job"] = relationship(back_populates="submission")
    grade: Mapped["Grade | None"] = relationship(back_populates="submission")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Job(Base):
    """The truth about the grading of one submission.

    `attempts` counts claims. `lease_token` names the claim that holds a running job, until
    `lease_until`. `seed` is secret: whoever knows it knows the hidden inputs.
    """

    __tablename__ = "job"
    # Each query reads a few live rows however many have been finished.
    __table_args__ = (
        Index("ix_job_queued", "priority", "fair_key", "id", **_where("state = 'queued'")),
        Index("ix_job_running", "lease_until", **_where("state = 'running'")),
        Index("ix_job_served", "priority", "fair_key", **_where("state <> 'queued'")),
    )

    id: Mapped[PrimaryKey]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    state: Mapped[JobState] = mapped_column(
        Enum(
            *get_args(JobState), native_enum=False, create_constraint=True, length=16, name="state"
        ),
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

    submission: Mapped[Submission] = relationship(back_populates="job")


class Grade(Base):
    """What the grader said of a submission, once. Append-only."""

    __tablename__ = "grade"

    id: Mapped[PrimaryKey]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    verdict: Mapped[str] = mapped_column(String(32))
    score: Mapped[float]
    document: Mapped[dict[str, Any]]
    worker: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Moment]

    submission: Mapped[Submission] = relationship(back_populates="grade")
