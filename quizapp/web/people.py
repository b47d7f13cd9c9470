"""The people of a course: their list, roles, the code that joins, and the roster."""

from __future__ import annotations

from contextlib import closing

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from quizapp.db.models import Course
from quizapp.errors import Conflict, Forbidden, Invalid
from quizapp.services import membership, rosters
from quizapp.services.courses import RANKS, Member
from quizapp.web.course_access import requires
from quizapp.web.forms import page_number
from quizapp.web.pages import STATUS, database

blueprint = Blueprint("people", __name__, url_prefix="/courses/<course>/people")


@blueprint.get("")
@requires("instructor")
def index(member: Member) -> str:
    """List a course's people, with the code that joins it."""
    return _index(member)


def _index(member: Member, error: str | None = None) -> str:
    search, number = request.args.get("search", "").strip(), page_number()
    with database().read() as session:
        course = session.get_one(Course, member.course_id)
        return render_template(
            "people/index.html",
            member=member,
            people=membership.people(session, member.course_id, search, number),
            invitations=membership.invitations(session, member.course_id),
            code=course.join_code,
            search=search,
            number=number,
            roles=RANKS,
            error=error,
        )


@blueprint.post("/role")
@requires("owner")
def change_role(member: Member) -> BaseResponse | tuple[str, int]:
    """Give somebody another role."""
    try:
        with database().write() as session:
            username, role = request.form.get("username", ""), request.form.get("role", "")
            membership.change_role(session, member, username, role)
    except (Conflict, Invalid) as error:
        return _index(member, error.message), STATUS[type(error)]
    return _back(member, f"The role of {username} is {role} now.")


@blueprint.post("/remove")
@requires("instructor")
def remove(member: Member) -> BaseResponse | tuple[str, int]:
    """Take somebody out of the course."""
    username = request.form.get("username", "")
    try:
        with database().write() as session:
            membership.remove(session, member, username)
    except (Conflict, Forbidden) as error:
        return _index(member, error.message), STATUS[type(error)]
    return _back(member, f"{username} is not in the course any more.")


@blueprint.post("/code")
@requires("instructor")
def code(member: Member) -> BaseResponse:
    """Make a new code to join by, or turn joining by code off."""
    off = "off" in request.form
    with database().write() as session:
        (membership.close_code if off else membership.reset_code)(session, member)
    return _back(member, "The code joins nobody any more." if off else "Only the new code joins.")


@blueprint.get("/roster")
@requires("instructor")
def roster(member: Member) -> str:
    """Show the form that takes a roster."""
    return render_template("people/roster.html", member=member)


@blueprint.post("/roster")
@requires("instructor")
def preview(member: Member) -> str | tuple[str, int]:
    """Show what a roster would change, and change nothing yet."""
    text = request.form.get("text", "")
    try:
        if upload := request.files.get("file"):
            with closing(upload):
                text = rosters.decode(upload.read(rosters.MAX_BYTES + 1)) or text
        sheet = rosters.parse(text)
        with database().read() as session:
            plan = rosters.plan(session, member, sheet)
    except Invalid as error:
        page = render_template("people/roster.html", member=member, text=text, error=error.message)
        return page, STATUS[Invalid]
    return render_template("people/preview.html", member=member, text=text, plan=plan)


@blueprint.post("/roster/apply")
@requires("instructor")
def apply(member: Member) -> str | tuple[str, int]:
    """Change what the roster changes by now, and say what that was."""
    text = request.form.get("text", "")
    try:
        sheet = rosters.parse(text)
    except Invalid as error:
        page = render_template("people/roster.html", member=member, text=text, error=error.message)
        return page, STATUS[Invalid]
    with database().write() as session:
        plan = rosters.apply(session, member, sheet)
    return render_template("people/applied.html", member=member, plan=plan)


@blueprint.get("/roster.csv")
@requires("instructor")
def download(member: Member) -> Response:
    """Give the course's roster as CSV."""
    with database().read() as session:
        text = rosters.to_csv(session, member.course_id)
    return csv_file(text, f"{member.slug}-roster.csv")


def csv_file(text: str, name: str) -> Response:
    """Return CSV as a file; its mark at the start tells spreadsheets that it is UTF-8."""
    answer = make_response("\ufeff" + text)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _back(member: Member, said: str) -> BaseResponse:
    flash(said, "people")
    return redirect(url_for("people.index", course=member.slug), 303)
