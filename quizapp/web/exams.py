"""Mock exams: starting one, its questions under the clock, handing in, and the marks."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from problems.core import Variant as Frozen
from quizapp.db.models import Run, RunItem
from quizapp.errors import Conflict, Invalid, TooMany
from quizapp.services import courses, exams, practice, runs
from quizapp.services.pictures import picture
from quizapp.web.fields import (
    answer_state,
    readings,
    statement_with_answers,
    statement_with_fields,
    typed_responses,
    wanted_problems,
)
from quizapp.web.forms import whole_number
from quizapp.web.pages import STATUS, database
from quizapp.web.security import user_id

blueprint = Blueprint("exams", __name__)

DEFAULT_QUESTIONS = 10
DEFAULT_MINUTES = 45


@blueprint.get("/exams")
@login_required
def index() -> str:
    """Show the form for a new exam, the one under way, and earlier ones with their scores."""
    return _index()


def _index(error: str | None = None) -> str:
    exams.hand_in_overdue(database(), user_id())
    with database().read() as session:
        return render_template(
            "exams/index.html",
            topics=practice.topics(),
            under_way=runs.exam_under_way(session, user_id()),
            finished=exams.finished(session, user_id()),
            midterms=courses.midterms(session, user_id()),
            questions=DEFAULT_QUESTIONS,
            minutes=DEFAULT_MINUTES,
            most_questions=runs.MAX_QUESTIONS,
            most_minutes=runs.MAX_MINUTES,
            error=error,
            form=request.form if error else None,
        )


@blueprint.post("/exams")
@login_required
def start() -> Response | tuple[str, int]:
    """Draw an exam, whose time begins at once; where one goes on, lead to that one."""
    try:
        minutes = whole_number(request.form.get("minutes", ""), "the minutes")
        key = request.form.get("key", "")
        run = runs.start(database(), user_id(), "exam", wanted_problems(), key, minutes)
    except (Invalid, TooMany) as error:
        return _index(error.message), STATUS[type(error)]
    return redirect(url_for("exams.question", public_id=run.public_id, position=1), 303)


@blueprint.get("/exams/<public_id>")
@login_required
def exam(public_id: str) -> str:
    """Show what is answered while the exam goes on, and the marks when it is over."""
    run = exams.find(database(), user_id(), public_id)
    if run.marked_at is None:
        with database().read() as session:
            left = exams.left(session, run)
        return render_template("exams/overview.html", run=run, left=left, questions=_list(run))
    results = exams.results(run)
    with database().read() as session:
        finished = exams.finished(session, user_id())
    return render_template(
        "exams/result.html",
        run=run,
        results=results,
        score=exams.score(results),
        earlier=[summary for summary in finished if summary.run.id != run.id],
        families=_titles(results),
        picture=picture,
        statements={result.item.position: _answered(result) for result in results},
    )


@blueprint.get("/exams/<public_id>/<int(min=1, max=40):position>")
@login_required
def question(public_id: str, position: int) -> str | Response:
    """Show one question of an exam that goes on."""
    run = exams.find(database(), user_id(), public_id)
    if run.marked_at is not None:
        return redirect(url_for("exams.exam", public_id=public_id))
    # Nothing is typed yet, but from now on this is the problem whose time is counted.
    saved = exams.save(database(), user_id(), public_id, position, {})
    frozen = Frozen.from_json(saved.item.variant.document)
    return render_template(
        "exams/question.html",
        run=run,
        item=saved.item,
        left=saved.left,
        questions=_list(run),
        statement=statement_with_fields(frozen, saved.item.responses),
    )


@blueprint.post("/exams/<public_id>/<int(min=1, max=40):position>")
@login_required
def save(public_id: str, position: int) -> Response:
    """Save what was typed; then go where the button leads, or tell the page's script."""
    try:
        saved = exams.save(database(), user_id(), public_id, position, typed_responses())
    except Conflict:
        # Nothing is lost that was saved in time, and the marks say the rest.
        if "go" in request.form:
            return redirect(url_for("exams.exam", public_id=public_id), 303)
        raise
    go = request.form.get("go")
    if go is None:
        frozen = Frozen.from_json(saved.item.variant.document)
        read = readings(frozen, saved.item.responses)
        return jsonify(left_s=saved.left.total_seconds(), readings=read)
    if go == "end":
        return redirect(url_for("exams.exam", public_id=public_id), 303)
    position = whole_number(go, "the question")
    return redirect(url_for("exams.question", public_id=public_id, position=position), 303)


@blueprint.post("/exams/<public_id>/hand-in")
@login_required
def hand_in(public_id: str) -> Response:
    """End the exam, and show its marks."""
    exams.hand_in(database(), user_id(), public_id)
    return redirect(url_for("exams.exam", public_id=public_id), 303)


def _list(run: Run) -> list[tuple[RunItem, str]]:
    """Return the items with how far each is: blank, partly, answered or unreadable."""
    return [
        (item, answer_state(Frozen.from_json(item.variant.document).parts, item.responses))
        for item in run.items
    ]


def _answered(result: exams.Result) -> str:
    marks = result.mark.parts if result.mark else {}
    return statement_with_answers(result.frozen, result.item.responses, marks)


def _titles(results: list[exams.Result]) -> list[tuple[str, str]]:
    """Return what to revise: the families with a mark below 1, by slug and title, each once."""
    wrong = {
        result.item.variant.family: result.frozen.title for result in results if result.score < 1
    }
    return list(wrong.items())
