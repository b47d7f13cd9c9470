"""Taking a quiz: starting, its questions one a page, handing in, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from problems.answers import Kind
from problems.core import Mark
from problems.core import Variant as Frozen
from quizapp.db.engine import now
from quizapp.db.models import Sitting, SittingItem, Submission
from quizapp.errors import Conflict, Forbidden, NotFound, NoTriesLeft, TooMany
from quizapp.services import (
    corrections,
    quiz_tasks,
    releases,
    scores,
    sittings,
    starting,
    submissions,
    timekeeping,
)
from quizapp.services.courses import Member
from quizapp.services.pictures import picture
from quizapp.web.course_access import requires
from quizapp.web.fields import (
    answer_state,
    readings,
    statement_with_answers,
    statement_with_fields,
    typed_responses,
)
from quizapp.web.forms import whole_number
from quizapp.web.pages import STATUS, database
from quizapp.web.quizzes import show_page
from quizapp.web.security import user_id

blueprint = Blueprint("sittings", __name__)


@blueprint.post("/courses/<course>/quizzes/<quiz>/start")
@requires("student")
def start(member: Member, quiz: str) -> Response | tuple[str, int]:
    """Begin a quiz; where it was begun, lead to it."""
    try:
        sitting = starting.start(database(), member, quiz, request.form.get("code", ""))
    except (Forbidden, Conflict, TooMany) as error:
        return show_page(member, quiz, error.message), STATUS[type(error)]
    if sitting.handed_in_at is not None:
        return redirect(url_for("sittings.sitting", public_id=sitting.public_id), 303)
    return _to_question(sitting.public_id, sitting.item_open or 1)


@blueprint.post("/courses/<course>/quizzes/<quiz>/preview")
@requires("assistant")
def preview(member: Member, quiz: str) -> Response | tuple[str, int]:
    """Begin a quiz as a student would; it counts nowhere."""
    try:
        sitting = starting.preview(database(), member, quiz)
    except Conflict as error:
        return show_page(member, quiz, error.message), STATUS[Conflict]
    return _to_question(sitting.public_id, 1)


@blueprint.get("/quizzes/<public_id>")
@login_required
def sitting(public_id: str) -> str:
    """Show what is answered while the sitting goes on, and what became of it afterwards."""
    found = sittings.find(database(), user_id(), public_id)
    with database().read() as session:
        if found.marked_at is None:
            left = timekeeping.left(found, now(session))
            listed = [(item, _state_of(item)) for item in found.items]
            return render_template(
                "sittings/overview.html", sitting=found, left=left, questions=listed
            )
        return _result(session, found)


@blueprint.get("/quizzes/<public_id>/<int(min=1, max=100):position>")
@login_required
def question(public_id: str, position: int) -> str | Response:
    """Show one question of a sitting that goes on."""
    try:
        opened = sittings.open_question(database(), user_id(), public_id, position)
    except Conflict:
        # It is over: that page hands it in, and shows what became of it.
        return redirect(url_for("sittings.sitting", public_id=public_id))
    return _question(opened)


@blueprint.post("/quizzes/<public_id>/<int(min=1, max=100):position>")
@login_required
def save(public_id: str, position: int) -> str | Response | tuple[str, int]:
    """Save what was typed, check or submit it; then go where the button leads."""
    go = request.form.get("go")
    typed = typed_responses()
    try:
        if go == "check":
            return _check(public_id, position, typed)
        if go == "submit":
            source, key = typed.get(quiz_tasks.SOURCE, ""), request.form.get("key", "")
            sittings.submit(database(), user_id(), public_id, position, source, key)
            return _to_question(public_id, position)
        saved = sittings.save(database(), user_id(), public_id, position, typed)
    except NoTriesLeft:
        raise
    except Conflict:
        # Nothing is lost that was saved in time, and the page says the rest.
        if go is not None:
            return redirect(url_for("sittings.sitting", public_id=public_id), 303)
        raise
    if go is None:
        left = None if saved.left is None else saved.left.total_seconds()
        return jsonify(left_s=left, readings=_readings(saved.item))
    if go == "end":
        return redirect(url_for("sittings.sitting", public_id=public_id), 303)
    return _to_question(public_id, whole_number(go, "the question"))


@blueprint.post("/quizzes/<public_id>/hand-in")
@login_required
def hand_in(public_id: str) -> Response:
    """End the sitting, and show what became of it."""
    sittings.hand_in(database(), user_id(), public_id)
    return redirect(url_for("sittings.sitting", public_id=public_id), 303)


@blueprint.get("/quizzes/<public_id>/<int(min=1, max=100):position>/submissions")
@login_required
def sent(public_id: str, position: int) -> str:
    """Return the part of the page that follows the submissions to a question."""
    found = sittings.find(database(), user_id(), public_id)
    item = next((item for item in found.items if item.position == position), None)
    if item is None:
        raise NotFound("This quiz has no such question.")
    with database().read() as session:
        return render_template("sittings/_sent.html", **_followed(session, found, item))


def _to_question(public_id: str, position: int) -> Response:
    return redirect(url_for("sittings.question", public_id=public_id, position=position), 303)


def _check(public_id: str, position: int, typed: dict[str, str]) -> str | Response:
    key = request.form.get("key", "")
    checked = sittings.check(database(), user_id(), public_id, position, typed, key)
    if checked.kept:
        return _to_question(public_id, position)
    opened = sittings.open_question(database(), user_id(), public_id, position)
    verdicts = [part.verdict for part in checked.mark.parts.values()]
    if "malformed" in verdicts:
        words = "Nothing was counted: a field could not be read. Mend it and check."
    else:
        words = "Nothing was counted: enter an answer first."
    return _question(opened, words)


def _question(opened: sittings.Opened, notice: str | None = None) -> str:
    found, item = opened.sitting, opened.item
    page: dict[str, Any] = {
        "sitting": found,
        "quiz": found.quiz,
        "item": item,
        "left": opened.left,
        "notice": notice,
        "questions": [(place, _state(place.kinds, place.responses)) for place in opened.places],
    }
    if item.variant is None:
        task = quiz_tasks.of_item(item.item)
        with database().read() as session:
            page |= _followed(session, found, item)
        source = item.responses.get(quiz_tasks.SOURCE) or task.starter
        return render_template("sittings/task.html", **page, task=task, source=source)
    frozen = Frozen.from_json(item.variant.document)
    typed = {part: item.responses.get(part, "") for part in frozen.parts}
    mark = regraded = None
    if opened.answers:
        with database().read() as session:
            last = opened.answers[-1]
            if last.responses == typed:
                mark = scores.marks_of(session, [last])[last.id]
            if scores.regrade_reasons(session, [item]):
                rows = scores.of_sitting(session, found)
                regraded = next(row for row in rows if row.sitting_item_id == item.id)
    return render_template(
        "sittings/question.html",
        **page,
        frozen=frozen,
        mark=mark,
        regraded=regraded,
        tries_left=sittings.tries_left(found.quiz, len(opened.answers)),
        statement=statement_with_fields(frozen, item.responses, mark.parts if mark else {}),
    )


def _sent(session: Session, found: Sitting, item: SittingItem) -> dict[str, Any]:
    """Return what the part of a page with the submissions to a question shows."""
    rows = quiz_tasks.sent(session, item)
    at_once = found.quiz.feedback == "at_once"
    shown = at_once or releases.are_keys_released(session, found)
    last = anew = None
    if rows and shown:
        last = submissions.status(session, user_id(), rows[-1].public_id, item.id)
        of_last = Submission.id == last.submission.id
        anew = scores.marks_anew(session.connection(), Submission, of_last).get(last.submission.id)
    return {
        "sitting": found,
        "item": item,
        "sent": rows,
        "shown": shown,
        "last": last,
        "anew": anew,
        "tries_left": sittings.tries_left(found.quiz, len(rows), code=True),
    }


def _followed(session: Session, found: Sitting, item: SittingItem) -> dict[str, Any]:
    """Return the same, with what a regrade says of the last of them."""
    sent = _sent(session, found, item)
    return sent | {
        "regraded": scores.regrade_reasons(session, [item]).get(item.id) if sent["shown"] else None
    }


def _result(session: Session, found: Sitting) -> str:
    released = releases.are_keys_released(session, found)
    marked = released or found.quiz.feedback == "at_once"
    folded = {row.position: row for row in scores.of_sitting(session, found)}
    points, possible = scores.total(folded.values())
    corrected = corrections.of_sitting(session.connection(), found)
    answers = [item.answers[-1] for item in found.items if item.answers]
    marks = scores.marks_of(session, answers) if marked else {}
    regraded = scores.regrade_reasons(session, found.items) if marked else {}
    return render_template(
        "sittings/result.html",
        sitting=found,
        quiz=found.quiz,
        course=found.quiz.course,
        released=released,
        released_at=releases.released_at(session, found.quiz),
        marked=marked,
        points=points,
        possible=possible,
        waiting=any(row.waiting for row in folded.values()),
        results=[
            {"item": item, "score": folded[item.position]}
            | (_answered(item, marks) or _sent(session, found, item))
            | {"regraded": regraded.get(item.id)}
            for item in found.items
        ],
        corrected=corrected,
        picture=picture,
    )


def _answered(item: SittingItem, marks: Mapping[int, Mark]) -> dict[str, Any]:
    """Return what the page of a finished quiz shows of a family's question; nothing of code."""
    if item.variant is None:
        return {}
    frozen = Frozen.from_json(item.variant.document)
    mark = marks.get(item.answers[-1].id) if item.answers else None
    typed = item.answers[-1].responses if item.answers else item.responses
    statement = statement_with_answers(frozen, typed, mark.parts if mark else {})
    return {"frozen": frozen, "mark": mark, "statement": statement}


def _state_of(item: SittingItem) -> str:
    kinds = None if item.variant is None else Frozen.from_json(item.variant.document).parts
    return _state(kinds, item.responses)


def _state(kinds: Mapping[str, Kind] | None, responses: Mapping[str, str]) -> str:
    """Return how far a question is: blank, partly, answered or unreadable."""
    if kinds is None:
        return "answered" if responses.get(quiz_tasks.SOURCE, "").strip() else "blank"
    if not timekeeping.is_answered(responses):
        return "blank"
    return answer_state(kinds, responses)


def _readings(item: SittingItem) -> dict[str, str]:
    if item.variant is None:
        return {}
    return readings(Frozen.from_json(item.variant.document), item.responses)
