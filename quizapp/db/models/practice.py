"""Drawn variants and what was answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quizapp.db.models.base import Base, IdempotencyKey, Moment, PrimaryKey, PublicId, Slug


class Variant(Base):
    """One drawn instance of a family, frozen whole in `document`.

    `seed` is 0 <= seed < 2**63. While it is `sealed`, as in an exam under way, no page but the
    exam's shows it. `version_id` is the version of a course's own problem that it is of; of the
    bank's families it has none. Of its columns only the last three ever change.
    """

    __tablename__ = "variant"
    __table_args__ = (
        Index(None, "user_id", "created_at", "id"),
        Index(None, "user_id", "family", "created_at", "id"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    family: Mapped[Slug]
    family_version: Mapped[int]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("problem_version.id"))
    seed: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[dict[str, Any]]
    created_at: Mapped[Moment]
    hints_shown: Mapped[int] = mapped_column(default=0)
    solution_shown_at: Mapped[datetime | None]
    sealed: Mapped[bool] = mapped_column(default=False)

    attempts: Mapped[list["Attempt"]] = relationship(
        back_populates="variant", order_by="Attempt.id"
    )


class Attempt(Base):
    """One marked answer to a variant, 0 <= score <= 1. Append-only."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("variant_id", "idempotency_key"),)

    id: Mapped[PrimaryKey]
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id"))
    responses: Mapped[dict[str, Any]]
    mark: Mapped[dict[str, Any]]
    score: Mapped[float]
    created_at: Mapped[Moment]
    idempotency_key: Mapped[IdempotencyKey]

    variant: Mapped[Variant] = relationship(back_populates="attempts")
