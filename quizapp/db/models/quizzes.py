"""Quizzes as instructors make them, and the variants that are drawn ahead for them."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quizapp.db.models.authoring import BoxJob, ProblemKind, ProblemVersion
from quizapp.db.models.base import Base, Moment, PrimaryKey, PublicId, one_of
from quizapp.db.models.courses import Course

Feedback = Literal["at_once", "after_closing"]


class Quiz(Base):
    """A quiz of a course. Students see it once it is `published`.

    It opens at `opens_at` and closes at `closes_at`; None is at once, or never. `minutes` is the
    time that a student has from their start. With feedback at once, an answer can be given
    `tries` times, and each wrong one takes `penalty`, a share of the points; with feedback after
    closing, the last answer that was saved is marked, once. Each question has `variants` drawn
    ahead.
    """

    __tablename__ = "quiz"

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    introduction: Mapped[str] = mapped_column(Text, default="")
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    minutes: Mapped[int | None]
    feedback: Mapped[Feedback] = mapped_column(
        one_of(Feedback, "feedback"),
        default="after_closing",
    )
    tries: Mapped[int] = mapped_column(default=1)
    penalty: Mapped[float] = mapped_column(default=0.0)
    access_code: Mapped[str | None] = mapped_column(String(64))
    variants: Mapped[int] = mapped_column(default=30)
    published: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]

    course: Mapped[Course] = relationship()
    sections: Mapped[list["QuizSection"]] = relationship(
        back_populates="quiz", order_by="QuizSection.position", cascade="all, delete-orphan"
    )
    extra_times: Mapped[list["ExtraTime"]] = relationship(cascade="all, delete-orphan")


class QuizSection(Base):
    """A section of a quiz. A student gets `pick` of its questions, drawn by lot; None is all."""

    __tablename__ = "quiz_section"
    __table_args__ = (Index(None, "quiz_id", "position"),)

    id: Mapped[PrimaryKey]
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200), default="")
    pick: Mapped[int | None]

    quiz: Mapped[Quiz] = relationship(back_populates="sections")
    items: Mapped[list["QuizItem"]] = relationship(
        back_populates="section", order_by="QuizItem.position", cascade="all, delete-orphan"
    )


class QuizItem(Base):
    """A question of a quiz: a family with some parameters pinned, or a code task.

    `slug` names a family or a task of the bank; or else `version` is a course's own. `draw` is the
    newest work of drawing its variants ahead. An item that was taken out after students had begun
    is `retired`: it is given to nobody any more.
    """

    __tablename__ = "quiz_item"
    __table_args__ = (Index(None, "section_id", "position"),)

    id: Mapped[PrimaryKey]
    section_id: Mapped[int] = mapped_column(ForeignKey("quiz_section.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[ProblemKind] = mapped_column(one_of(ProblemKind, "kind"))
    slug: Mapped[str | None] = mapped_column(String(80))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("problem_version.id"))
    title: Mapped[str] = mapped_column(String(200))
    pins: Mapped[dict[str, Any]] = mapped_column(default=dict)
    draw_id: Mapped[int | None] = mapped_column(ForeignKey("box_job.id", ondelete="SET NULL"))
    points: Mapped[float] = mapped_column(default=1.0)
    retired: Mapped[bool] = mapped_column(default=False)

    section: Mapped[QuizSection] = relationship(back_populates="items")
    version: Mapped[ProblemVersion | None] = relationship()
    draw: Mapped[BoxJob | None] = relationship()


class PoolVariant(Base):
    """A variant that was drawn ahead and proven by both engines.

    It is of a quiz's question, or of a published version, for practice. `document` is a
    problems.core.Variant's, frozen. Append-only.
    """

    __tablename__ = "pool_variant"
    __table_args__ = (
        UniqueConstraint("item_id", "seed"),
        UniqueConstraint("version_id", "seed"),
    )

    id: Mapped[PrimaryKey]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("quiz_item.id", ondelete="CASCADE"))
    version_id: Mapped[int | None] = mapped_column(
        ForeignKey("problem_version.id", ondelete="CASCADE")
    )
    seed: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[dict[str, Any]]
    created_at: Mapped[Moment]


class ExtraTime(Base):
    """Minutes that one student has beyond the quiz's time limit, and beyond its closing."""

    __tablename__ = "extra_time"
    __table_args__ = (UniqueConstraint("quiz_id", "user_id"),)

    id: Mapped[PrimaryKey]
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    minutes: Mapped[int]
