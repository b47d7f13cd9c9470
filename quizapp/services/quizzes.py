"""Quizzes as instructors make them: changing, publishing, copies, and extra time.

What students were given never changes: once a quiz is published its questions stand, and once
somebody has begun it cannot be taken back. Times, extra time and texts can change at any moment,
and then the clocks that run follow them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, exists, func, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from quizapp.db.engine import now
from quizapp.db.models import (
    Enrolment,
    ExtraTime,
    Grade,
    Job,
    Problem,
    ProblemVersion,
    Quiz,
    QuizItem,
    QuizSection,
    Sitting,
    SittingItem,
    Submission,
    User,
    username_key,
)
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import course_log, pools, quiz_settings
from quizapp.services.courses import Member
from quizapp.services.keys import is_key
from quizapp.services.quiz_settings import MAX_MINUTES, MAX_TITLE, Settings


def listed(session: Session, course_id: int) -> Sequence[Quiz]:
    """Return a course's quizzes, newest first."""
    return session.scalars(
        select(Quiz).where(Quiz.course_id == course_id).order_by(Quiz.id.desc())
    ).all()


def find(session: Session, course_id: int, public_id: str, *, locked: bool = False) -> Quiz:
    """Return a course's quiz with sections, questions and extra times. Raises NotFound.

    With a question come all versions of its problem, their files left out. `locked`, nobody
    changes the quiz, and nobody begins it, meanwhile.
    """
    quiz = None
    if is_key(public_id):
        without_files = (defer(ProblemVersion.files), defer(ProblemVersion.proof))
        query = (
            select(Quiz)
            .where(Quiz.public_id == public_id, Quiz.course_id == course_id)
            .options(
                selectinload(Quiz.sections)
                .selectinload(QuizSection.items)
                .options(
                    joinedload(QuizItem.draw),
                    selectinload(QuizItem.version)
                    .options(*without_files)
                    .joinedload(ProblemVersion.problem)
                    .selectinload(Problem.versions)
                    .options(*without_files),
                ),
                selectinload(Quiz.extra_times),
            )
        )
        quiz = session.scalars(query.with_for_update(of=Quiz) if locked else query).one_or_none()
    if quiz is None:
        raise NotFound("The course has no such quiz.")
    return quiz


_NAMED = select(Quiz).where(
    Quiz.public_id == bindparam("public_id"), Quiz.course_id == bindparam("course_id")
)


def named(session: Session, course_id: int, public_id: str) -> Quiz:
    """Return a course's quiz without its questions. Raises NotFound."""
    quiz = None
    if is_key(public_id):
        quiz = session.scalars(
            _NAMED, {"public_id": public_id, "course_id": course_id}
        ).one_or_none()
    if quiz is None:
        raise NotFound("The course has no such quiz.")
    return quiz


def items_of(quiz: Quiz) -> list[QuizItem]:
    """Return all questions of a quiz in their order, the retired ones too."""
    return [item for section in quiz.sections for item in section.items]


def has_begun(session: Session, quiz: Quiz) -> bool:
    """Whether a student has begun the quiz; previews do not count."""
    return session.scalars(
        select(exists().where(Sitting.quiz_id == quiz.id, ~Sitting.preview))
    ).one()


def attendance(session: Session, quiz: Quiz) -> tuple[int, int]:
    """Return how many students have begun the quiz, and how many of them still sit it."""
    goes_on = Sitting.handed_in_at.is_(None) & (
        Sitting.ends_at.is_(None) | (Sitting.ends_at > now(session))
    )
    begun, sitting = session.execute(
        select(func.count(), func.count().filter(goes_on)).where(
            Sitting.quiz_id == quiz.id, ~Sitting.preview
        )
    ).one()
    return begun, sitting


def create(session: Session, member: Member, title: str) -> Quiz:
    """Add an empty quiz with one section. Raises Invalid for its title."""
    settings = Settings(title.strip())
    quiz = Quiz(course_id=member.course_id, title=settings.title)
    quiz.sections.append(QuizSection(position=1))
    session.add(quiz)
    session.flush()
    course_log.record(session, member, "quiz.create", f"Began the quiz “{quiz.title}”.")
    return quiz


