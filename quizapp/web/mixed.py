"""Mixed practice: problems of several topics in turn, with a progress bar and a summary."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from quizapp.errors import Invalid, TooMany
from quizapp.services import practice, runs
from quizapp.web.fields import wanted_problems
from quizapp.web.pages import STATUS, database
from quizapp.web.security import user_id

blueprint = Blueprint("mixed", __name__)

DEFAULT_QUESTIONS = 8


@blueprint.get("/mixed")
@login_required
def index() -> str:
    """Show the form for a new mix, the one under way, and earlier ones."""
    return _index()


def _index(error: str | None = None) -> str:
    with database().read() as session:
        earlier = runs.own(session, user_id(), "mixed")
        mix = runs.unfinished(session, user_id())
    return render_template(
        "mixed/index.html",
        topics=practice.topics(),
        earlier=earlier,
        mix=mix,
        error=error,
        form=request.form if error else None,
        questions=DEFAULT_QUESTIONS,
        most_questions=runs.MAX_QUESTIONS,
    )


@blueprint.post("/mixed")
@login_required
def start() -> Response | tuple[str, int]:
    """Draw a mix and open its first problem."""
    try:
        key = request.form.get("key", "")
        run = runs.start(database(), user_id(), "mixed", wanted_problems(), key)
    except (Invalid, TooMany) as error:
        return _index(error.message), STATUS[type(error)]
    return redirect(url_for("mixed.proceed", public_id=run.public_id), 303)


@blueprint.get("/mixed/<public_id>/next")
@login_required
def proceed(public_id: str) -> Response:
    """Go to the next problem that is not done, or to the summary."""
    with database().read() as session:
        run = runs.find(session, user_id(), public_id, "mixed")
    item = runs.next_open(run, request.args.get("after"))
    if item is None:
        return redirect(url_for("mixed.summary", public_id=public_id))
    return redirect(
        url_for("practice.variant", public_id=item.variant.public_id, mix=run.public_id)
    )


@blueprint.get("/mixed/<public_id>")
@login_required
def summary(public_id: str) -> str:
    """Show how the mix went, with links to every variant, and what to revise."""
    with database().read() as session:
        run = runs.find(session, user_id(), public_id, "mixed")
    return render_template("mixed/summary.html", run=run, revise=runs.to_revise(run))
