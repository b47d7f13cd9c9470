"""What the first page of a course lists: its quizzes, as one member has them, and its problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from quizapp.db.engine import now
from quizapp.db.models import ExtraTime, Problem, ProblemVersion, Quiz, Sitting
from quizapp.services import scores, starting
from quizapp.services.courses import Member
from quizapp.services.releases import is_released, released_each_at

ORDER: tuple[starting.State, ...] = ("open", "coming", "closed")
"""How the quizzes of a course are listed."""


@dataclass(frozen=True)
class QuizLine:
    """A published quiz, when it can be taken, and what a member made of it.

    `closes_at` has the member's extra time in it. `points` of `possible` are None until the
    member may see them.
    """

    quiz: Quiz
    when: starting.State
    closes_at: datetime | None
    sitting: Sitting | None
    points: float | None = None
    possible: float | None = None


def quizzes(session: Session, member: Member) -> list[QuizLine]:
    """Return a course's published quizzes, in their order; the next to close comes first."""
    moment = now(session)
    published = session.scalars(
        select(Quiz)
        .where(Quiz.course_id == member.course_id, Quiz.published)
        .order_by(Quiz.closes_at.nulls_last(), Quiz.id)
    ).all()
    extra = _extra_times(session, member.user_id)
    sittings = _sittings(session, member)
    points = _points(session, published, sittings, moment)
    lines = [
        QuizLine(
            quiz,
            starting.state(quiz, extra.get(quiz.id, timedelta()), moment),
            quiz.closes_at and quiz.closes_at + extra.get(quiz.id, timedelta()),
            sittings.get(quiz.id),
            *points.get(quiz.id, (None, None)),
        )
        for quiz in published
    ]
    return sorted(lines, key=lambda line: ORDER.index(line.when))


def problems(session: Session, course_id: int) -> list[ProblemVersion]:
    """Return the newest published version of each problem that a course's students may practise."""
    found = session.scalars(
        select(Problem)
        .where(Problem.course_id == course_id, ~Problem.hidden)
        .order_by(Problem.slug)
        .options(selectinload(Problem.versions).joinedload(ProblemVersion.problem))
    )
    return [problem.published for problem in found if problem.published is not None]


def _extra_times(session: Session, user_id: int) -> dict[int, timedelta]:
    """Return by quiz the time that a user has beyond the others'."""
    rows = session.execute(
        select(ExtraTime.quiz_id, ExtraTime.minutes).where(ExtraTime.user_id == user_id)
    )
    return {quiz_id: timedelta(minutes=minutes) for quiz_id, minutes in rows}


def _sittings(session: Session, member: Member) -> dict[int, Sitting]:
    """Return by quiz what a member began in their course."""
    rows = session.scalars(
        select(Sitting)
        .join(Sitting.quiz)
        .where(
            Quiz.course_id == member.course_id,
            Sitting.user_id == member.user_id,
            ~Sitting.preview,
        )
    )
    return {sitting.quiz_id: sitting for sitting in rows}


def _points(
    session: Session,
    published: Sequence[Quiz],
    sittings: Mapping[int, Sitting],
    moment: datetime,
) -> dict[int, tuple[float, float]]:
    """Return by quiz the points that may be seen: once marked, and nobody else can gain by it."""
    released = released_each_at(session, published)
    shown = [
        sitting
        for quiz in published
        if (sitting := sittings.get(quiz.id)) is not None
        and (
            (sitting.marked_at is not None and quiz.feedback == "at_once")
            or is_released(sitting, released[quiz.id], moment)
        )
    ]
    folded = scores.of_sittings(session, shown)
    return {sitting.quiz_id: scores.total(folded[sitting.id]) for sitting in shown}