def change(session: Session, member: Member, public_id: str, settings: Settings) -> Quiz:
    """Change a quiz's settings; the clocks of those who sit it follow.

    Raises Conflict for what cannot change any more once students have begun.
    """
    quiz = find(session, member.course_id, public_id, locked=True)
    changed = quiz_settings.differing(quiz, settings)
    if not changed:
        return quiz
    fixed = {"feedback", "tries", "penalty", "variants"} & set(changed)
    if fixed and has_begun(session, quiz):
        raise Conflict(
            "Students have begun: feedback, tries, penalty and the number of variants stay as "
            "they are. Times and texts can change."
        )
    if quiz.published and settings.feedback == "after_closing" and settings.closes_at is None:
        raise Conflict(
            "With feedback after closing, a published quiz has a closing time: who is early would "
            "else see the keys before the others have begun."
        )
    if "variants" in fixed and quiz.published:
        raise Conflict("Take the quiz back before you change the number of its variants.")
    said = quiz_settings.changes(quiz, settings, member.time_zone)
    for name in changed:
        setattr(quiz, name, getattr(settings, name))
    if "variants" in changed:
        for item in items_of(quiz):
            pools.draw(session, member.course_id, item, quiz.variants)
    _set_clocks(session, quiz)
    course_log.record(session, member, "quiz.change", f"Changed “{quiz.title}”: {said}.")
    return quiz


def obstacles(session: Session, quiz: Quiz) -> list[str]:
    """Return what keeps a quiz from being published, in sentences."""
    found: list[str] = []
    asked = [item for item in items_of(quiz) if not item.retired]
    if not asked:
        found.append("It has no question yet.")
    for section in quiz.sections:
        count = sum(not item.retired for item in section.items)
        if section.pick is not None and section.pick > count:
            name = section.title or f"Section {section.position}"
            found.append(f"{name} picks {section.pick} of only {count} questions.")
    if quiz.feedback == "after_closing" and quiz.closes_at is None:
        found.append(
            "It has no closing time, after which marks and keys could be shown. Give it one, or "
            "choose feedback at once."
        )
    if quiz.closes_at is not None and quiz.closes_at <= now(session) and not quiz.published:
        found.append("Its closing time is over: nobody could begin it. Give it a later one.")
    ready = pools.of_items(session, asked)
    found += [
        f"The variants of “{item.title}” are not all drawn."
        for item in asked
        if item.id in ready and not ready[item.id].complete
    ]
    return found


def publish(session: Session, member: Member, public_id: str) -> None:
    """Show a quiz to the students. Raises Conflict while something is missing."""
    quiz = find(session, member.course_id, public_id, locked=True)
    if quiz.published:
        return
    if missing := obstacles(session, quiz):
        raise Conflict("The quiz cannot be published yet. " + " ".join(missing))
    quiz.published = True
    course_log.record(session, member, "quiz.publish", f"Published the quiz “{quiz.title}”.")


def take_back(session: Session, member: Member, public_id: str) -> None:
    """Hide a quiz again, so that its questions can change. Raises Conflict once it was begun."""
    quiz = find(session, member.course_id, public_id, locked=True)
    if not quiz.published:
        return
    if has_begun(session, quiz):
        raise Conflict("Students have begun this quiz. Close it with a closing time instead.")
    quiz.published = False
    course_log.record(session, member, "quiz.take_back", f"Took back the quiz “{quiz.title}”.")


def copy(session: Session, member: Member, public_id: str) -> Quiz:
    """Make another quiz of the same questions, unpublished, without times, with fresh variants."""
    old = find(session, member.course_id, public_id)
    same = ("introduction", "minutes", "feedback", "tries", "penalty", "access_code", "variants")
    quiz = Quiz(
        course_id=old.course_id,
        title=f"Copy of {old.title}"[:MAX_TITLE],
        **{name: getattr(old, name) for name in same},
    )
    session.add(quiz)
    for section in old.sections:
        new = QuizSection(position=section.position, title=section.title, pick=section.pick)
        quiz.sections.append(new)
        kept = ("kind", "slug", "version_id", "title", "pins", "points")
        for item in (item for item in section.items if not item.retired):
            fields = {name: getattr(item, name) for name in kept}
            new.items.append(QuizItem(position=len(new.items) + 1, **fields))
    session.flush()
    for item in items_of(quiz):
        pools.draw(session, member.course_id, item, quiz.variants)
    course_log.record(session, member, "quiz.create", f"Copied the quiz “{old.title}”.")
    return quiz


