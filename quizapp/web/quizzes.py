"""Making quizzes: the list, the page on which one is made, and what students see before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from quizapp.db.engine import now
from quizapp.errors import Conflict, Invalid, NotFound, QuizappError, TooMany
from quizapp.services import pools, quiz_items, quizzes, starting
from quizapp.services.courses import Member
from quizapp.web.course_access import requires
from quizapp.web.pages import STATUS, database

blueprint = Blueprint("quizzes", __name__)

SHOWN_CANDIDATES = 12
YEARS = (2000, 2100)


@blueprint.get("/courses/<course>/quizzes")
@requires("assistant")
def index(member: Member) -> str:
    """List a course's quizzes, with the form to begin one."""
    return _index(member)


def _index(member: Member, error: str | None = None) -> str:
    with database().read() as session:
        listed = quizzes.listed(session, member.course_id)
        return render_template(
            "quizzes/index.html", member=member, quizzes=listed, error=error, form=request.form
        )


@blueprint.post("/courses/<course>/quizzes")
@requires("instructor")
def create(member: Member) -> Response | tuple[str, int]:
    """Begin a quiz."""
    try:
        with database().write() as session:
            quiz = quizzes.create(session, member, request.form.get("title", ""))
    except Invalid as error:
        return _index(member, error.message), STATUS[Invalid]
    return redirect(url_for("quizzes.edit", course=member.slug, quiz=quiz.public_id), 303)


@blueprint.get("/courses/<course>/quizzes/<quiz>")
@requires("student")
def show(member: Member, quiz: str) -> str:
    """Show a quiz before it is begun: what it is, when it is, and the way in."""
    return show_page(member, quiz)


def show_page(member: Member, public_id: str, error: str | None = None) -> str:
    """Return the page of a quiz, with what kept it from being begun. Raises NotFound."""
    with database().read() as session:
        quiz = quizzes.named(session, member.course_id, public_id)
        if not quiz.published and not member.may("assistant"):
            raise NotFound("The course has no such quiz.")
        extra = starting.extra_time(session, quiz.id, member.user_id)
        return render_template(
            "quizzes/show.html",
            member=member,
            quiz=quiz,
            state=starting.state(quiz, extra, now(session)),
            closes_at=quiz.closes_at + extra if quiz.closes_at else None,
            extra=extra,
            sitting=starting.own(session, quiz, member.user_id),
            error=error,
            code=request.form.get("code", ""),
        )


@blueprint.get("/courses/<course>/quizzes/<quiz>/edit")
@requires("instructor")
def edit(member: Member, quiz: str) -> str:
    """Show the page on which a quiz is made."""
    return _edit(member, quiz)


def _edit(member: Member, public_id: str, failed: str = "", error: str | None = None) -> str:
    """Return that page; in the form that `failed` stands what was typed, with its error."""
    words, section = request.args.get("q", ""), request.args.get("section", type=int)
    with database().read() as session:
        quiz = quizzes.find(session, member.course_id, public_id)
        found = quiz_items.candidates(session, member.course_id, words)
        return render_template(
            "quizzes/edit.html",
            member=member,
            quiz=quiz,
            begun=quizzes.has_begun(session, quiz),
            obstacles=quizzes.obstacles(session, quiz),
            pools=pools.of_items(session, quizzes.items_of(quiz)),
            parameters=quiz_items.parameters,
            newer_version=quiz_items.newer_version,
            extra_times=quizzes.extra_times(session, quiz),
            words=words,
            section=section,
            candidates=found[:SHOWN_CANDIDATES],
            more=len(found) - SHOWN_CANDIDATES,
            failed=failed,
            error=error,
            form=request.form,
        )


@blueprint.get("/courses/<course>/quizzes/<quiz>/variants")
@requires("instructor")
def variants(member: Member, quiz: str) -> str:
    """Return the part of the page that says how far the variants are."""
    with database().read() as session:
        row = quizzes.find(session, member.course_id, quiz)
        return render_template(
            "quizzes/_variants.html",
            member=member,
            quiz=row,
            begun=quizzes.has_begun(session, row),
            obstacles=quizzes.obstacles(session, row),
            pools=pools.of_items(session, quizzes.items_of(row)),
        )


Page = Response | tuple[str, int]


@blueprint.post("/courses/<course>/quizzes/<quiz>/settings")
@requires("instructor")
def settings(member: Member, quiz: str) -> Page:
    """Change a quiz's settings."""
    return _change(member, quiz, "settings", lambda s: quizzes.change(s, member, quiz, _settings()))


@blueprint.post("/courses/<course>/quizzes/<quiz>/publish")
@requires("instructor")
def publish(member: Member, quiz: str) -> Page:
    """Show a quiz to the students."""
    return _change(member, quiz, "variants", lambda s: quizzes.publish(s, member, quiz))


@blueprint.post("/courses/<course>/quizzes/<quiz>/take-back")
@requires("instructor")
def take_back(member: Member, quiz: str) -> Page:
    """Hide a quiz that nobody has begun."""
    return _change(member, quiz, "variants", lambda s: quizzes.take_back(s, member, quiz))


