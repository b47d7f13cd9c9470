"""What each question of a sitting is worth in the end: a fold over answers, regrades, overrides.

Nothing of it is stored, so that it can never disagree with them. A person's override stands above
all; below it the newest regrade that is applied and not undone stands in the place of an answer's
own score. With feedback at once the best answer counts, less the penalty for each one before it
that was not fully right; with feedback after closing the last one counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, select
from sqlalchemy.orm import Session

from problems.core import Mark
from quizapp.db.models import (
    Answer,
    Grade,
    Override,
    Quiz,
    QuizItem,
    Regrade,
    RegradeMark,
    RegradeVariant,
    Sitting,
    SittingItem,
    Submission,
)

APPLIED = Regrade.applied_at.is_not(None) & Regrade.undone_at.is_(None)
"""Which regrades count."""


class ItemScore(NamedTuple):
    """One question of a sitting. `score` is 0 to 1, and None where nothing has been marked.

    `points` of `possible` count. `tries` are the answers, or submissions, that were given;
    `waiting` says that the last of them is not graded yet, `overridden` that a person gave the
    points.
    """

    sitting_item_id: int
    sitting_id: int
    item_id: int
    position: int
    score: float | None
    points: float
    possible: float
    tries: int
    waiting: bool
    overridden: bool


def by_sitting(
    connection: Connection,
    quiz_id: int,
    *,
    assuming: int | None = None,
    without: int | None = None,
) -> dict[int, list[ItemScore]]:
    """Return by sitting what its questions are worth, in their order; previews are left out.

    That is `assuming` that a regrade of this id were applied last, or `without` one.
    """
    found: dict[int, list[ItemScore]] = defaultdict(list)
    counting = _counting(assuming, without)
    for row in _fold(connection, (Sitting.quiz_id == quiz_id) & ~Sitting.preview, counting):
        found[row.sitting_id].append(row)
    return dict(found)


def of_sitting(session: Session, sitting: Sitting) -> list[ItemScore]:
    """Return what the questions of one sitting are worth, in their order."""
    return of_sittings(session, [sitting])[sitting.id]


def of_sittings(session: Session, sittings: Iterable[Sitting]) -> dict[int, list[ItemScore]]:
    """Return by sitting what its questions are worth, in their order."""
    found: dict[int, list[ItemScore]] = {sitting.id: [] for sitting in sittings}
    for row in _fold(session.connection(), Sitting.id.in_(found), APPLIED):
        found[row.sitting_id].append(row)
    return found


def total(items: Iterable[ItemScore]) -> tuple[float, float]:
    """Return the points of a sitting, and the points that were possible."""
    listed = list(items)
    return sum(item.points for item in listed), sum(item.possible for item in listed)


def made_by_regrades(
    made: type[RegradeMark] | type[RegradeVariant],
    *columns: Any,
    counting: ColumnElement[bool] = APPLIED,
) -> Select[*tuple[Any, ...]]:
    """Select from what the regrades that count have made, in their order: the last row stands."""
    return (
        select(*columns)
        .join_from(made, Regrade, Regrade.id == made.regrade_id)
        .where(counting)
        .order_by(Regrade.applied_at.is_(None), Regrade.applied_at, Regrade.id)
    )


def regraded_marks(
    of: type[Answer] | type[Submission],
    *columns: Any,
    counting: ColumnElement[bool] = APPLIED,
) -> Select[*tuple[Any, ...]]:
    """Select the same of the marks of answers, or of submissions, whose id is the first column."""
    marked = RegradeMark.answer_id if of is Answer else RegradeMark.submission_id
    return (
        made_by_regrades(RegradeMark, of.id, *columns, counting=counting)
        .join(of, of.id == marked)
        .join(SittingItem, SittingItem.id == of.sitting_item_id)
        .join(Sitting, Sitting.id == SittingItem.sitting_id)
    )


def marks_anew(
    connection: Connection, of: type[Answer] | type[Submission], wanted: ColumnElement[bool]
) -> dict[int, dict[str, Any]]:
    """Return the marks that stand in place of answers' own, or submissions', by their ids."""
    rows = connection.execute(
        regraded_marks(of, RegradeMark.mark).where(wanted, RegradeMark.mark.is_not(None))
    )
    return dict(rows.all())


def marks_of(session: Session, answers: Iterable[Answer]) -> dict[int, Mark]:
    """Return the marks that answers have now, regraded or not, by the answers' ids."""
    given = {answer.id: answer.mark for answer in answers}
    anew = marks_anew(session.connection(), Answer, Answer.id.in_(given))
    return {key: Mark.from_json(mark) for key, mark in (given | anew).items()}


def regrade_reasons(session: Session, items: Iterable[SittingItem]) -> dict[int, str]:
    """Return by question why the regrades that count changed its marks, try by try.

    One whose marks they left as they were is left out.
    """
    ids = [item.id for item in items]
    found: dict[int, str] = {}
    for of in (Answer, Submission):
        rows = session.execute(
            regraded_marks(of, SittingItem.id, RegradeMark.reason).where(SittingItem.id.in_(ids))
        )
        said: dict[int, dict[int, str]] = defaultdict(dict)
        for key, item_id, reason in rows:
            said[item_id][key] = reason
        found |= {item_id: " ".join(by_try(of_item)) for item_id, of_item in said.items()}
    return {item_id: reasons for item_id, reasons in found.items() if reasons}


