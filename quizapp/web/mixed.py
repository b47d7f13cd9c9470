"""Mixed practice: problems of several topics in turn, with a progress bar and a summary."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from quizapp.services import practice, runs
from quizapp.web.fields import wanted_problems
from quizapp.web.pages import database, whole_number
from quizapp.web.security import user_id

blueprint = Blueprint("mixed", __name__)

DEFAULT_QUESTIONS = 8


@blueprint.get("/mixed")
@login_required
def index() -> str:
    """Show the form for a new mix, and earlier ones."""
    with database().read() as session:
        earlier = runs.own(session, user_id(), "mixed")
    return render_template(
        "mixed/index.html",
        topics=practice.topics(),
        earlier=earlier,
        questions=DEFAULT_QUESTIONS,
        most_questions=runs.MAX_QUESTIONS,
    )


@blueprint.post("/mixed")
@login_required
def start() -> Response:
    """Draw a mix and open its first problem."""
    choice = wanted_problems()
    run = runs.start(database(), user_id(), "mixed", choice, request.form.get("key", ""))
    return redirect(url_for("mixed.proceed", public_id=run.public_id), 303)


@blueprint.get("/mixed/<public_id>/next")
@login_required
def proceed(public_id: str) -> Response:
    """Go to the next problem that is not done, or to the summary."""
    after = whole_number(request.args.get("after", "0"))
    with database().read() as session:
        run = runs.find(session, user_id(), public_id, "mixed")
    item = runs.next_open(run, after)
    if item is None:
        return redirect(url_for("mixed.summary", public_id=public_id))
    return redirect(url_for("practice.variant", public_id=item.variant.public_id))


@blueprint.get("/mixed/<public_id>")
@login_required
def summary(public_id: str) -> str:
    """Show how the mix went, with links to every variant, and what to revise."""
    with database().read() as session:
        run = runs.find(session, user_id(), public_id, "mixed")
    return render_template("mixed/summary.html", run=run, revise=runs.to_revise(run))
