"""Submissions of code graded again by a newer task, with why each mark changes.

What the grader says here is no grade: it counts once the regrade is applied, and not before.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from quizapp.db.engine import Database
from quizapp.db.models import (
    BoxJob,
    Grade,
    Job,
    QuizItem,
    RegradeMark,
    Sitting,
    SittingItem,
    Submission,
)
from quizapp.services import pools, regrade_rules, scores
from quizapp.services.box import Box


def steps(session: Session, item: QuizItem) -> list[int]:
    """Return the submissions to a question that count, by id."""
    return sorted(standing(session, item))


def standing(session: Session, item: QuizItem) -> dict[int, float]:
    """Return the score that each submission that counts has now, by the submission's id.

    With feedback at once all do that have a grade; after closing the last of them alone.
    """
    rows = session.execute(
        select(Submission.id, Submission.sitting_item_id, Grade.score)
        .join(Grade, Grade.submission_id == Submission.id)
        .join(SittingItem, SittingItem.id == Submission.sitting_item_id)
        .join(SittingItem.sitting)
        .where(SittingItem.item_id == item.id, ~Sitting.preview)
        .order_by(Submission.id, Grade.id)
    ).all()
    graded = {key: score for key, _, score in rows}
    if item.section.quiz.feedback == "after_closing":
        last = {question: key for key, question, _ in rows}
        graded = {key: graded[key] for key in last.values()}
    marked = scores.standing_marks(session, SittingItem.item_id == item.id, Submission)
    return {key: marked[key][0] if key in marked else score for key, score in graded.items()}


def ungraded(session: Session, item: QuizItem) -> set[int]:
    """Return the submissions to a question that have no grade, yet or at all, by id."""
    return set(
        session.scalars(
            select(Submission.id)
            .join(SittingItem, SittingItem.id == Submission.sitting_item_id)
            .join(SittingItem.sitting)
            .where(SittingItem.item_id == item.id, ~Sitting.preview, ~Submission.grades.any())
        )
    )


def remark(
    database: Database, box: Box, job: BoxJob, item: QuizItem, ids: Sequence[int]
) -> tuple[list[dict[str, Any]], dict[int, dict[str, Any]]]:
    """Grade these submissions again, each with the secret seed that it had.

    Returns the fields of a RegradeMark for each, and no variants: code has none.
    """
    with database.read() as session:
        version = pools.version(session, job.request["version_id"])
        submissions = session.scalars(
            select(Submission)
            .where(Submission.id.in_(ids))
            .order_by(Submission.id)
            .options(joinedload(Submission.job), joinedload(Submission.grade))
        ).all()
        marked = scores.standing_marks(session, SittingItem.item_id == item.id, Submission)
    slug = version.problem.slug if version else item.slug or ""
    files = version.files if version else None
    found: list[dict[str, Any]] = []
    for submission in submissions:
        if submission.grade is None:
            continue
        score, document = marked.get(submission.id, (submission.grade.score, None))
        now = box.grade(slug, job.request["version"], submission.source, submission.job.seed, files)
        found.append(
            {
                "submission_id": submission.id,
                "before": score,
                "score": now["score"],
                "mark": now,
                "reason": _why(document or submission.grade.document, now),
            }
        )
    return found, {}


def follow(session: Session, items: Iterable[int], ids: Collection[int]) -> bool:
    """Give submissions that came in later what the newest regrade that counts gave to everybody.

    Returns False where one of them has to be graded again.
    """
    counting = regrade_rules.that_count(session, items) if ids else ()
    if not counting:
        return True
    newest = counting[-1]
    left = set(ids) - regrade_rules.marked(session, newest, RegradeMark.submission_id, ids)
    if newest.settings["rule"] == "newest":
        others = Job.submission_id.in_(left) & (Job.task_version != newest.settings["version"])
        graded = Job.state.in_(("queued", "running", "done"))
        return session.scalars(select(Job.id).where(others, graded).limit(1)).first() is None
    for key in left:
        row = {"submission_id": key, **regrade_rules.full(0.0)}
        session.add(RegradeMark(regrade_id=newest.id, **row))
    return True


def _why(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return in words what changed; empty where nothing did."""
    was, now = _words(before), _words(after)
    return "" if was == now else f"The code was: {was}; is now: {now}."


def _words(document: Mapping[str, Any]) -> str:
    verdict = document["verdict"].replace("_", " ")
    if verdict == "accepted" or "total" not in document:
        return verdict
    return f"{verdict}, {document['passed']} of {document['total']} cases"
