"""Code tasks: the statement and the editor, submitting, and following the grade."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as BaseResponse

from grader import catalog
from quizapp.db.engine import now
from quizapp.db.models import Submission
from quizapp.errors import Invalid
from quizapp.services import code_tasks, differences, jobs, submissions
from quizapp.services.code_tasks import CodeTask
from quizapp.services.submissions import Status
from quizapp.web.pages import database, wants_fragment
from quizapp.web.security import user_id

blueprint = Blueprint("code", __name__)

LONGEST_POLL_S = 5.0
WORDS = {
    "accepted": "Accepted",
    "wrong": "Not right yet",
    "invalid_output": "No usable result",
    "error": "Your code raised an error",
    "compile_error": "This is not Python",
    "missing": "The function is missing",
    "crashed": "Your code crashed",
    "timeout": "Too slow",
    "memory": "Too much memory",
    "output_limit": "Too much was printed",
    "too_large": "The file is too large",
    "internal": "Our fault",
}


@blueprint.get("/tasks")
@login_required
def tasks() -> str:
    """List the code tasks, with the student's best score in each."""
    with database().read() as session:
        best = submissions.best_scores(session, user_id())
    return render_template("code/tasks.html", tasks=catalog.tasks().values(), best=best)


@blueprint.get("/tasks/<slug>")
@login_required
def task(slug: str) -> str:
    """Show a task with the editor, which holds the last submission or the starter code."""
    return task_page(code_tasks.of_bank(slug), request.path)


def task_page(task: CodeTask, address: str) -> str:
    """Return a task's page; the page, and what is submitted, are at this address."""
    with database().read() as session:
        own = submissions.own(session, user_id(), task.slug)
        last = submissions.last_source(session, user_id(), task.slug)
    if last is None or "starter" in request.args:
        source = task.starter
    else:
        source = last.decode("utf-8", "replace")
    return render_template(
        "code/task.html", task=task, address=address, source=source, submissions=own
    )


@blueprint.post("/tasks/<slug>")
@login_required
def submit(slug: str) -> str | BaseResponse:
    """Store a submission with its job, and show where it stands."""
    return take(code_tasks.of_bank(slug))


def take(task: CodeTask) -> str | BaseResponse:
    """Store what the form holds as a submission to a task, and show where it stands."""
    # Browsers send line ends as CRLF; the file that is graded has the editor's own.
    source = request.form.get("source", "").replace("\r\n", "\n").encode("utf-8", "surrogatepass")
    if not source.strip():
        raise Invalid("There is no code yet. Go back, write some, and submit it.")
    key = request.form.get("key", "")
    with database().write() as session:
        submission = submissions.submit(session, user_id(), task.target(), source, key)
    if wants_fragment():
        return _status_fragment(submission.public_id)
    return redirect(url_for("code.submission", public_id=submission.public_id), 303)


@blueprint.get("/submissions/<public_id>")
@login_required
def submission(public_id: str) -> str:
    """Show a submission: its source, and its grade or where it stands."""
    with database().read() as session:
        status = submissions.status(session, user_id(), public_id)
        own = submissions.own(session, user_id(), status.submission.task)
    return render_template(
        "code/submission.html",
        status=status,
        title=_title(status.submission.task),
        task_address=_address(status.submission.task),
        source=_text(status.submission),
        submissions=own,
        before=_before(own, status.submission),
        poll_s=1.0,
    )


@blueprint.post("/submissions/<public_id>/cancel")
@login_required
def cancel(public_id: str) -> BaseResponse:
    """Take back a submission that waits."""
    with database().write() as session:
        submissions.take_back(session, user_id(), public_id)
    return redirect(url_for("code.submission", public_id=public_id), 303)


@blueprint.get("/submissions/compare")
@login_required
def compare() -> str:
    """Show the difference between two of the student's own submissions to one task."""
    with database().read() as session:
        old, new = (
            submissions.find(session, user_id(), request.args.get(name, ""))
            for name in ("old", "new")
        )
        if old.task != new.task:
            raise Invalid("These submissions are to different tasks. Choose two to the same one.")
        own = submissions.own(session, user_id(), new.task)
    return render_template(
        "code/compare.html",
        old=old,
        new=new,
        submissions=own,
        title=_title(new.task),
        comparison=differences.compare(_text(old), _text(new)),
    )


@blueprint.get("/submissions/<public_id>/status")
@login_required
def submission_status(public_id: str) -> BaseResponse:
    """Return the part of the page that follows a submission; unchanged, it is not sent again."""
    return _status_fragment(public_id)


def _status_fragment(public_id: str) -> BaseResponse:
    with database().read() as session:
        status = submissions.status(session, user_id(), public_id)
        age_s = (now(session) - status.submission.created_at).total_seconds()
    # From 1 s to 5 s apart: a class that hands in at once must not keep the pages busy.
    poll_s = min(LONGEST_POLL_S, round(1 + age_s / 10))
    answer = make_response(render_template("code/_status.html", status=status, poll_s=poll_s))
    answer.set_etag(_state(status, poll_s))
    answer.headers["Cache-Control"] = "private, no-cache"
    if status.grade:
        answer.headers["HX-Trigger"] = "graded"  # the page's list of submissions has changed
    return answer.make_conditional(request)


def _state(status: Status, poll_s: float) -> str:
    return f"{status.state}-{status.position}-{status.grade and status.grade.id}-{poll_s}"


def _text(submission: Submission) -> str:
    return submission.source.decode("utf-8", "replace")


def _before(own: list[Submission], submission: Submission) -> str:
    """Return which submission to compare with unless another is chosen: the one before."""
    earlier = [item for item in own if item.id < submission.id] or own
    return earlier[0].public_id


def _title(slug: str) -> str:
    """Return a task's title; of a course's own task, or one that was taken out since, its name."""
    task = catalog.tasks().get(slug)
    return task.title if task else slug.rpartition("/")[2]


def _address(slug: str) -> str | None:
    """Return where a task's page is; None for one that was taken out."""
    if slug in catalog.tasks():
        return url_for("code.task", slug=slug)
    course, own, slug = slug.partition("/")
    return url_for("course_practice.task", course=course, slug=slug) if own else None


def _array_text(array: dict[str, Any]) -> str:
    """Return an array of a grade's document as rows of numbers, one row a line."""
    values, shape = array["values"], array["shape"]
    columns = shape[-1] if len(shape) > 1 and shape[-1] else len(values) or 1
    texts = [_significant(value) for value in values]
    width = max(map(len, texts), default=0)
    rows = [texts[start : start + columns] for start in range(0, len(texts), columns)]
    lines = ["  ".join(text.rjust(width) for text in row) for row in rows]
    return "\n".join([*lines, "…"] if array["truncated"] else lines)


def _significant(value: Any) -> str:
    """Return a number to five significant digits; "nan" and "inf" come as text already."""
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _tuple_text(shape: list[int]) -> str:
    """Return a shape as NumPy and PyTorch show it."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


blueprint.add_app_template_filter(_title, "task_title")
blueprint.add_app_template_filter(_array_text, "array_text")
blueprint.add_app_template_filter(_tuple_text, "tuple_text")
blueprint.add_app_template_filter(_significant, "significant")


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"verdict_words": WORDS, "FAR": jobs.FAR}
