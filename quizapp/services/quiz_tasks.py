"""Code tasks as questions of a quiz: what a student reads, and the submissions of a question."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from grader import catalog
from grader.core import UnknownTask
from quizapp.db.models import QuizItem, SittingItem, Submission
from quizapp.errors import Invalid, NotFound
from quizapp.services import jobs, submissions

SOURCE = "source"
"""The one part of a code task's responses."""
MOST = 100
"""Submissions to one question that are taken where tries are not counted."""


@dataclass(frozen=True)
class QuizTask:
    """A code task of the bank, by its slug, or a version of a course's own, "course/slug"."""

    name: str
    version: int
    version_id: int | None
    title: str
    statement: str
    starter: str


def of_item(item: QuizItem) -> QuizTask:
    """Return the task of a question. Raises NotFound where it is none, or is gone from the bank."""
    if item.kind != "task":
        raise NotFound("This question is no code task.")
    if item.version is not None:
        head, version = item.version.head or {}, item.version
        name = f"{version.problem.course.slug}/{version.problem.slug}"
        text = {field: head.get(field, "") for field in ("title", "statement", "starter")}
        return QuizTask(name, version.number, version.id, **text)
    try:
        task = catalog.task(item.slug or "")
    except UnknownTask as error:
        raise NotFound("This code task has been taken out. Tell your instructor.") from error
    return QuizTask(task.slug, task.version, None, task.title, task.statement, task.starter)


def sent(session: Session, item: SittingItem) -> Sequence[Submission]:
    """Return the submissions to a question in their order, with jobs and grades."""
    return session.scalars(
        select(Submission)
        .where(Submission.sitting_item_id == item.id)
        .order_by(Submission.id)
        .options(joinedload(Submission.job), joinedload(Submission.grade))
    ).all()


def submit(
    session: Session, user_id: int, item: SittingItem, task: QuizTask, source: str, key: str
) -> Submission:
    """Store code for a question; the same form again returns the first. Raises Invalid."""
    text = source.replace("\r\n", "\n").encode("utf-8", "surrogatepass")
    if not text.strip():
        raise Invalid("There is no code yet. Go back, write some, and submit it.")
    target = submissions.Target(task.name, task.version, task.version_id, item.id)
    return submissions.submit(session, user_id, target, text, key, jobs.EXAM)


def submit_last(session: Session, user_id: int, item: SittingItem) -> None:
    """Hand in what was written and not submitted, when the time is over."""
    source = item.responses.get(SOURCE, "").replace("\r\n", "\n")
    try:
        task = of_item(item.item)
    except NotFound:
        return
    text = source.encode("utf-8", "surrogatepass")
    known = [submission.source for submission in sent(session, item)]
    too_long = len(text) > submissions.MAX_SOURCE_BYTES
    if not source.strip() or source == task.starter or too_long or text in known[-1:]:
        return
    submit(session, user_id, item, task, source, f"hand-in-{item.id}")
