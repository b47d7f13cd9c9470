"""What the first page of a course lists: its quizzes, as one member has them, and its problems."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from quizapp.db.engine import now
from quizapp.db.models import ExtraTime, Problem, ProblemVersion, Quiz, Sitting
from quizapp.services import scores
from quizapp.services.courses import Member
from quizapp.services.quizzes import are_keys_released

When = Literal["open", "coming", "closed"]


@dataclass(frozen=True)
class QuizLine:
    """A published quiz, when it can be taken, and what a member made of it.

    `closes_at` has the member's extra time in it. `points` of `possible` are None until the
    member may see them.
    """

    quiz: Quiz
    when: When
    closes_at: datetime | None
    sitting: Sitting | None
    points: float | None = None
    possible: float | None = None


def quizzes(session: Session, member: Member) -> list[QuizLine]:
    """Return a course's published quizzes: open ones first, then coming, then closed."""
    moment = now(session)
    extra = dict(
        session.execute(
            select(ExtraTime.quiz_id, ExtraTime.minutes).where(ExtraTime.user_id == member.user_id)
        ).all()
    )
    sittings = {
        sitting.quiz_id: sitting
        for sitting in session.scalars(
            select(Sitting)
            .join(Sitting.quiz)
            .where(
                Quiz.course_id == member.course_id,
                Sitting.user_id == member.user_id,
                ~Sitting.preview,
            )
        )
    }
    published = session.scalars(
        select(Quiz)
        .where(Quiz.course_id == member.course_id, Quiz.published)
        .order_by(Quiz.closes_at, Quiz.id)
    )
    lines = [
        _line(session, quiz, moment, extra.get(quiz.id, 0), sittings.get(quiz.id))
        for quiz in published
    ]
    return sorted(lines, key=lambda line: ("open", "coming", "closed").index(line.when))


def problems(session: Session, course_id: int) -> list[ProblemVersion]:
    """Return the newest published version of each problem that a course's students may practise."""
    found = session.scalars(
        select(Problem)
        .where(Problem.course_id == course_id, ~Problem.hidden)
        .order_by(Problem.slug)
        .options(selectinload(Problem.versions).joinedload(ProblemVersion.problem))
    )
    return [problem.published for problem in found if problem.published is not None]


def _line(
    session: Session, quiz: Quiz, moment: datetime, extra: int, sitting: Sitting | None
) -> QuizLine:
    closes_at = quiz.closes_at + timedelta(minutes=extra) if quiz.closes_at else None
    when: When = "open"
    if quiz.opens_at and moment < quiz.opens_at:
        when = "coming"
    elif closes_at and moment >= closes_at:
        when = "closed"
    if sitting is None or not _are_points_shown(session, sitting):
        return QuizLine(quiz, when, closes_at, sitting)
    points, possible = scores.total(scores.of_sitting(session, sitting))
    return QuizLine(quiz, when, closes_at, sitting, points, possible)


def _are_points_shown(session: Session, sitting: Sitting) -> bool:
    """Whether a student may see their points: once marked, and nobody else can gain by it."""
    at_once = sitting.marked_at is not None and sitting.quiz.feedback == "at_once"
    return at_once or are_keys_released(session, sitting)
