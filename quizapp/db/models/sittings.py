"""Quizzes as students take them: sittings, answers, and what instructors change of the marks."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quizapp.db.models.accounts import User
from quizapp.db.models.base import Base, IdempotencyKey, Moment, PrimaryKey, PublicId
from quizapp.db.models.quizzes import PoolVariant, Quiz, QuizItem


class Sitting(Base):
    """One student's sitting of a quiz; a `preview` is an instructor's, and counts nowhere.

    It ends at `ends_at` (None: when the quiz is handed in), and from `handed_in_at` on nothing
    more is saved; at `marked_at` what was saved has been marked. `item_open` is the position that
    was open at `seen_at`, by which its time is counted.
    """

    __tablename__ = "sitting"
    __table_args__ = (
        Index(
            "uq_sitting_once",
            "quiz_id",
            "user_id",
            unique=True,
            sqlite_where=text("NOT preview"),
            postgresql_where=text("NOT preview"),
        ),
        Index(None, "user_id", "id"),
        Index(
            "ix_sitting_unmarked",
            "ends_at",
            sqlite_where=text("marked_at IS NULL"),
            postgresql_where=text("marked_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    preview: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[Moment]
    ends_at: Mapped[datetime | None]
    handed_in_at: Mapped[datetime | None]
    marked_at: Mapped[datetime | None]
    item_open: Mapped[int | None]
    seen_at: Mapped[datetime | None]

    quiz: Mapped[Quiz] = relationship()
    user: Mapped[User] = relationship()
    items: Mapped[list["SittingItem"]] = relationship(
        back_populates="sitting", order_by="SittingItem.position"
    )


class SittingItem(Base):
    """One question of a sitting, by position from 1: a variant of the pool, or a code task.

    `responses` is what was typed last and `saved_at` when; `seconds` the time that it was open.
    """

    __tablename__ = "sitting_item"
    __table_args__ = (
        UniqueConstraint("sitting_id", "position"),
        Index(None, "item_id", "sitting_id"),
    )

    id: Mapped[PrimaryKey]
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id", ondelete="CASCADE"))
    position: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("quiz_item.id"))
    variant_id: Mapped[int | None] = mapped_column(ForeignKey("pool_variant.id"))
    responses: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_at: Mapped[datetime | None]
    seconds: Mapped[float] = mapped_column(default=0.0)

    sitting: Mapped[Sitting] = relationship(back_populates="items")
    item: Mapped[QuizItem] = relationship()
    variant: Mapped[PoolVariant | None] = relationship()
    answers: Mapped[list["Answer"]] = relationship(
        back_populates="sitting_item", order_by="Answer.id"
    )
    overrides: Mapped[list["Override"]] = relationship(order_by="Override.id")


class Answer(Base):
    """One marked answer to a question of a sitting, 0 <= score <= 1. Append-only."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("sitting_item_id", "idempotency_key"),)

    id: Mapped[PrimaryKey]
    sitting_item_id: Mapped[int] = mapped_column(ForeignKey("sitting_item.id", ondelete="CASCADE"))
    responses: Mapped[dict[str, Any]]
    mark: Mapped[dict[str, Any]]
    score: Mapped[float]
    created_at: Mapped[Moment]
    idempotency_key: Mapped[IdempotencyKey]

    sitting_item: Mapped[SittingItem] = relationship(back_populates="answers")


class Override(Base):
    """A person's word on a question's points, which stands above every mark. Append-only.

    The newest counts; one whose `points` are None gives the question back to the marking.
    """

    __tablename__ = "override"
    __table_args__ = (Index(None, "sitting_item_id", "id"),)

    id: Mapped[PrimaryKey]
    sitting_item_id: Mapped[int] = mapped_column(ForeignKey("sitting_item.id", ondelete="CASCADE"))
    points: Mapped[float | None]
    comment: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[Moment]


class Regrade(Base):
    """A question marked anew, by another version or a rule: a dry run until it is applied.

    `settings` says how: {rule, version, never_lower}. Applied and not undone, its marks stand in
    place of those before it; the newest one counts. `ready_at` is when its dry run was complete.
    """

    __tablename__ = "regrade"
    __table_args__ = (Index(None, "item_id", "id"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    item_id: Mapped[int] = mapped_column(ForeignKey("quiz_item.id", ondelete="CASCADE"))
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[Moment]
    created_by: Mapped[str] = mapped_column(String(32))
    ready_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    applied_by: Mapped[str | None] = mapped_column(String(32))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(32))

    item: Mapped[QuizItem] = relationship()
    marks: Mapped[list["RegradeMark"]] = relationship(order_by="RegradeMark.id")


class RegradeVariant(Base):
    """What the files that a regrade marks by give for one variant, as a PoolVariant's `document`.

    Its statement is kept, but what the student saw is the variant's own.
    """

    __tablename__ = "regrade_variant"
    __table_args__ = (UniqueConstraint("regrade_id", "variant_id"),)

    id: Mapped[PrimaryKey]
    regrade_id: Mapped[int] = mapped_column(ForeignKey("regrade.id", ondelete="CASCADE"))
    variant_id: Mapped[int] = mapped_column(
        ForeignKey("pool_variant.id", ondelete="CASCADE"), index=True
    )
    document: Mapped[dict[str, Any]]


class RegradeMark(Base):
    """What a regrade makes of one answer, or of one submission of code.

    `before` is the score it was prepared against, and `score` the new one, 0 to 1.
    """

    __tablename__ = "regrade_mark"
    __table_args__ = (
        UniqueConstraint("regrade_id", "answer_id"),
        UniqueConstraint("regrade_id", "submission_id"),
    )

    id: Mapped[PrimaryKey]
    regrade_id: Mapped[int] = mapped_column(ForeignKey("regrade.id", ondelete="CASCADE"))
    answer_id: Mapped[int | None] = mapped_column(
        ForeignKey("answer.id", ondelete="CASCADE"), index=True
    )
    submission_id: Mapped[int | None] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), index=True
    )
    before: Mapped[float]
    score: Mapped[float]
    mark: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str] = mapped_column(Text)
