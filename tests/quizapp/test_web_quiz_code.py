"""Code of a quiz, graded in the sandbox: its grade counts, and no page tells it before its time."""

import re
from datetime import UTC, datetime

import pytest
from classroom import Classroom
from quiz_rows import add_quiz
from sqlalchemy import select
from victims import settings_for
from visitor import count, database

from grader.authoring.inside import answer
from quizapp import worker
from quizapp.db.models import (
    Course,
    Grade,
    Problem,
    ProblemVersion,
    Quiz,
    QuizItem,
    Submission,
    utc_now,
)
from quizapp.services import authoring

QUIZZES = "/courses/nlp/quizzes"
CLOSING = datetime(2090, 1, 1, tzinfo=UTC)
OWN = (
    b"def mean_squared_error(prediction, target):\n    return ((prediction - target) ** 2).sum()\n"
)
BANK = b"""import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.tanh(x @ W_f.T + h_prev @ U_f.T + b_f)
"""
TOLD = re.compile(
    r"tanh in place|the sum of the squares|Not right yet|not right yet|cases are right"
    r"|mark-right|mark-wrong|data-verdict|\"verdict\": \"|of 2 points"
)
"""What a page that tells of a verdict says."""


@pytest.fixture
def classroom(app):
    return Classroom(app)


def make(app, **settings):
    """Put a quiz of a task of the bank and one of the course's own into it; return its address."""
    kind, files = authoring.starting_files("starter/task")
    head = answer({"do": "describe", "kind": kind, "slug": "own", "version": 1, "files": files})
    with database(app).write() as session:
        course = session.scalars(select(Course).where(Course.slug == "nlp")).one()
        problem = Problem(course=course, slug="own", kind=kind)
        version = ProblemVersion(number=1, files=files, head=head, saved_by="ines")
        version.published_at = utc_now()
        problem.versions.append(version)
        quiz = add_quiz(session, course, **settings)
        bank = QuizItem(position=1, kind="task", slug="lstm_forget_gate", title="Gate")
        own = QuizItem(position=2, kind="task", version=version, title="Own")
        quiz.sections[0].items += [bank, own]
    return f"{QUIZZES}/{quiz.public_id}"


def send(visitor, path, **fields):
    return visitor.post(path, fields, page="/account")


def test_a_task_of_the_courses_own_is_not_practised_while_a_quiz_asks_it(app, classroom):
    make(app, closes_at=CLOSING)
    student, page = classroom.student, "/courses/nlp/problems/own/code"
    refused = send(student, page, source="x = 1", key="k")
    assert refused.status_code == 409
    assert "A quiz asks this task." in refused.text
    assert student.get(page).status_code == 409
    assert count(app, Submission) == 0
    assert classroom.assistant.get(page).status_code == 200
    with database(app).write() as session:
        session.scalars(select(Quiz)).one().closes_at = datetime(2026, 1, 1, tzinfo=UTC)
    assert student.get(page).status_code == 200


def sit(student, address):
    """Submit to both questions, and hand in; return the sitting."""
    question = send(student, f"{address}/start").location
    sitting = question.rsplit("/", 1)[0]
    for position, source in enumerate((BANK, OWN), 1):
        fields = {"go": "submit", "key": f"k{position}", "source": source.decode()}
        assert send(student, f"{sitting}/{position}", **fields).status_code == 303
    return sitting


def grade(app):
    assert worker.run(settings_for(database(app).url), once=True) == 0


def everything(app, student, address, sitting):
    """Return all that a student can read, by its address."""
    with database(app).read() as session:
        names = session.scalars(select(Submission.public_id)).all()
    places = [
        sitting,
        *(f"{sitting}/{position}{end}" for position in (1, 2) for end in ("", "/submissions")),
        *(f"/submissions/{name}{end}" for name in names for end in ("", "/status")),
        *("/", "/tasks", "/tasks/lstm_forget_gate", "/history", "/account/export.json", "/exams"),
        *("/courses/nlp", address, f"{address}/results", f"{address}/edit"),
    ]
    return {place: student.get(place, follow_redirects=True).text for place in places}


