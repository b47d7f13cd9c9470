"""The first page: what the service is, or where I stand."""

from flask import Blueprint, render_template
from flask_login import current_user

from quizapp.services import courses, practice, submissions
from quizapp.web.pages import database

blueprint = Blueprint("home", __name__)

RECENT = 5


@blueprint.get("/")
def home() -> str:
    """Show a visitor what there is, and a student how far they are."""
    topics = practice.topics()
    if not current_user.is_authenticated:
        return render_template("welcome.html", topics=topics)
    with database().read() as session:
        return render_template(
            "home.html",
            topics=topics,
            progress=practice.progress(session, current_user.id),
            enrolments=courses.of_user(session, current_user.id),
            variants=practice.history(session, current_user.id, limit=RECENT),
            submissions=submissions.own(session, current_user.id, limit=RECENT),
        )
