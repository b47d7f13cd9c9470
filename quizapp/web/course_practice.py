"""A course's own problems as students practise them."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from quizapp.services import course_practice
from quizapp.services.courses import Member
from quizapp.web.course_access import requires
from quizapp.web.pages import database

blueprint = Blueprint("course_practice", __name__, url_prefix="/courses/<course>/problems")


@blueprint.post("/<slug>/practise")
@requires("student")
def proceed(member: Member, slug: str) -> Response:
    """Go on with the open variant of a problem, or begin one."""
    with database().write() as session:
        row = course_practice.proceed(session, member, slug)
    return redirect(url_for("practice.variant", public_id=row.public_id), 303)


@blueprint.post("/<slug>/new")
@requires("student")
def new(member: Member, slug: str) -> Response:
    """Begin a new variant of a problem; the old one stays in the history."""
    with database().write() as session:
        row = course_practice.start(session, member, slug)
    return redirect(url_for("practice.variant", public_id=row.public_id), 303)