def set_extra_time(
    session: Session, member: Member, public_id: str, username: str, minutes: int
) -> None:
    """Give a student of the course minutes beyond the limit and the closing; 0 takes them away.

    Raises NotFound for the student, and Invalid for the minutes.
    """
    quiz = find(session, member.course_id, public_id, locked=True)
    if not 0 <= minutes <= MAX_MINUTES:
        raise Invalid(f"Give 0 to {MAX_MINUTES} minutes of extra time.")
    user = session.scalars(
        select(User)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(Enrolment.course_id == member.course_id)
        .where(User.username_key == username_key(username.strip().replace("\x00", "")))
    ).one_or_none()
    if user is None:
        raise NotFound("The course has no member of that username. Look it up among its people.")
    row = next((row for row in quiz.extra_times if row.user_id == user.id), None)
    before = row.minutes if row else 0
    if before == minutes:
        return
    if row is None:
        quiz.extra_times.append(ExtraTime(user_id=user.id, minutes=minutes))
    elif minutes:
        row.minutes = minutes
    else:
        quiz.extra_times.remove(row)
    session.flush()
    _set_clocks(session, quiz)
    text = (
        f"Changed the extra time of {user.username} from {before} to {minutes} minutes in "
        f"“{quiz.title}”."
    )
    course_log.record(session, member, "quiz.extra_time", text)


def extra_times(session: Session, quiz: Quiz) -> list[tuple[str, int]]:
    """Return who has extra time, with how many minutes, by username."""
    rows = session.execute(
        select(User.username, ExtraTime.minutes)
        .join(User, User.id == ExtraTime.user_id)
        .where(ExtraTime.quiz_id == quiz.id)
        .order_by(User.username_key)
    )
    return [(username, minutes) for username, minutes in rows]


def ends_at(quiz: Quiz, started_at: datetime, extra: timedelta) -> datetime | None:
    """Return when a sitting ends that began then; None is when it is handed in."""
    ends = [
        started_at + timedelta(minutes=quiz.minutes) + extra if quiz.minutes else None,
        quiz.closes_at + extra if quiz.closes_at else None,
    ]
    return min((end for end in ends if end), default=None)


def forget_previews(session: Session, quiz: Quiz, user_id: int | None = None) -> None:
    """Delete the previews of a quiz, of all its makers or of one, with what was tried in them."""
    theirs = select(Sitting.id).where(Sitting.quiz_id == quiz.id, Sitting.preview)
    if user_id is not None:
        theirs = theirs.where(Sitting.user_id == user_id)
    items = select(SittingItem.id).where(SittingItem.sitting_id.in_(theirs))
    sent = select(Submission.id).where(Submission.sitting_item_id.in_(items))
    for model in (Grade, Job):
        session.execute(delete(model).where(model.submission_id.in_(sent)))
    session.execute(delete(Submission).where(Submission.sitting_item_id.in_(items)))
    session.execute(delete(Sitting).where(Sitting.id.in_(theirs)))


def _set_clocks(session: Session, quiz: Quiz) -> None:
    """Set anew when each sitting that goes on ends. Raises Conflict where that would be by now."""
    moment, cut_off = now(session), 0
    extra = {row.user_id: timedelta(minutes=row.minutes) for row in quiz.extra_times}
    going_on = session.scalars(
        select(Sitting)
        .where(Sitting.quiz_id == quiz.id, ~Sitting.preview, Sitting.handed_in_at.is_(None))
        .with_for_update()
    )
    for sitting in going_on:
        end = ends_at(quiz, sitting.started_at, extra.get(sitting.user_id, timedelta()))
        goes_on = sitting.ends_at is None or sitting.ends_at > moment
        if goes_on and end is not None and end <= moment:
            cut_off += 1
        sitting.ends_at = end
    if cut_off:
        raise Conflict(
            f"{cut_off} student{'s' if cut_off != 1 else ''} would be handed in at once, for good. "
            "Give them until a time that is still to come, which they then see on their clocks."
        )
