"""The first page: what the service is, or where I stand and what to do next; and the reviews."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from problems import catalog
from quizapp.db.engine import now
from quizapp.services import accounts, courses, practice, runs, standing, submissions
from quizapp.web.pages import database
from quizapp.web.security import user_id

blueprint = Blueprint("home", __name__)

RECENT = 5


@dataclass(frozen=True)
class TopicBar:
    """A topic with its mastery, the mean over all its families, and how many were tried."""

    slug: str
    title: str
    mastery: float
    tried: int
    families: int


@blueprint.get("/")
def home() -> str:
    """Show a visitor what there is, and a student where they stand and what to do next."""
    topics = practice.topics()
    if not current_user.is_authenticated:
        return render_template("welcome.html", topics=topics)
    with database().read() as session:
        moment = now(session)
        found = standing.answers(session, user_id())
        levels = standing.mastery(found)
        schedule = standing.reviews(found)
        recent = practice.history(session, user_id(), limit=RECENT)
        return render_template(
            "home.html",
            bars=[_bar(topic, levels) for topic in topics],
            advice=standing.advice(found, schedule, moment),
            families=catalog.families(),
            due=standing.due(schedule, moment),
            streak=standing.streak(found, moment.date()),
            shows_streak=accounts.shows_streak(session, user_id()),
            under_way=runs.exam_under_way(session, user_id()),
            mix=runs.unfinished(session, user_id()),
            later=[item for item in schedule if item.due > moment],
            open_variant=next((row for row in recent if practice.is_open(row)), None),
            enrolments=courses.of_user(session, user_id()),
            variants=recent,
            submissions=submissions.own(session, user_id(), limit=RECENT),
        )


@blueprint.get("/review")
@login_required
def review() -> str:
    """Show what is due for a review, and what comes back when."""
    with database().read() as session:
        moment = now(session)
        schedule = standing.reviews(standing.answers(session, user_id()))
    return render_template(
        "review.html",
        due=standing.due(schedule, moment),
        later=[item for item in schedule if item.due > moment],
        families=catalog.families(),
        message=standing.message,
    )


@blueprint.post("/review")
@login_required
def start_review() -> Response:
    """Draw a problem of each family that is due, and open the first."""
    with database().read() as session:
        schedule = standing.reviews(standing.answers(session, user_id()))
        due = standing.due(schedule, now(session))
    run = runs.start_review(database(), user_id(), list(due), request.form.get("key", ""))
    return redirect(url_for("mixed.proceed", public_id=run.public_id), 303)


def _bar(topic: practice.Topic, levels: dict[str, float]) -> TopicBar:
    slugs = [family.slug for family in topic.families]
    tried = [levels[slug] for slug in slugs if slug in levels]
    return TopicBar(topic.slug, topic.title, sum(tried) / len(slugs), len(tried), len(slugs))
