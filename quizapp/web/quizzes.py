"""Making quizzes: the list, the page on which one is made, and what students see before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import (
    Blueprint,
    flash,
    get_flashed_messages,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from quizapp.db.engine import now
from quizapp.db.models import Quiz
from quizapp.errors import Conflict, Invalid, NotFound, QuizappError, TooMany
from quizapp.services import (
    pools,
    quiz_items,
    quiz_settings,
    quizzes,
    releases,
    starting,
    time_zones,
)
from quizapp.services.courses import Member
from quizapp.web.course_access import requires
from quizapp.web.forms import given, moment, number, whole_number
from quizapp.web.pages import STATUS, database

blueprint = Blueprint("quizzes", __name__)

SHOWN_CANDIDATES = 12


@blueprint.get("/courses/<course>/quizzes")
@requires("assistant")
def index(member: Member) -> str:
    """List a course's quizzes, with the forms to begin one and to choose their time zone."""
    return _index(member)


def _index(member: Member, failed: str = "", error: str | None = None) -> str:
    with database().read() as session:
        return render_template(
            "quizzes/index.html",
            member=member,
            quizzes=quizzes.listed(session, member.course_id),
            zones=time_zones.names(),
            said=_said(),
            failed=failed,
            error=error,
            form=request.form,
        )


@blueprint.post("/courses/<course>/quizzes")
@requires("instructor")
def create(member: Member) -> Response | tuple[str, int]:
    """Begin a quiz."""
    try:
        with database().write() as session:
            quiz = quizzes.create(session, member, request.form.get("title", ""))
    except Invalid as error:
        return _index(member, "new", error.message), STATUS[Invalid]
    return redirect(url_for("quizzes.edit", course=member.slug, quiz=quiz.public_id), 303)


@blueprint.post("/courses/<course>/time-zone")
@requires("instructor")
def time_zone(member: Member) -> Response | tuple[str, int]:
    """Choose the time zone in which the times of the quizzes are typed and shown."""
    try:
        with database().write() as session:
            time_zones.choose(session, member, request.form.get("time_zone", ""))
    except Invalid as error:
        return _index(member, "time-zone", error.message), STATUS[Invalid]
    flash("Saved.", "time-zone")
    address = url_for("quizzes.index", course=member.slug, _anchor="time-zone")
    return redirect(address, 303)


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


def _edit(
    member: Member, public_id: str, failed: str = "", error: QuizappError | None = None
) -> str:
    """Return that page; in the form that `failed` stands what was typed, with its error."""
    words = request.args.get("q", "")
    with database().read() as session:
        quiz = quizzes.find(session, member.course_id, public_id)
        found = quiz_items.candidates(session, member.course_id, words)
        begun, sitting = quizzes.attendance(session, quiz)
        return render_template(
            "quizzes/edit.html",
            member=member,
            quiz=quiz,
            begun=begun,
            sitting=sitting,
            keys_shown=begun and releases.are_over(session, [quiz], now(session)),
            obstacles=quizzes.obstacles(session, quiz),
            pools=pools.of_items(session, quizzes.items_of(quiz)),
            parameters=quiz_items.parameters,
            newer_version=quiz_items.newer_version,
            extra_times=quizzes.extra_times(session, quiz),
            words=words,
            candidates=found[:SHOWN_CANDIDATES],
            more=len(found) - SHOWN_CANDIDATES,
            # Not read again before what was typed can be compared with what is stored.
            seen=request.form.get("seen", "")
            if failed == "settings" and isinstance(error, Invalid)
            else quiz_settings.stamp(quiz),
            zone=_zone(member),
            said=_said(),
            failed=failed,
            error=error and error.message,
            form=request.form,
        )


@blueprint.get("/courses/<course>/quizzes/<quiz>/variants")
@requires("instructor")
def variants(member: Member, quiz: str) -> str:
    """Return the part of the page that says how far the variants are."""
    with database().read() as session:
        row = quizzes.find(session, member.course_id, quiz)
        begun, sitting = quizzes.attendance(session, row)
        return render_template(
            "quizzes/_variants.html",
            member=member,
            quiz=row,
            begun=begun,
            sitting=sitting,
            obstacles=quizzes.obstacles(session, row),
            pools=pools.of_items(session, quizzes.items_of(row)),
        )


Page = Response | tuple[str, int]


@blueprint.post("/courses/<course>/quizzes/<quiz>/settings")
@requires("instructor")
def settings(member: Member, quiz: str) -> Page:
    """Change a quiz's settings, unless somebody did so since the form was made."""

    def change(session: Session) -> None:
        row = quizzes.find(session, member.course_id, quiz, locked=True)
        wanted = _settings(row, time_zones.checked(_zone(member)))
        quiz_settings.require_seen(row, wanted, request.form.get("seen", ""))
        quizzes.change(session, member, quiz, wanted)

    return _change(member, quiz, "settings", change)


@blueprint.post("/courses/<course>/quizzes/<quiz>/publish")
@requires("instructor")
def publish(member: Member, quiz: str) -> Page:
    """Show a quiz to the students."""
    said = "Students see it now."
    return _change(member, quiz, "variants", lambda s: quizzes.publish(s, member, quiz), said)


