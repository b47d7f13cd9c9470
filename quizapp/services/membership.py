"""Who is in a course: joining by its code, the list of its people, and their roles."""

from dataclasses import dataclass

from sqlalchemy import Select, case, delete, func, or_, select
from sqlalchemy.orm import Session, joinedload

from quizapp.db.models import Course, Enrolment, Invitation, Role, User, random_name, username_key
from quizapp.errors import Conflict, Forbidden, Invalid, NotFound
from quizapp.services import accounts, course_log, courses, time_zones
from quizapp.services.courses import RANKS, Member
from quizapp.services.keys import is_key

PAGE = 100
"""People in one page of the list."""

NOBODY = "There is nobody of that username in the course."
LAST_OWNER = (
    "is the course's last owner, and a course needs one. Make somebody else an owner first."
)


@dataclass(frozen=True)
class People:
    """One page of a course's people, highest role first, and how many there are in all."""

    enrolments: list[Enrolment]
    total: int

    def pages(self) -> int:
        """Return how many pages they fill."""
        return max(1, -(-self.total // PAGE))


def may_create(session: Session, user_id: int) -> bool:
    """Whether a user may make courses: owners and instructors of one may."""
    teaches = select(Enrolment.id).where(
        Enrolment.user_id == user_id, Enrolment.role.in_(("owner", "instructor"))
    )
    return session.scalars(teaches.limit(1)).first() is not None


def create(session: Session, user_id: int, slug: str, title: str, time_zone: str = "UTC") -> Course:
    """Make a course, whose owner is its maker.

    Raises Forbidden for who teaches no course, Invalid for its slug, title or time zone, Conflict
    when the slug is taken.
    """
    if not may_create(session, user_id):
        raise Forbidden(
            "Who teaches a course may make another. Ask the operator of this site for your first."
        )
    accounts.lock(session, user_id)
    course = courses.add(session, slug, title)
    course.time_zone = time_zones.checked(time_zone)
    session.add(Enrolment(course=course, user_id=user_id, role="owner"))
    session.flush()
    maker = courses.member(session.connection(), user_id, slug)
    course_log.record(session, maker, "course.add", f"Made the course {course.title}.")
    return course


def by_code(session: Session, code: str) -> Course:
    """Return the course that this code joins. Raises NotFound."""
    found = None
    if is_key(code):
        found = session.scalars(select(Course).where(Course.join_code == code)).one_or_none()
    if found is None:
        raise NotFound(
            "No course has this code. It may be mistyped, or turned off since: ask your "
            "instructor for the present one."
        )
    return found


def join(session: Session, user_id: int, code: str) -> Course:
    """Make a user a student of the course of this code; who is in it stays what they are.

    An invitation of their username gives them its name. Raises NotFound for the code.
    """
    accounts.lock(session, user_id)
    course = lock(session, by_code(session, code).id)
    if course.join_code != code:
        raise NotFound("The code of this course has just changed. Ask for the new one.")
    user = session.get_one(User, user_id)
    if _find(session, course.id, user.username) is None:
        invitation = session.scalars(
            select(Invitation).where(
                Invitation.course_id == course.id, Invitation.username_key == user.username_key
            )
        ).one_or_none()
        name = invitation.name if invitation else None
        session.add(Enrolment(course_id=course.id, user_id=user_id, role="student", name=name))
        if invitation:
            session.delete(invitation)
    return course


def reset_code(session: Session, member: Member) -> None:
    """Give a course a new code; the old one joins nobody any more."""
    lock(session, member.course_id).join_code = random_name()
    course_log.record(session, member, "people.code", "Made a new code to join the course.")


def close_code(session: Session, member: Member) -> None:
    """Take a course's code away, so that nobody joins by themselves."""
    lock(session, member.course_id).join_code = None
    course_log.record(session, member, "people.code", "Turned off joining by code.")


def people(session: Session, course_id: int, search: str = "", page: int = 1) -> People:
    """Return a page of a course's people whose name or username holds the text."""
    if not search.isprintable():  # PostgreSQL has no text with a NUL in it
        return People([], 0)
    chosen = _matching(select(Enrolment).join(Enrolment.user), course_id, search)
    counted = _matching(select(func.count(Enrolment.id)).join(Enrolment.user), course_id, search)
    rank = case({role: RANKS.index(role) for role in RANKS}, value=Enrolment.role)
    shown = func.lower(func.coalesce(Enrolment.name, User.username))
    rows = session.scalars(
        chosen.order_by(rank.desc(), shown, Enrolment.id)
        .options(joinedload(Enrolment.user))
        .limit(PAGE)
        .offset(PAGE * (page - 1))
    )
    return People(list(rows), session.scalars(counted).one())


def _matching(query: Select, course_id: int, search: str) -> Select:
    query = query.where(Enrolment.course_id == course_id)
    if search:
        query = query.where(
            or_(
                Enrolment.name.icontains(search, autoescape=True),
                User.username.icontains(search, autoescape=True),
            )
        )
    return query


def invitations(session: Session, course_id: int) -> list[Invitation]:
    """Return who is expected in a course and has no account yet, by username."""
    return list(
        session.scalars(
            select(Invitation)
            .where(Invitation.course_id == course_id)
            .order_by(Invitation.username_key)
        )
    )


def change_role(session: Session, member: Member, username: str, role: str) -> Enrolment:
    """Give somebody of the course another role, by an owner.

    Raises NotFound for who is not in the course, Invalid for the role, and Conflict for the
    course's last owner.
    """
    lock(session, member.course_id)
    enrolment = _enrolled(session, member, username)
    new = as_role(role)
    if new == enrolment.role:
        return enrolment
    if enrolment.role == "owner":
        _keep_an_owner(session, enrolment)
    text = f"Made {enrolment.user.username}, who was {enrolment.role}, {new}."
    enrolment.role = new
    course_log.record(session, member, "people.role", text)
    return enrolment


def remove(session: Session, member: Member, username: str) -> None:
    """Take somebody, or who was invited, out of the course; their answers stay.

    Raises NotFound for who is not in the course, Forbidden where an instructor removes more than
    a student, and Conflict for the course's last owner.
    """
    lock(session, member.course_id)
    if not accounts.USERNAME.fullmatch(username):
        raise NotFound(NOBODY)
    withdrawn = session.scalars(
        delete(Invitation)
        .where(
            Invitation.course_id == member.course_id,
            Invitation.username_key == username_key(username),
        )
        .returning(Invitation.id)
    ).one_or_none()
    if withdrawn is not None:
        course_log.record(session, member, "people.remove", f"Took back inviting {username}.")
        return
    enrolment = _enrolled(session, member, username)
    if enrolment.role != "student" and not member.may("owner"):
        raise Forbidden(f"Only an owner removes an {enrolment.role}. You may remove students.")
    if enrolment.role == "owner":
        _keep_an_owner(session, enrolment)
    text = f"Removed {enrolment.user.username}, who was {enrolment.role}."
    session.delete(enrolment)
    course_log.record(session, member, "people.remove", text)


def as_role(text: str) -> Role:
    """Return the role of this name. Raises Invalid."""
    for role in RANKS:
        if role == text:
            return role
    raise Invalid(f"A role is one of {', '.join(RANKS)}.")


def lock(session: Session, course_id: int) -> Course:
    """Let one transaction at a time change who is in a course."""
    return session.scalars(
        select(Course)
        .where(Course.id == course_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _enrolled(session: Session, member: Member, username: str) -> Enrolment:
    found = _find(session, member.course_id, username)
    if found is None:
        raise NotFound(NOBODY)
    return found


def _find(session: Session, course_id: int, username: str) -> Enrolment | None:
    if not accounts.USERNAME.fullmatch(username):
        return None
    return session.scalars(
        select(Enrolment)
        .join(Enrolment.user)
        .where(Enrolment.course_id == course_id, User.username_key == username_key(username))
        .options(joinedload(Enrolment.user))
    ).one_or_none()


def _keep_an_owner(session: Session, enrolment: Enrolment) -> None:
    others = select(func.count(Enrolment.id)).where(
        Enrolment.course_id == enrolment.course_id,
        Enrolment.role == "owner",
        Enrolment.id != enrolment.id,
    )
    if not session.scalars(others).one():
        raise Conflict(f"{enrolment.user.username} {LAST_OWNER}")