@pytest.fixture
def closing(app, classroom):
    """A quiz with feedback after its closing; both questions are submitted and graded."""
    address = make(app, closes_at=CLOSING)
    sitting = sit(classroom.student, address)
    grade(app)
    return address, sitting


def test_both_are_graded_in_the_sandbox_and_tell_nobody_before_the_closing(app, classroom, closing):
    address, sitting = closing
    student = classroom.student
    with database(app).read() as session:
        found = session.scalars(select(Grade).order_by(Grade.submission_id)).all()
    assert [grade.document["mistake"] for grade in found] == ["tanh", "sum"]
    for handed_in in (False, True):
        if handed_in:
            send(student, f"{sitting}/hand-in")
        for place, text in everything(app, student, address, sitting).items():
            assert not TOLD.search(text), (handed_in, place, TOLD.search(text)[0])


def test_after_the_closing_the_student_reads_the_verdicts_and_the_points(
    app, classroom, closing, monkeypatch
):
    _, sitting = closing
    student = classroom.student
    send(student, f"{sitting}/hand-in")
    after = CLOSING.replace(day=2)
    monkeypatch.setattr("quizapp.services.releases.now", lambda _: after)
    page = student.get(sitting).text
    assert "tanh in place of the sigmoid" in page
    assert "the sum of the squares" in page
    assert TOLD.search(page)
    assert "tanh in place" in student.get("/account/export.json").text


def test_with_feedback_at_once_a_verdict_is_shown_and_the_best_try_counts(app, classroom):
    student = classroom.student
    address = make(app, feedback="at_once", tries=2, penalty=0.25, closes_at=CLOSING)
    sitting = sit(student, address)
    grade(app)
    assert "tanh in place" in student.get(f"{sitting}/1").text
    assert "1 try left" in student.get(f"{sitting}/2").text
    mended = OWN.replace(b".sum()", b".mean()").decode()
    send(student, f"{sitting}/2", go="submit", key="again", source=mended)
    grade(app)
    assert "accepted, 100 %" in student.get(f"{sitting}/2/submissions").text
    late = send(student, f"{sitting}/2", go="submit", key="third", source=mended + "\n")
    assert late.status_code == 409
    send(student, f"{sitting}/hand-in")
    assert "0.75 of 1 point" in student.get(sitting).text


def test_what_was_written_and_not_submitted_is_graded_after_the_hand_in(app, classroom):
    student = classroom.student
    question = send(student, f"{make(app)}/start").location
    sitting = question.rsplit("/", 1)[0]
    send(student, question, source=BANK.replace(b"np.tanh(", b"1 / (1 + np.exp(-(").decode())
    send(student, f"{sitting}/hand-in")
    assert "Some code still waits to be graded" in student.get(sitting).text
    grade(app)
    page = student.get(sitting).text
    assert "waits to be graded" not in page
    assert "data-verdict" in page


def test_code_is_regraded_by_the_courses_newest_task_and_told_to_the_student(app, classroom):
    student, ines = classroom.student, classroom.instructor
    address = make(app)
    sitting = sit(student, address)
    send(student, f"{sitting}/hand-in")
    grade(app)
    assert "the sum of the squares" in student.get(sitting).text
    with database(app).write() as session:
        problem = session.scalars(select(Problem)).one()
        old = problem.versions[0]
        files = old.files | {"task.py": old.files["task.py"].replace("np.mean(", "np.sum(")}
        version = ProblemVersion(number=2, files=files, head=old.head, saved_by="ines")
        version.published_at = utc_now()
        problem.versions.append(version)
        item = session.scalars(select(QuizItem.id).where(QuizItem.position == 2)).one()
    found = send(ines, f"{address}/regrades", item=item, rule="newest").location
    grade(app)
    page = ines.get(found).text
    assert "The code was: wrong" in page
    assert "is now: accepted." in page
    assert count(app, Grade) == 2
    assert "graded anew" not in student.get(sitting).text
    send(ines, f"{found}/apply")
    page = student.get(sitting).text
    assert "Your code was graded anew. The code was: wrong" in page
    assert 'data-verdict="accepted"' in page
    assert "the sum of the squares" not in page
    results = f"{address}/results/{sitting.rpartition('/')[2]}"
    assert 'data-verdict="accepted"' in ines.get(results).text
