"""One student's quiz: what they saw and gave, how each question's points came about, overrides."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from problems.core import Mark, Variant
from quizapp.db.models import (
    Answer,
    Enrolment,
    Override,
    Quiz,
    Regrade,
    RegradeMark,
    Sitting,
    SittingItem,
    Submission,
)
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import corrections, course_log, scores
from quizapp.services.courses import Member
from quizapp.services.keys import is_key
from quizapp.services.scores import ItemScore

MAX_COMMENT = 2000


@dataclass(frozen=True)
class Event:
    """Something that made or changed a question's points: when, who, and what in words.

    `text` is Markdown, for it may quote a problem; a `comment`, or an answer, is as it was typed.
    """

    at: datetime
    actor: str
    text: str
    comment: str = ""


@dataclass(frozen=True)
class Review:
    """A question of a sitting: its score, what was given last, its mark and its history.

    `given` is the variant, and None for a code task; `corrected` what stands in place of its key
    and solution since a regrade. `verdict` is of the last submission, regraded or not; `regraded`
    says in Markdown why marks were changed, or nothing.
    """

    item: SittingItem
    score: ItemScore
    given: Variant | None
    corrected: Variant | None
    responses: dict[str, str]
    mark: Mark | None
    submission: Submission | None
    verdict: dict[str, Any] | None
    regraded: str
    history: list[Event]


@dataclass(frozen=True)
class StudentQuiz:
    """A sitting with its questions; `name` is how the roster writes the student."""

    sitting: Sitting
    name: str | None
    reviews: list[Review]
    points: float
    possible: float


@dataclass(frozen=True)
class Place:
    """A question, by its quiz's and sitting's names in addresses and its position from 1."""

    quiz: str
    sitting: str
    position: int


def find(session: Session, course_id: int, quiz: str, sitting: str) -> StudentQuiz:
    """Return a student's sitting of a course's quiz. Raises NotFound; previews are not there."""
    row = _sitting(session, course_id, quiz, sitting)
    listed = scores.of_sitting(session, row)
    by_item = {score.sitting_item_id: score for score in listed}
    regrades = _regrades(session, row)
    reasons = scores.regrade_reasons(session, row.items)
    submissions = _submissions(session, row)
    corrected = corrections.of_sitting(session.connection(), row)
    name = session.scalars(
        select(Enrolment.name).where(
            Enrolment.course_id == course_id, Enrolment.user_id == row.user_id
        )
    ).one_or_none()
    reviews = [
        _review(
            item,
            by_item[item.id],
            submissions.get(item.id, []),
            regrades.get(item.id, []),
            reasons.get(item.id, ""),
            corrected.get(item.variant_id or 0),
        )
        for item in row.items
    ]
    return StudentQuiz(row, name, reviews, *scores.total(listed))


def override(
    session: Session, member: Member, place: Place, points: float | None, comment: str
) -> None:
    """Give a question these points, whatever its marks; None gives it back to the marking.

    Raises NotFound, Invalid for the points or without a comment, and Conflict while the student
    still sits the quiz, or where there is nothing to give back.
    """
    sitting = _sitting(session, member.course_id, place.quiz, place.sitting)
    item = next((item for item in sitting.items if item.position == place.position), None)
    if item is None:
        raise NotFound("The quiz of this student has no such question.")
    comment = comment.strip().replace("\x00", "")
    if not comment or len(comment) > MAX_COMMENT:
        raise Invalid(f"Say why, in at most {MAX_COMMENT} characters: the student may ask.")
    if points is not None and points > item.item.points:
        raise Invalid(f"The question has {item.item.points:g} points. Give 0 to so many.")
    if sitting.handed_in_at is None:
        raise Conflict("The student still sits this quiz. Change points once it is handed in.")
    if points is None and not (item.overrides and item.overrides[-1].points is not None):
        raise Conflict("This question's points come from its marking already.")
    before = _points(session, item)
    session.add(
        Override(sitting_item_id=item.id, points=points, comment=comment, actor=member.username)
    )
    session.flush()
    text = (
        f"Changed question {place.position} of {sitting.user.username} from {before:g} to "
        f"{_points(session, item):g} points{', as it was marked,' if points is None else ''} in "
        f"“{sitting.quiz.title}”."
    )
    course_log.record(session, member, "results.override", text)


def _points(session: Session, item: SittingItem) -> float:
    rows = scores.of_sitting(session, item.sitting)
    return next(row.points for row in rows if row.sitting_item_id == item.id)


def _sitting(session: Session, course_id: int, quiz: str, sitting: str) -> Sitting:
    found = None
    if is_key(quiz) and is_key(sitting):
        found = session.scalars(
            select(Sitting)
            .join(Sitting.quiz)
            .where(
                Sitting.public_id == sitting,
                Quiz.public_id == quiz,
                Quiz.course_id == course_id,
                ~Sitting.preview,
            )
            .options(
                joinedload(Sitting.quiz),
                joinedload(Sitting.user),
                selectinload(Sitting.items).options(
                    joinedload(SittingItem.item),
                    joinedload(SittingItem.variant),
                    selectinload(SittingItem.answers),
                    selectinload(SittingItem.overrides),
                ),
            )
        ).one_or_none()
    if found is None:
        raise NotFound("There is no such sitting of this quiz.")
    return found


def _submissions(session: Session, sitting: Sitting) -> dict[int, list[Submission]]:
    """Return the submissions of a sitting by its questions, oldest first."""
    listed: dict[int, list[Submission]] = {}
    for row in session.scalars(
        select(Submission)
        .where(Submission.sitting_item_id.in_([item.id for item in sitting.items]))
        .order_by(Submission.id)
        .options(joinedload(Submission.grade), selectinload(Submission.grades))
    ):
        listed.setdefault(row.sitting_item_id or 0, []).append(row)
    return listed


class _Regraded(NamedTuple):
    """What a regrade made of an answer or a submission, which was given at a moment."""

    mark: RegradeMark
    regrade: Regrade
    given_at: datetime


def _regrades(session: Session, sitting: Sitting) -> dict[int, list[_Regraded]]:
    """Return what regrades that were ever applied made of a sitting, by its questions."""
    found: dict[int, list[_Regraded]] = {}
    ever = Regrade.applied_at.is_not(None)
    for of in (Answer, Submission):
        rows = session.execute(
            scores.regraded_marks(
                of, SittingItem.id, RegradeMark, Regrade, of.created_at, counting=ever
            ).where(SittingItem.sitting_id == sitting.id)
        )
        for _, item_id, *regraded in rows:
            found.setdefault(item_id, []).append(_Regraded(*regraded))
    return found


def _review(
    item: SittingItem,
    score: ItemScore,
    submissions: list[Submission],
    regrades: list[_Regraded],
    reason: str,
    corrected: Variant | None,
) -> Review:
    last = item.answers[-1] if item.answers else None
    code = submissions[-1] if submissions else None
    mark = last.mark if last else code.grade.document if code and code.grade else None
    newest = last.id if last else code.id if code else None
    for changed, regrade, _ in regrades:
        if regrade.undone_at is None and newest in (changed.answer_id, changed.submission_id):
            mark = changed.mark or mark
    events = [*_given(item, submissions), *_changed(regrades), *_overridden(item)]
    return Review(
        item,
        score,
        Variant.from_json(item.variant.document) if item.variant else None,
        corrected,
        last.responses if last else item.responses,
        Mark.from_json(mark) if last and mark else None,
        code,
        mark if code else None,
        reason,
        sorted(events, key=lambda event: event.at),
    )


def _given(item: SittingItem, submissions: list[Submission]) -> list[Event]:
    """Return the answers, and the submissions with each of their grades."""
    events = [
        Event(
            answer.created_at,
            "",
            f"Answered: {100 * answer.score:.0f} %.",
            "; ".join(filter(None, answer.responses.values())),
        )
        for answer in item.answers
    ]
    for submission in submissions:
        events.append(Event(submission.created_at, "", "Submitted code."))
        events += [
            Event(grade.created_at, "", f"Graded: {100 * grade.score:.0f} %.")
            for grade in submission.grades
        ]
    return events


def _changed(regrades: list[_Regraded]) -> list[Event]:
    events: list[Event] = []
    for mark, regrade, given_at in sorted(regrades, key=lambda each: each.given_at):
        if regrade.applied_at:
            text = f"Regraded: {100 * mark.before:.0f} % became {100 * mark.score:.0f} %."
            text = f"{text} {mark.reason}".rstrip()
            at = max(regrade.applied_at, given_at)  # it marks what is given later, too
            events.append(Event(at, regrade.applied_by or "", text))
        if regrade.undone_at:
            text = "The regrade was undone."
            events.append(Event(regrade.undone_at, regrade.undone_by or "", text))
    return events


def _overridden(item: SittingItem) -> list[Event]:
    return [
        Event(
            row.created_at,
            row.actor,
            "Gave the question back to the marking."
            if row.points is None
            else f"Gave {row.points:g} points.",
            row.comment,
        )
        for row in item.overrides
    ]
