"""Code tasks as questions of a quiz: what a student reads, and the submissions of a question."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload

from quizapp.db.models import ProblemVersion, QuizItem, SittingItem, Submission
from quizapp.errors import Invalid, NotFound
from quizapp.services import code_tasks, jobs, regrade_rules, regrading_code, submissions
from quizapp.services.code_tasks import CodeTask

SOURCE = "source"
"""The one part of a code task's responses."""
MOST = 100
"""Submissions to one question that are taken where tries are not counted."""


def of_item(item: QuizItem) -> CodeTask:
    """Return the task of a question. Raises NotFound where it is none, or is gone from the bank."""
    if item.kind != "task":
        raise NotFound("This question is no code task.")
    if item.version is None:
        return code_tasks.of_bank(item.slug or "")
    problem = item.version.problem
    return code_tasks.of_version(f"{problem.course.slug}/{problem.slug}", item.version)


def sent(session: Session, item: SittingItem) -> Sequence[Submission]:
    """Return the submissions to a question in their order, with jobs and grades."""
    return session.scalars(
        select(Submission)
        .where(Submission.sitting_item_id == item.id)
        .order_by(Submission.id)
        .options(joinedload(Submission.job), joinedload(Submission.grade))
    ).all()


def submit(session: Session, user_id: int, item: SittingItem, source: str, key: str) -> Submission:
    """Store code for a question; the same form again returns the first.

    It is graded by the version of the regrade that counts, where there is one. Raises Invalid, and
    NotFound where the task is gone.
    """
    text = source.replace("\r\n", "\n").encode("utf-8", "surrogatepass")
    if not text.strip():
        raise Invalid("There is no code yet. Go back, write some, and submit it.")
    target = _graded_by(session, item.item).target(item.id)
    submission = submissions.submit(session, user_id, target, text, key, jobs.EXAM)
    regrading_code.follow(session, [item.item_id], [submission.id])
    return submission


def _graded_by(session: Session, item: QuizItem) -> CodeTask:
    """Return the task that grades what is submitted now, which may be newer than what is asked."""
    asked = of_item(item)
    if item.version is None:
        return asked
    counting = regrade_rules.that_count(session, [item.id])
    newer = [r.settings["version"] for r in counting if r.settings["rule"] == "newest"]
    version = session.scalars(
        select(ProblemVersion)
        .where(ProblemVersion.problem_id == item.version.problem_id)
        .where(ProblemVersion.number == max([asked.version, *newer]))
        .options(defer(ProblemVersion.files), defer(ProblemVersion.proof))
    ).one()
    return code_tasks.of_version(asked.slug, version)


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
    submit(session, user_id, item, source, f"hand-in-{item.id}")
