"""Results: the gradebooks, a student's quiz, and what the class made of each question."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from problems.core import PartMark
from problems.core import Variant as Frozen
from quizapp.errors import Conflict, Invalid
from quizapp.services import charts, gradebook, item_analysis, reviewing
from quizapp.services.courses import Member
from quizapp.services.gradebook import View
from quizapp.services.pictures import picture
from quizapp.web.course_access import requires
from quizapp.web.fields import statement_with_answers
from quizapp.web.forms import number, page_number
from quizapp.web.pages import STATUS, database
from quizapp.web.people import csv_file

blueprint = Blueprint("results", __name__, url_prefix="/courses/<course>")


@blueprint.get("/gradebook")
@requires("assistant")
def course(member: Member) -> str:
    """Show the totals of a course's students in its quizzes."""
    number = page_number()
    with database().rows() as connection:
        book = gradebook.of_course(connection, member)
    return render_template(
        "results/course.html",
        member=member,
        book=book,
        rows=_page(book.rows, number),
        number=number,
        pages=_pages(book.rows),
    )


@blueprint.get("/gradebook.csv")
@requires("assistant")
def course_csv(member: Member) -> Response:
    """Give the totals of a course's students as CSV."""
    with database().rows() as connection:
        text = gradebook.course_csv(gradebook.of_course(connection, member))
    return csv_file(text, f"{member.slug}-gradebook.csv")


@blueprint.get("/quizzes/<quiz>/results")
@requires("assistant")
def quiz(member: Member, quiz: str) -> str:
    """Show the gradebook of a quiz: a row a student, a column a question."""
    view, number = _view(), page_number()
    with database().rows() as connection:
        book = gradebook.of_quiz(connection, member.course_id, quiz)
    rows = gradebook.select_rows(book, view)
    return render_template(
        "results/quiz.html",
        member=member,
        book=book,
        found=len(rows),
        rows=_page(rows, number),
        states=gradebook.STATES,
        view=view,
        query=_query(),
        number=number,
        pages=_pages(rows),
        chart=charts.distribution([row.share for row in book.rows if row.handed_in_at]),
    )


@blueprint.get("/quizzes/<quiz>/results.csv")
@requires("assistant")
def quiz_csv(member: Member, quiz: str) -> Response:
    """Give the rows of a gradebook that the page's filters leave, as CSV."""
    with database().rows() as connection:
        book = gradebook.of_quiz(connection, member.course_id, quiz)
    text = gradebook.to_csv(book, gradebook.select_rows(book, _view()))
    return csv_file(text, f"{member.slug}-results.csv")


@blueprint.get("/quizzes/<quiz>/results.json")
@requires("assistant")
def quiz_json(member: Member, quiz: str) -> Response:
    """Give the rows of a gradebook that the page's filters leave, as JSON."""
    with database().rows() as connection:
        book = gradebook.of_quiz(connection, member.course_id, quiz)
    return jsonify(gradebook.to_json(book, gradebook.select_rows(book, _view())))


@blueprint.get("/quizzes/<quiz>/results/questions")
@requires("assistant")
def questions(member: Member, quiz: str) -> str:
    """Show what the class made of each question, and which mistakes it shares."""
    with database().rows() as connection:
        found = item_analysis.of_quiz(connection, member.course_id, quiz)
    return render_template("results/questions.html", member=member, found=found)


@blueprint.get("/quizzes/<quiz>/results/questions/<int(max=2147483647):item>")
@requires("assistant")
def answers(member: Member, quiz: str, item: int) -> str:
    """Show the variants and the students behind one bar of a question."""
    outcome = request.args.get("outcome", "")
    with database().rows() as connection:
        found = item_analysis.behind(connection, member.course_id, quiz, item, outcome)
    statements = [_keyed(document) if document else "" for document, _ in found.variants]
    return render_template(
        "results/answers.html", member=member, found=found, statements=statements
    )


@blueprint.get("/quizzes/<quiz>/results/<sitting>")
@requires("assistant")
def student(member: Member, quiz: str, sitting: str) -> str:
    """Show a student's quiz as they saw it, with its marks and what changed them."""
    return _student(member, quiz, sitting)


def _student(member: Member, quiz: str, sitting: str, error: tuple[int, str] | None = None) -> str:
    with database().read() as session:
        found = reviewing.find(session, member.course_id, quiz, sitting)
    return render_template(
        "results/student.html",
        member=member,
        quiz=quiz,
        found=found,
        statements={review.item.position: _answered(review) for review in found.reviews},
        picture=picture,
        error=error,
        form=request.form if error else None,
    )


@blueprint.post("/quizzes/<quiz>/results/<sitting>/<int(min=1, max=1000):position>")
@requires("assistant")
def override(
    member: Member, quiz: str, sitting: str, position: int
) -> BaseResponse | tuple[str, int]:
    """Give a question the points that the form says, or give it back to the marking."""
    comment, back = request.form.get("comment", ""), "back" in request.form
    try:
        with database().write() as session:
            points = None if back else number(request.form.get("points", ""), "the points")
            place = reviewing.Place(quiz, sitting, position)
            reviewing.override(session, member, place, points, comment)
    except (Invalid, Conflict) as error:
        page = _student(member, quiz, sitting, (position, error.message))
        return page, STATUS[type(error)]
    address = url_for("results.student", course=member.slug, quiz=quiz, sitting=sitting)
    return redirect(f"{address}#question-{position}", 303)


def _answered(review: reviewing.Review) -> str | None:
    """Return a question's statement with its answer in place; None for a code task."""
    if review.given is None:
        return None
    marks = review.mark.parts if review.mark else {}
    return statement_with_answers(review.given, review.responses, marks)


def _keyed(document: dict[str, Any]) -> str:
    """Return a variant's statement with its key in place."""
    frozen = Frozen.from_json(document)
    shown = {part: spec["shown"] for part, spec in document["parts"].items()}
    return statement_with_answers(frozen, shown, dict.fromkeys(shown, PartMark("right")))


def _query() -> dict[str, str]:
    """Return the filters of the address, for those that lead to the same rows."""
    names = ("text", "state", "low", "high", "sort", "order")
    return {name: value for name in names if (value := request.args.get(name, "").strip())}


def _view() -> View:
    wanted = _query()
    state = wanted.get("state", "")
    if state and state not in gradebook.STATES:
        raise Invalid(f"A state is one of {', '.join(gradebook.STATES)}.")
    low, high = (
        number(wanted[name], "a share of the points, in %,") / 100 if name in wanted else None
        for name in ("low", "high")
    )
    return View(
        wanted.get("text", ""),
        state,
        low,
        high,
        wanted.get("sort", "name"),
        wanted.get("order") == "down",
    )


def _page(rows: list, number: int) -> list:
    return rows[gradebook.PAGE * (number - 1) : gradebook.PAGE * number]


def _pages(rows: list) -> int:
    return max(1, -(-len(rows) // gradebook.PAGE))
