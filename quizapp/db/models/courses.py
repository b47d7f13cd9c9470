"""Courses, who is what in them, who is expected, and who changed what."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quizapp.db.models.accounts import User
from quizapp.db.models.base import Base, Moment, PrimaryKey, one_of, random_name

Role = Literal["owner", "instructor", "assistant", "student"]


class Course(Base):
    """A course, named in addresses by its slug.

    `midterm` is what its midterm is like, for mock exams: {topics, questions, minutes}. Whoever
    knows `join_code` may join as a student; without one nobody joins by themselves. The times of
    its quizzes are meant in `time_zone`, an IANA name. At `box_turn_at` the authors' box last took
    up work of it: courses take turns.
    """

    __tablename__ = "course"

    id: Mapped[PrimaryKey]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Moment]
    midterm: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    join_code: Mapped[str | None] = mapped_column(String(32), unique=True, default=random_name)
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    box_turn_at: Mapped[datetime | None]


class Enrolment(Base):
    """A user's one role in a course. `name` is how the course's roster writes them."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("course_id", "user_id"),)

    id: Mapped[PrimaryKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    name: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[Moment]

    course: Mapped[Course] = relationship()
    user: Mapped[User] = relationship()


class Invitation(Base):
    """A student of the roster who has no account of that username yet.

    Whoever joins by the course's code under that username takes its name.
    """

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("course_id", "username_key"),)

    id: Mapped[PrimaryKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    username_key: Mapped[str] = mapped_column(String(32))
    name: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[Moment]


class LogEntry(Base):
    """One change in a course, for its owners. Append-only.

    `actor` is the username at that moment, which stays when the account goes; `action` is a short
    name ("quiz.publish") and `text` the sentence that a person reads.
    """

    __tablename__ = "course_log"
    __table_args__ = (Index(None, "course_id", "id"),)

    id: Mapped[PrimaryKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    actor: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[Moment]
