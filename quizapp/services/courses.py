"""Courses, who is in them, and the demonstration course."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any, get_args

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from quizapp.db.engine import Database
from quizapp.db.models import Base, Course, Enrolment, Role, User, username_key
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import accounts

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?", re.ASCII)
MAX_TITLE = 200

RANKS: tuple[Role, ...] = ("student", "assistant", "instructor", "owner")
"""The roles; each may do what those before it may."""

DEMONSTRATION = ("demo", "Demonstration course")
DEMONSTRATION_MIDTERM: dict[str, Any] = {
    "topics": ["mlp", "cnn", "rnn", "losses"],
    "difficulties": [],
    "questions": 8,
    "minutes": 40,
}
DEMONSTRATION_ROLES: dict[str, Role] = {
    "demo-owner": "owner",
    "demo-student": "student",
}


@dataclass(frozen=True)
class Member:
    """A user in a course: what their role there lets them do."""

    user_id: int
    username: str
    course_id: int
    slug: str
    title: str
    role: Role
    time_zone: str

    def may(self, role: Role) -> bool:
        """Whether they may do what this role may."""
        return RANKS.index(self.role) >= RANKS.index(role)


@dataclass(frozen=True)
class Demonstration:
    """The demonstration course; `passwords` by username, of the accounts made just now."""

    course: Course
    passwords: dict[str, str] = field(repr=False)


def add(session: Session, slug: str, title: str) -> Course:
    """Add a course. Raises Invalid for its slug or title, Conflict when the slug is taken."""
    if not SLUG.fullmatch(slug):
        raise Invalid(
            "A course's short name has 1 to 80 characters: lower-case letters, digits and "
            "hyphens, with a letter or digit at both ends."
        )
    title = title.strip()
    if not title or len(title) > MAX_TITLE or not title.isprintable():
        raise Invalid(f"A course's title has 1 to {MAX_TITLE} characters, all of them printable.")
    course = Course(slug=slug, title=title)
    try:
        with session.begin_nested():
            session.add(course)
    except IntegrityError as error:
        raise Conflict(f"There is a course {slug} already. Choose another short name.") from error
    return course


def every(session: Session) -> list[Course]:
    """Return all courses by title."""
    return list(session.scalars(select(Course).order_by(Course.title, Course.id)))


def by_slug(session: Session, slug: str) -> Course:
    """Return a course. Raises NotFound."""
    found = None
    if SLUG.fullmatch(slug):
        found = session.scalars(select(Course).where(Course.slug == slug)).one_or_none()
    if found is None:
        raise NotFound("There is no such course.")
    return found


def enrol(session: Session, slug: str, username: str, role: Role) -> Enrolment:
    """Give a user a role in a course, in place of the one they had.

    Raises NotFound for the course or the user, Invalid for the role.
    """
    if role not in get_args(Role):
        raise Invalid(f"A role is one of {', '.join(get_args(Role))}.")
    course = by_slug(session, slug)
    user = None
    if accounts.USERNAME.fullmatch(username):
        user = session.scalars(
            select(User).where(User.username_key == username_key(username)).with_for_update()
        ).one_or_none()
    if user is None:
        raise NotFound(f"There is no user {username!a}.")
    enrolment = session.scalars(
        select(Enrolment).where(Enrolment.course_id == course.id, Enrolment.user_id == user.id)
    ).one_or_none()
    if enrolment is None:
        enrolment = Enrolment(course=course, user=user, role=role)
        session.add(enrolment)
    enrolment.role = role
    session.flush()
    return enrolment


_TABLES = Base.metadata.tables
_USERS, _COURSES, _ENROLMENTS = (
    _TABLES[model.__tablename__].c for model in (User, Course, Enrolment)
)
_MEMBER = (
    select(
        _USERS.id,
        _USERS.username,
        _COURSES.id,
        _COURSES.slug,
        _COURSES.title,
        _ENROLMENTS.role,
        _COURSES.time_zone,
    )
    .join_from(
        _TABLES[Enrolment.__tablename__],
        _TABLES[Course.__tablename__],
        _ENROLMENTS.course_id == _COURSES.id,
    )
    .join(_TABLES[User.__tablename__], _ENROLMENTS.user_id == _USERS.id)
    .where(_USERS.id == bindparam("user_id"), _COURSES.slug == bindparam("slug"))
)


def member(connection: Connection, user_id: int, slug: str) -> Member:
    """Return what a user is in a course. Raises NotFound where they are not in it."""
    row = None
    if SLUG.fullmatch(slug):
        row = connection.execute(_MEMBER, {"user_id": user_id, "slug": slug}).one_or_none()
    if row is None:
        raise NotFound("There is no such course among yours.")
    return Member(*row)


def of_user(session: Session, user_id: int) -> list[Enrolment]:
    """Return a user's enrolments, with their courses, by title."""
    return list(
        session.scalars(
            select(Enrolment)
            .join(Enrolment.course)
            .where(Enrolment.user_id == user_id)
            .order_by(Course.title, Course.id)
            .options(joinedload(Enrolment.course))
        )
    )


def midterms(session: Session, user_id: int) -> list[Course]:
    """Return a user's courses whose midterm is known."""
    mine = (enrolment.course for enrolment in of_user(session, user_id))
    return [course for course in mine if course.midterm]


def ensure_demonstration(database: Database) -> Demonstration:
    """Make the demonstration course, a student and an instructor, unless it is there.

    The accounts get random passwords, which only the call that made them returns. Raises
    Conflict when one of their usernames is taken by someone else's account.
    """
    slug, title = DEMONSTRATION
    with database.read() as session:
        course = session.scalars(select(Course).where(Course.slug == slug)).one_or_none()
    if course is not None:
        return Demonstration(course, {})
    passwords = {name: secrets.token_urlsafe(9) for name in DEMONSTRATION_ROLES}
    hashes = {name: accounts.HASHER.hash(password) for name, password in passwords.items()}
    with database.write() as session:
        course = add(session, slug, title)
        course.midterm = DEMONSTRATION_MIDTERM
        for name, role in DEMONSTRATION_ROLES.items():
            user = User(username=name, password_hash=hashes[name])
            session.add(Enrolment(course=course, user=user, role=role))
        try:
            session.flush()
        except IntegrityError as error:
            names = " and ".join(DEMONSTRATION_ROLES)
            raise Conflict(
                f"The demonstration needs the usernames {names}, and one of them is taken."
            ) from error
    return Demonstration(course, passwords)
