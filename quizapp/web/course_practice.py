"""A course's own problems as students practise them."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from quizapp.services import code_tasks, course_practice
from quizapp.services.code_tasks import CodeTask
from quizapp.services.courses import Member
from quizapp.web import code
from quizapp.web.course_access import requires
from quizapp.web.pages import database

blueprint = Blueprint("course_practice", __name__, url_prefix="/courses/<course>/problems")


@blueprint.post("/<slug>/practise")
@requires("student")
def proceed(member: Member, slug: str) -> Response:
    """Go on with the open variant of a problem, or begin one; of a code task, open its page."""
    with database().read() as session:
        kind = course_practice.published(session, member, slug).problem.kind
    if kind == "task":
        return redirect(url_for("course_practice.task", course=member.slug, slug=slug), 303)
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


@blueprint.get("/<slug>/code")
@requires("student")
def task(member: Member, slug: str) -> str:
    """Show a code task of the course with the editor."""
    return code.task_page(_task(member, slug), request.path)


@blueprint.post("/<slug>/code")
@requires("student")
def submit(member: Member, slug: str) -> str | Response:
    """Store a submission to a code task of the course, and show where it stands."""
    return code.take(_task(member, slug))


def _task(member: Member, slug: str) -> CodeTask:
    with database().read() as session:
        version = course_practice.task(session, member, slug)
        return code_tasks.of_version(course_practice.name(member, version.problem), version)
