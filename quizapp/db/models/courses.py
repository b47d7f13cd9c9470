"""Courses, and who is what in them."""

from typing import Any, Literal, get_args

from sqlalchemy import JSON, Enum, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quizapp.db.models.accounts import User
from quizapp.db.models.base import Base, Moment, PrimaryKey

Role = Literal["owner", "instructor", "assistant", "student"]


class Course(Base):
    """A course, named in addresses by its slug.

    `midterm` is what its midterm is like, for mock exams: {topics, questions, minutes}.
    """

    __tablename__ = "course"

    id: Mapped[PrimaryKey]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Moment]
    midterm: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Enrolment(Base):
    """A user's one role in a course."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("course_id", "user_id"),)

    id: Mapped[PrimaryKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[Role] = mapped_column(
        Enum(*get_args(Role), native_enum=False, create_constraint=True, length=16, name="role")
    )
    created_at: Mapped[Moment]

    course: Mapped[Course] = relationship()
    user: Mapped[User] = relationship()
