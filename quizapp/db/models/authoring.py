"""Problems that a course's instructors write, their versions, and the work of proving them."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quizapp.db.models.base import Base, Moment, PrimaryKey, PublicId, Slug, UtcDateTime, one_of
from quizapp.db.models.courses import Course

ProblemKind = Literal["family", "task"]
BoxJobKind = Literal["preview", "prove", "draw", "regrade"]
BoxJobState = Literal["queued", "running", "done", "failed"]


class Problem(Base):
    """A family or a code task of a course.

    Its newest published version is the one that is drawn from. `hidden` takes it from the
    students, and deletes nothing.
    """

    __tablename__ = "problem"
    __table_args__ = (UniqueConstraint("course_id", "slug"),)

    id: Mapped[PrimaryKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    slug: Mapped[Slug]
    kind: Mapped[ProblemKind] = mapped_column(one_of(ProblemKind, "kind"))
    created_at: Mapped[Moment]
    hidden: Mapped[bool] = mapped_column(default=False)

    course: Mapped[Course] = relationship()
    versions: Mapped[list["ProblemVersion"]] = relationship(
        back_populates="problem",
        order_by="ProblemVersion.number",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    @property
    def published(self) -> "ProblemVersion | None":
        """The version that is drawn from; None before the first was published."""
        return next((v for v in reversed(self.versions) if v.published_at), None)

    @property
    def draft(self) -> "ProblemVersion | None":
        """The version that is being written, if there is one."""
        return next((v for v in self.versions if not v.published_at), None)


class ProblemVersion(Base):
    """The files of a problem, by name. A version without `published_at` is the draft: one at most.

    `revision` counts the draft's saves, so that nobody writes over what they have not seen. `head`
    is what the box said of the files (title, topic, parts, ...) and `proof` what it proved, both
    of the revision that they name. Once published, nothing in it changes.
    """

    __tablename__ = "problem_version"
    __table_args__ = (UniqueConstraint("problem_id", "number"),)

    id: Mapped[PrimaryKey]
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id", ondelete="CASCADE"))
    number: Mapped[int]
    files: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=1)
    head: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    proof: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[Moment]
    saved_at: Mapped[Moment]
    saved_by: Mapped[str] = mapped_column(String(32))
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None] = mapped_column(String(32))

    problem: Mapped[Problem] = relationship(back_populates="versions")


class BoxJob(Base):
    """Work for the authors' box, done in slices: between two slices it is queued again.

    `request` says what to do and `result` holds what has been found so far; `done` of `total`
    steps are behind it. `attempts` counts claims that ended in no slice. It is leased as a
    grading job is.
    """

    __tablename__ = "box_job"
    __table_args__ = (
        Index(
            "ix_box_job_queued",
            "priority",
            "not_before",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_box_job_running",
            "lease_until",
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), index=True)
    kind: Mapped[BoxJobKind] = mapped_column(one_of(BoxJobKind, "kind"))
    request: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[BoxJobState] = mapped_column(
        one_of(BoxJobState, "state"),
        default="queued",
    )
    priority: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=1)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Moment]
