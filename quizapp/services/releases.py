"""When the keys and solutions of a quiz may be shown: nobody must gain by them any more."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from quizapp.db.engine import now
from quizapp.db.models import ExtraTime, Quiz, Sitting
from quizapp.services.timekeeping import GRACE


def released_at(session: Session, quiz: Quiz) -> datetime | None:
    """Return when nobody sits the quiz any more, so that keys may be shown; None is never."""
    return released_each_at(session, [quiz])[quiz.id]


def released_each_at(session: Session, several: Sequence[Quiz]) -> dict[int, datetime | None]:
    """Return the same of several quizzes, by their ids."""
    longest = dict(
        session.execute(
            select(ExtraTime.quiz_id, func.max(ExtraTime.minutes))
            .where(ExtraTime.quiz_id.in_([quiz.id for quiz in several]))
            .group_by(ExtraTime.quiz_id)
        ).all()
    )
    return {
        quiz.id: quiz.closes_at and quiz.closes_at + timedelta(minutes=longest.get(quiz.id, 0))
        for quiz in several
    }


def are_over(session: Session, several: Sequence[Quiz], moment: datetime) -> bool:
    """Whether nobody sits any of these quizzes any more, or ever will."""
    ends = released_each_at(session, several).values()
    return all(end is not None and moment > end + GRACE for end in ends)


def are_keys_released(session: Session, sitting: Sitting) -> bool:
    """Whether the keys and solutions of a sitting may be shown: it is marked, and all are done."""
    return bool(released(session, [sitting]))


def released(session: Session, several: Sequence[Sitting]) -> list[Sitting]:
    """Return those of several sittings whose keys and solutions may be shown."""
    ends = released_each_at(session, [sitting.quiz for sitting in several])
    moment = now(session)
    return [sitting for sitting in several if is_released(sitting, ends[sitting.quiz_id], moment)]


def is_released(sitting: Sitting, last_end: datetime | None, moment: datetime) -> bool:
    """Whether they may be shown at a moment, given when nobody sits the quiz any more."""
    if sitting.marked_at is None:
        return False
    return sitting.preview or last_end is None or moment > last_end + GRACE
