"""Regrading a question of a quiz: the dry run, applying it, and undoing it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from quizapp.db.engine import now
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import quiz_items, quizzes, regrade_rules, regrading, releases
from quizapp.services.courses import Member
from quizapp.web.course_access import requires
from quizapp.web.pages import STATUS, database

blueprint = Blueprint("regrades", __name__)


@blueprint.get("/courses/<course>/quizzes/<quiz>/regrades")
@requires("instructor")
def index(member: Member, quiz: str) -> str:
    """List a quiz's regrades, with the form to begin one."""
    return _index(member, quiz)


def _index(member: Member, public_id: str, error: str | None = None) -> str:
    with database().read() as session:
        quiz = quizzes.find(session, member.course_id, public_id)
        return render_template(
            "regrades/index.html",
            member=member,
            quiz=quiz,
            items=quizzes.items_of(quiz),
            regrades=regrading.of_quiz(session, quiz),
            rules=regrade_rules.RULES,
            described=regrade_rules.described,
            error=error,
            newer_version=quiz_items.newer_version,
            form=request.form,
            chosen=request.values.get("item", ""),
        )


@blueprint.post("/courses/<course>/quizzes/<quiz>/regrades")
@requires("instructor")
def prepare(member: Member, quiz: str) -> Response | tuple[str, int]:
    """Begin a dry run."""
    item = request.form.get("item", type=int) or 0
    rule, never_lower = request.form.get("rule", ""), "never_lower" in request.form
    try:
        with database().write() as session:
            found = regrading.prepare(session, member, quiz, item, rule, never_lower=never_lower)
    except (Invalid, Conflict, NotFound) as error:
        return _index(member, quiz, error.message), STATUS[type(error)]
    return _to(member, quiz, found.public_id)


@blueprint.get("/courses/<course>/quizzes/<quiz>/regrades/<regrade>")
@requires("instructor")
def show(member: Member, quiz: str, regrade: str) -> str:
    """Show whose marks a regrade changes, from what to what and why."""
    return _show(member, quiz, regrade)


def _show(member: Member, quiz_id: str, public_id: str, error: str | None = None) -> str:
    with database().read() as session:
        quiz = quizzes.find(session, member.course_id, quiz_id)
        found = regrading.find(session, quiz, public_id)
        lines = regrading.dry_run(session, quiz, found) if found.ready_at else []
        counted = [line for line in lines if not line.untouched]
        same = [line for line in counted if line.after == line.before]
        return render_template(
            "regrades/show.html",
            member=member,
            quiz=quiz,
            regrade=found,
            described=regrade_rules.described,
            stands=regrade_rules.stands(session, found),
            job=regrading.progress(session, member.course_id, found),
            changed=[line for line in counted if line.after != line.before],
            untouched=[line for line in lines if line.untouched],
            raised=sum(line.after > line.before for line in counted),
            lowered=sum(line.after < line.before for line in counted),
            unchanged=len(same),
            kept=[
                line for line in same if any(regrade_rules.KEPT in text for text in line.reasons)
            ],
            goes_on=not releases.are_over(session, [quiz], now(session)),
            error=error,
        )


@blueprint.post("/courses/<course>/quizzes/<quiz>/regrades/<regrade>/apply")
@requires("instructor")
def apply(member: Member, quiz: str, regrade: str) -> Response | tuple[str, int]:
    """Let a regrade count."""
    return _change(member, quiz, regrade, regrading.apply)


@blueprint.post("/courses/<course>/quizzes/<quiz>/regrades/<regrade>/undo")
@requires("instructor")
def undo(member: Member, quiz: str, regrade: str) -> Response | tuple[str, int]:
    """Let the marks before a regrade count again."""
    return _change(member, quiz, regrade, regrading.undo)


def _change(
    member: Member, quiz: str, regrade: str, verb: Callable[[Session, Member, str, str], None]
) -> Response | tuple[str, int]:
    try:
        with database().write() as session:
            verb(session, member, quiz, regrade)
    except Conflict as error:
        return _show(member, quiz, regrade, error.message), STATUS[Conflict]
    return _to(member, quiz, regrade)


def _to(member: Member, quiz: str, regrade: str) -> Response:
    address = url_for("regrades.show", course=member.slug, quiz=quiz, regrade=regrade)
    return redirect(address, 303)