def by_try(reasons: Mapping[int, str]) -> list[str]:
    """Return the reasons for new marks, by the ids of what they are of, with the tries named."""
    listed = [reasons[key] for key in sorted(reasons)]
    if len(listed) == 1:
        return [reason for reason in listed if reason]
    return [f"Try {number}: {reason}" for number, reason in enumerate(listed, 1) if reason]


def best(scores: Sequence[float], penalty: float) -> float:
    """Return the best of several answers, each less the penalty for those not right before it."""
    found, lost = 0.0, 0.0
    for score in scores:
        found = max(found, score - lost)
        if score < 1:
            lost += penalty
    return found


def standing_marks(
    session: Session, wanted: ColumnElement[bool], of: type[Answer] | type[Submission] = Answer
) -> dict[int, tuple[float, Any]]:
    """Return the score and the mark that stand in place of an answer's own, by its id.

    Or of a submission. The mark is None where every regrade left it as it was.
    """
    rows = session.execute(regraded_marks(of, RegradeMark.score, RegradeMark.mark).where(wanted))
    found: dict[int, tuple[float, Any]] = {}
    for key, score, mark in rows:
        _, before = found.get(key, (score, None))
        found[key] = (score, mark or before)
    return found


def _counting(assuming: int | None, without: int | None) -> ColumnElement[bool]:
    """Return which regrades count."""
    if assuming is not None:
        return APPLIED | (Regrade.id == assuming)
    return APPLIED if without is None else APPLIED & (Regrade.id != without)


def _fold(
    connection: Connection, wanted: ColumnElement[bool], counting: ColumnElement[bool]
) -> list[ItemScore]:
    scores = _scores(connection, wanted, counting)
    overrides = _overrides(connection, wanted)
    rows = connection.execute(
        select(
            SittingItem.id,
            SittingItem.sitting_id,
            SittingItem.item_id,
            SittingItem.position,
            QuizItem.points,
            Quiz.feedback,
            Quiz.penalty,
        )
        .join_from(SittingItem, Sitting, Sitting.id == SittingItem.sitting_id)
        .join(QuizItem, QuizItem.id == SittingItem.item_id)
        .join(Quiz, Quiz.id == Sitting.quiz_id)
        .where(wanted)
        .order_by(SittingItem.sitting_id, SittingItem.position)
    )
    found: list[ItemScore] = []
    for row_id, sitting_id, item_id, position, possible, feedback, penalty in rows:
        given = scores.get(row_id, ())
        marked = [score for score in given if score is not None]
        score = None
        if marked:
            score = best(marked, penalty) if feedback == "at_once" else marked[-1]
        points = (score or 0.0) * possible
        override = overrides.get(row_id)
        if override is not None:
            points = override
            score = points / possible if possible else 0.0
        found.append(
            ItemScore(
                row_id,
                sitting_id,
                item_id,
                position,
                score,
                points,
                possible,
                len(given),
                bool(given) and given[-1] is None,
                override is not None,
            )
        )
    return found


def _scores(
    connection: Connection, wanted: ColumnElement[bool], counting: ColumnElement[bool]
) -> dict[int, list[float | None]]:
    """Return by question the scores of its answers or submissions in their order.

    None is a submission without a grade.
    """
    found: dict[int, list[float | None]] = defaultdict(list)
    answers = connection.execute(
        select(Answer.id, Answer.sitting_item_id, Answer.score)
        .join(SittingItem, SittingItem.id == Answer.sitting_item_id)
        .join(Sitting, Sitting.id == SittingItem.sitting_id)
        .where(wanted)
        .order_by(Answer.id)
    )
    regraded = _regraded(connection, Answer, wanted, counting)
    for answer_id, item_id, score in answers:
        found[item_id].append(regraded.get(answer_id, score))
    submissions = connection.execute(
        select(Submission.id, SittingItem.id, Grade.score)
        .join(SittingItem, SittingItem.id == Submission.sitting_item_id)
        .join(Sitting, Sitting.id == SittingItem.sitting_id)
        .outerjoin(Grade, Grade.submission_id == Submission.id)
        .where(wanted)
        .order_by(Submission.id, Grade.id)
    )
    regraded = _regraded(connection, Submission, wanted, counting)
    newest = {submission: (item, score) for submission, item, score in submissions}
    for submission_id, (item_id, score) in newest.items():
        found[item_id].append(regraded.get(submission_id, score))
    return found


def _regraded(
    connection: Connection,
    of: type[Answer] | type[Submission],
    wanted: ColumnElement[bool],
    counting: ColumnElement[bool],
) -> dict[int, float]:
    """Return the scores that stand in place of an answer's, or a submission's, own, by its id."""
    query = regraded_marks(of, RegradeMark.score, counting=counting).where(wanted)
    return dict(connection.execute(query).all())


def _overrides(connection: Connection, wanted: ColumnElement[bool]) -> dict[int, float | None]:
    """Return by question the newest override's points; None gives it back to the marking."""
    rows = connection.execute(
        select(Override.sitting_item_id, Override.points)
        .join(SittingItem, SittingItem.id == Override.sitting_item_id)
        .join(Sitting, Sitting.id == SittingItem.sitting_id)
        .where(wanted)
        .order_by(Override.id)
    )
    return dict(rows.all())
