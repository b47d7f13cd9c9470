"""Courses: the list of one's own, joining and making one, a course's first page, and its log."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from quizapp.db.models import Role
from quizapp.errors import Conflict, Forbidden, Invalid, NotFound
from quizapp.services import course_home, course_log, courses, membership, time_zones
from quizapp.services.courses import Member
from quizapp.web.course_access import requires
from quizapp.web.forms import page_number
from quizapp.web.pages import STATUS, database
from quizapp.web.security import user_id

blueprint = Blueprint("courses", __name__)

PLACES: tuple[tuple[str, str, Role], ...] = (
    ("courses.home", "Course", "student"),
    ("authoring.index", "Problems", "assistant"),
    ("quizzes.index", "Quizzes", "assistant"),
    ("results.course", "Gradebook", "assistant"),
    ("people.index", "People", "instructor"),
    ("courses.log", "Log", "owner"),
)
"""A course's pages that lead to the others: endpoint, word, and from which role on."""


@blueprint.get("/courses")
@login_required
def index() -> str:
    """List a person's courses, with the forms to join one and, for teachers, to make one."""
    return _index()


def _index(join_error: str | None = None, add_error: str | None = None) -> str:
    with database().read() as session:
        return render_template(
            "courses/index.html",
            enrolments=courses.of_user(session, user_id()),
            may_create=membership.may_create(session, user_id()),
            zones=time_zones.names(),
            join_error=join_error,
            add_error=add_error,
            form=request.form,
        )


@blueprint.post("/courses")
@login_required
def add() -> str | Response | tuple[str, int]:
    """Make a course, whose owner is its maker."""
    slug, title = request.form.get("slug", "").strip(), request.form.get("title", "")
    zone = request.form.get("time_zone", "UTC")
    try:
        with database().write() as session:
            course = membership.create(session, user_id(), slug, title, zone)
    except (Invalid, Conflict, Forbidden) as error:
        return _index(add_error=error.message), STATUS[type(error)]
    return redirect(url_for("courses.home", course=course.slug), 303)


@blueprint.get("/join/<code>")
def invitation(code: str) -> str:
    """Say which course a link joins, and ask; who has not signed in yet does that first."""
    with database().read() as session:
        return render_template("courses/join.html", course=membership.by_code(session, code))


@blueprint.post("/join")
@login_required
def join() -> str | Response | tuple[str, int]:
    """Join a course by its code, or by the whole link, as a student."""
    code = request.form.get("code", "").strip().rstrip("/").rpartition("/")[2]
    try:
        with database().write() as session:
            course = membership.join(session, user_id(), code)
    except NotFound as error:
        return _index(join_error=error.message), STATUS[NotFound]
    return redirect(url_for("courses.home", course=course.slug), 303)


@blueprint.get("/courses/<course>")
@requires("student")
def home(member: Member) -> str:
    """Show a course: its quizzes and problems, and for its staff the way to their pages."""
    with database().read() as session:
        return render_template(
            "courses/home.html",
            member=member,
            quizzes=course_home.quizzes(session, member),
            problems=course_home.problems(session, member.course_id),
        )


@blueprint.get("/courses/<course>/log")
@requires("owner")
def log(member: Member) -> str:
    """Show who changed what, newest first."""
    group, number = request.args.get("group", ""), page_number()
    with database().read() as session:
        return render_template(
            "courses/log.html",
            member=member,
            log=course_log.page(session, member.course_id, group, number),
            groups=course_log.groups(session, member.course_id),
            group=group,
            number=number,
        )


@blueprint.app_template_global()
def course_places(member: Member) -> list[tuple[str, str, bool]]:
    """Return the places that a member may go to: address, word, and whether they are there."""
    if member.role == "student":
        return []
    places: list[tuple[str, str, bool]] = []
    for endpoint, word, role in PLACES:
        if member.may(role):
            address = url_for(endpoint, course=member.slug)
            same_module = _module() == endpoint.partition(".")[0] != "courses"
            places.append((address, word, same_module or request.path == address))
    return places


def _module() -> str | None:
    """Return the module whose page this is; a regrade is one of a quiz's pages."""
    return "quizzes" if request.blueprint == "regrades" else request.blueprint
