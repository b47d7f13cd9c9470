"""What a student and an instructor read once a question was marked anew, and where points stand."""

from datetime import UTC, datetime

import pytest
from classroom import Classroom
from quiz_rows import add_quiz
from sqlalchemy import select
from visitor import database

from grader.authoring.inside import answer
from quizapp.db.models import Course, PoolVariant, QuizItem
from quizapp.services import box_work

QUIZZES = "/courses/nlp/quizzes"


class OneMore:
    """The box without its walls, for files whose key is one more."""

    def ask(self, request):
        said = answer(request)
        for drawn in said["drawn"]:
            spec = drawn["variant"]["parts"]["total"]
            spec["key"] += 1
            spec["shown"] = str(spec["key"])
        return said


@pytest.fixture
def classroom(app):
    return Classroom(app)


def make(app, **settings):
    with database(app).write() as session:
        course = session.scalars(select(Course).where(Course.slug == "nlp")).one()
        quiz = add_quiz(session, course, "mlp_params", size=1, **settings)
    return f"{QUIZZES}/{quiz.public_id}"


def send(visitor, path, **fields):
    return visitor.post(path, fields, page="/account")


def sit(app, student, address, more):
    """Answer with the old key and so many more, and hand in; return the sitting and the key."""
    question = send(student, f"{address}/start").location
    with database(app).read() as session:
        key = session.scalars(select(PoolVariant)).one().document["parts"]["total"]["key"]
    send(student, question, go="end", total=str(key + more))
    sitting = question.rsplit("/", 1)[0]
    send(student, f"{sitting}/hand-in")
    return sitting, key


def regrade(app, ines, address, **fields):
    with database(app).read() as session:
        item = session.scalars(select(QuizItem.id)).one()
    found = send(ines, f"{address}/regrades", item=item, rule="newest", **fields).location
    while box_work.work(database(app), OneMore()):
        pass
    assert send(ines, f"{found}/apply").status_code == 303
    return found


def test_a_student_sees_the_regrades_mark_and_why(app, classroom):
    address = make(app)
    sitting, key = sit(app, classroom.student, address, more=0)
    assert "1 of 1 point" in classroom.student.get(sitting).text
    found = regrade(app, classroom.instructor, address)
    page = classroom.student.get(sitting).text
    assert "0 of 1 point" in page
    assert f"is now wrong: the key is {key + 1}, it was {key}" in page
    assert "mark-right" not in page
    assert "of the version that you were given" in page
    results = address + "/results/" + sitting.rpartition("/")[2]
    page = classroom.assistant.get(results).text
    assert "Regraded. " in page
    assert f"is now wrong: the key is {key + 1}" in page.partition("<details")[0]
    send(classroom.instructor, f"{found}/undo")
    assert "marked anew" not in classroom.student.get(sitting).text
    assert "Regraded. " not in classroom.assistant.get(results).text.partition("<details")[0]


def test_a_mark_that_is_kept_says_so(app, classroom):
    address = make(app)
    sitting, _ = sit(app, classroom.student, address, more=0)
    regrade(app, classroom.instructor, address, never_lower="on")
    page = classroom.student.get(sitting).text
    assert "1 of 1 point" in page
    assert "none is lowered" in page


def test_the_new_key_stays_hidden_until_keys_are_shown(app, classroom):
    address = make(app, feedback="at_once", closes_at=datetime(2090, 1, 1, tzinfo=UTC))
    sitting, key = sit(app, classroom.student, address, more=1)
    assert "0 of 1 point" in classroom.student.get(sitting).text
    regrade(app, classroom.instructor, address)
    page = classroom.student.get(sitting).text
    assert "1 of 1 point" in page
    assert "This question was marked anew." in page
    assert "the key is" not in page
    assert str(key) not in page


def test_without_a_closing_time_the_course_shows_the_points_once_it_is_handed_in(app, classroom):
    address = make(app)
    question = send(classroom.student, f"{address}/start").location
    assert "0 of 1 point" not in classroom.student.get("/courses/nlp").text
    send(classroom.student, question.rsplit("/", 1)[0] + "/hand-in")
    assert "0 of 1 point" in classroom.student.get("/courses/nlp").text


def test_before_the_closing_the_course_shows_no_points(app, classroom):
    address = make(app, closes_at=datetime(2090, 1, 1, tzinfo=UTC))
    sit(app, classroom.student, address, more=0)
    assert "of 1 point" not in classroom.student.get("/courses/nlp").text