@blueprint.post("/courses/<course>/quizzes/<quiz>/take-back")
@requires("instructor")
def take_back(member: Member, quiz: str) -> Page:
    """Hide a quiz that nobody has begun."""
    said = "Students do not see it any more."
    return _change(member, quiz, "variants", lambda s: quizzes.take_back(s, member, quiz), said)


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
        minutes = given("minutes", whole_number, "the extra minutes")
        username = request.form.get("username", "")
        quizzes.set_extra_time(session, member, quiz, username, minutes or 0)

    return _change(member, quiz, "extra-time", change)


@blueprint.post("/courses/<course>/quizzes/<quiz>/sections")
@requires("instructor")
def add_section(member: Member, quiz: str) -> Page:
    """Add a section at the end."""
    said = "A section was added at the end."
    return _change(
        member, quiz, "questions", lambda s: quiz_items.add_section(s, member, quiz), said
    )


@blueprint.post("/courses/<course>/quizzes/<quiz>/sections/<int:section>")
@requires("instructor")
def section(member: Member, quiz: str, section: int) -> Page:
    """Change a section, or remove it."""
    removed = request.form.get("do") == "remove"

    def change(session: Session) -> None:
        if removed:
            quiz_items.remove_section(session, member, quiz, section)
            return
        pick = given("pick", whole_number, "how many questions are picked")
        title = request.form.get("title", "")
        quiz_items.change_section(session, member, quiz, section, title, pick)

    name = f"section-{section}"
    if removed:
        return _change(member, quiz, name, change, "The section was removed.", "questions")
    return _change(member, quiz, name, change)


@blueprint.post("/courses/<course>/quizzes/<quiz>/items")
@requires("instructor")
def add(member: Member, quiz: str) -> Page:
    """Add a problem to a section."""

    def change(session: Session) -> None:
        section = given("section", whole_number, "the section") or 0
        quiz_items.add(session, member, quiz, section, request.form.get("source", ""))

    return _change(member, quiz, "add", change, "Added.")


@blueprint.post("/courses/<course>/quizzes/<quiz>/items/<int:item>")
@requires("instructor")
def item(member: Member, quiz: str, item: int) -> Page:
    """Change a question's points and pins, move it, draw it anew, or take it out."""
    where = (member, quiz, item)
    verbs: dict[str, tuple[Callable[[Session], object], str]] = {
        "up": (lambda s: quiz_items.move(s, *where, up=True), "Moved."),
        "down": (lambda s: quiz_items.move(s, *where, up=False), "Moved."),
        "redraw": (lambda s: quiz_items.redraw(s, *where), "Its variants are drawn anew."),
        "remove": (lambda s: quiz_items.remove(s, *where), "The question was taken out."),
    }
    saving = (lambda s: _change_item(s, *where), "Saved.")
    do = request.form.get("do", "")
    change, said = verbs.get(do, saving)
    anchor = "questions" if do == "remove" else ""
    return _change(member, quiz, f"item-{item}", change, said, anchor)


def _change_item(session: Session, member: Member, quiz: str, item: int) -> None:
    points = given("points", number, "the points")
    if points is None:
        raise Invalid("Give the points, a number from 0.")
    pins = {
        name.removeprefix("pin-"): text
        for name, text in request.form.items()
        if name.startswith("pin-")
    }
    quiz_items.set_points(session, member, quiz, item, points)
    quiz_items.set_pins(session, member, quiz, item, pins)


def _change(
    member: Member,
    quiz: str,
    name: str,
    change: Callable[[Session], object],
    said: str = "Saved.",
    anchor: str = "",
) -> Page:
    """Make a change in the part of this name, and show the page with what is said of it there.

    Or at another part, where that one is gone. A change that fails shows the page with what was
    typed and why it failed.
    """
    try:
        with database().write() as session:
            change(session)
    except (Invalid, Conflict, NotFound, TooMany) as error:
        return _edit(member, quiz, name, error), _status(error)
    anchor = anchor or name
    flash(said, anchor)
    address = url_for("quizzes.edit", course=member.slug, quiz=quiz, _anchor=anchor)
    return redirect(address, 303)


def _said() -> dict[str, str]:
    """Return what is said of the change before, by the name of the part that it changed."""
    return dict(cast("list[tuple[str, str]]", get_flashed_messages(with_categories=True)))


def _status(error: QuizappError) -> int:
    return STATUS[type(error)]


def _zone(member: Member) -> str:
    """Return the zone that a form was made in; the course may have another by now."""
    return request.form.get("zone") or member.time_zone


def _settings(quiz: Quiz, zone: str) -> quiz_settings.Settings:
    """Return the settings that the form holds, made from this quiz's. Raises Invalid."""
    at_once = request.form.get("feedback") == "at_once"
    tries = given("tries", whole_number, "the tries") if at_once else None
    penalty = given("penalty", number, "the penalty") if at_once else None
    return quiz_settings.Settings(
        title=request.form.get("title", "").strip(),
        introduction=request.form.get("introduction", "").replace("\r\n", "\n"),
        opens_at=given("opens_at", moment, "the opening", zone, quiz.opens_at),
        closes_at=given("closes_at", moment, "the closing", zone, quiz.closes_at),
        minutes=given("minutes", whole_number, "the time limit"),
        feedback="at_once" if at_once else "after_closing",
        tries=1 if tries is None else tries,
        penalty=(penalty or 0.0) / 100,
        access_code=request.form.get("access_code", "").strip() or None,
        variants=given("variants", whole_number, "the variants") or 0,
    )