@blueprint.post("/courses/<course>/quizzes/<quiz>/copy")
@requires("instructor")
def copy(member: Member, quiz: str) -> Response:
    """Make another quiz of the same questions."""
    with database().write() as session:
        new = quizzes.copy(session, member, quiz)
    return redirect(url_for("quizzes.edit", course=member.slug, quiz=new.public_id), 303)


@blueprint.post("/courses/<course>/quizzes/<quiz>/extra-time")
@requires("instructor")
def extra_time(member: Member, quiz: str) -> Page:
    """Give a student more time."""

    def change(session: Session) -> None:
        minutes = _whole("minutes", "the extra minutes")
        username = request.form.get("username", "")
        quizzes.set_extra_time(session, member, quiz, username, minutes or 0)

    return _change(member, quiz, "extra-time", change)


@blueprint.post("/courses/<course>/quizzes/<quiz>/sections")
@requires("instructor")
def add_section(member: Member, quiz: str) -> Page:
    """Add a section at the end."""
    return _change(member, quiz, "questions", lambda s: quiz_items.add_section(s, member, quiz))


@blueprint.post("/courses/<course>/quizzes/<quiz>/sections/<int:section>")
@requires("instructor")
def section(member: Member, quiz: str, section: int) -> Page:
    """Change a section, or remove it."""

    def change(session: Session) -> None:
        if request.form.get("do") == "remove":
            quiz_items.remove_section(session, member, quiz, section)
            return
        pick = _whole("pick", "how many questions are picked")
        title = request.form.get("title", "")
        quiz_items.change_section(session, member, quiz, section, title, pick)

    return _change(member, quiz, f"section-{section}", change)


@blueprint.post("/courses/<course>/quizzes/<quiz>/items")
@requires("instructor")
def add(member: Member, quiz: str) -> Page:
    """Add a problem to a section."""

    def change(session: Session) -> None:
        section = _whole("section", "the section") or 0
        quiz_items.add(session, member, quiz, section, request.form.get("source", ""))

    return _change(member, quiz, "add", change)


@blueprint.post("/courses/<course>/quizzes/<quiz>/items/<int:item>")
@requires("instructor")
def item(member: Member, quiz: str, item: int) -> Page:
    """Change a question's points and pins, move it, draw it anew, or remove it."""

    def change(session: Session) -> None:
        match request.form.get("do"):
            case "up" | "down" as way:
                quiz_items.move(session, member, quiz, item, up=way == "up")
            case "remove":
                quiz_items.remove(session, member, quiz, item)
            case "redraw":
                quiz_items.redraw(session, member, quiz, item)
            case _:
                _change_item(session, member, quiz, item)

    return _change(member, quiz, f"item-{item}", change)


def _change_item(session: Session, member: Member, quiz: str, item: int) -> None:
    points = _number("points", "the points")
    if points is None:
        raise Invalid("Give the points, a number from 0.")
    pins = {
        name.removeprefix("pin-"): text
        for name, text in request.form.items()
        if name.startswith("pin-")
    }
    quiz_items.set_points(session, member, quiz, item, points)
    quiz_items.set_pins(session, member, quiz, item, pins)


def _change(member: Member, quiz: str, name: str, change: Callable[[Session], object]) -> Page:
    """Make a change, and show the page at its part; or with what was typed and why it failed."""
    try:
        with database().write() as session:
            change(session)
    except (Invalid, Conflict, NotFound, TooMany) as error:
        return _edit(member, quiz, name, error.message), _status(error)
    address = url_for("quizzes.edit", course=member.slug, quiz=quiz, _anchor=name)
    return redirect(address, 303)


def _status(error: QuizappError) -> int:
    return STATUS[type(error)]


def _settings() -> quizzes.Settings:
    """Return the settings that the form holds. Raises Invalid."""
    at_once = request.form.get("feedback") == "at_once"
    tries = _whole("tries", "the tries") if at_once else None
    penalty = _number("penalty", "the penalty") if at_once else None
    return quizzes.Settings(
        title=request.form.get("title", "").strip(),
        introduction=request.form.get("introduction", "").replace("\r\n", "\n"),
        opens_at=_moment("opens_at", "the opening"),
        closes_at=_moment("closes_at", "the closing"),
        minutes=_whole("minutes", "the time limit"),
        feedback="at_once" if at_once else "after_closing",
        tries=1 if tries is None else tries,
        penalty=(penalty or 0.0) / 100,
        access_code=request.form.get("access_code", "").strip() or None,
        variants=_whole("variants", "the variants") or 0,
    )


def _whole(name: str, of: str) -> int | None:
    """Return the whole number in a field, None where it is blank. Raises Invalid."""
    text = request.form.get(name, "").strip()
    if text and not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise Invalid(f"Give {of} as a whole number, in digits.")
    return int(text) if text else None


def _number(name: str, of: str) -> float | None:
    """Return the number in a field, None where it is blank. Raises Invalid."""
    text = request.form.get(name, "").strip()
    try:
        return float(text[:20]) if text else None
    except ValueError as error:
        raise Invalid(f"Give {of} as a number, such as 1.5.") from error


def _moment(name: str, of: str) -> datetime | None:
    """Return the moment in a field, in UTC; None where it is blank. Raises Invalid."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None or not YEARS[0] <= moment.year < YEARS[1]:
        raise Invalid(f"Give {of} as a date and a time in UTC, such as 2026-12-01T14:00.")
    return moment.replace(tzinfo=UTC)
