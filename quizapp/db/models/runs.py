"""Variants drawn together: mixed practice, and mock exams with a clock."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quizapp.db.models.base import Base, IdempotencyKey, Moment, PrimaryKey, PublicId, one_of
from quizapp.db.models.practice import Variant

RunKind = Literal["mixed", "exam"]


class Run(Base):
    """A student's set of problems; `settings` says what was asked for.

    An exam ends at `ends_at`, or when it is handed in: from `handed_in_at` on nothing more is
    saved, and at `marked_at` its answers have become attempts. Until then `item_open` is the
    position that was open at `seen_at`, by which its time is counted. Mixed practice has none
    of these.
    """

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index(None, "user_id", "created_at", "id"),
        Index(
            "ix_run_unmarked",
            "ends_at",
            sqlite_where=text("kind = 'exam' AND marked_at IS NULL"),
            postgresql_where=text("kind = 'exam' AND marked_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[RunKind] = mapped_column(one_of(RunKind, "kind"))
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[Moment]
    ends_at: Mapped[datetime | None]
    handed_in_at: Mapped[datetime | None]
    marked_at: Mapped[datetime | None]
    item_open: Mapped[int | None]
    seen_at: Mapped[datetime | None]
    idempotency_key: Mapped[IdempotencyKey]

    items: Mapped[list["RunItem"]] = relationship(back_populates="run", order_by="RunItem.position")


class RunItem(Base):
    """One problem of a run, by position from 1.

    In an exam, `responses` is what was typed last and `saved_at` when; `seconds` the time that
    the problem was open. Mixed practice keeps attempts alone.
    """

    __tablename__ = "run_item"
    __table_args__ = (UniqueConstraint("run_id", "position"),)

    id: Mapped[PrimaryKey]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    position: Mapped[int]
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id"), unique=True)
    responses: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_at: Mapped[datetime | None]
    seconds: Mapped[float] = mapped_column(default=0.0)

    run: Mapped[Run] = relationship(back_populates="items")
    variant: Mapped[Variant] = relationship()
