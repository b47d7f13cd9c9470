"""Making a quiz and taking it, through the pages."""

import json
import re
from datetime import UTC, datetime

import pytest
from classroom import Classroom
from direct_box import work
from quiz_rows import add_item, add_quiz
from sqlalchemy import select
from visitor import count, database

from quizapp.db.models import Answer, Course, PoolVariant, Quiz, Sitting, SittingItem, Submission

QUIZZES = "/courses/nlp/quizzes"


@pytest.fixture
def classroom(app):
    return Classroom(app)


def make(app, *slugs, task=False, **settings):
    """Put a published quiz into the course; return its address."""
    with database(app).write() as session:
        course = session.scalars(select(Course).where(Course.slug == "nlp")).one()
        quiz = add_quiz(session, course, *(slugs or ("mlp_params", "conv_params")), **settings)
        if task:
            add_item(quiz.sections[0], "lstm_forget_gate", kind="task")
    return f"{QUIZZES}/{quiz.public_id}"


def send(visitor, path, page=None, **fields):
    return visitor.post(path, fields, page=page or "/account")


def seen(visitor, address):
    """Return the mark of the settings that the form is made from."""
    return re.search(r'name="seen" value="(\w+)"', visitor.get(f"{address}/edit").text)[1]


def start(visitor, address, **fields):
    reply = send(visitor, f"{address}/start", **fields)
    assert reply.status_code == 303, reply.text
    return reply.location


def right(app, position=1):
    with database(app).read() as session:
        document = session.scalars(
            select(PoolVariant.document)
            .join(SittingItem, SittingItem.variant_id == PoolVariant.id)
            .where(SittingItem.position == position)
        ).one()
    return {part: spec["shown"] for part, spec in document["parts"].items()}


def test_a_quiz_is_made_published_and_taken_in_the_browser(app, classroom):
    ines = classroom.instructor
    edit = send(ines, QUIZZES, title="Week 3").location
    address = edit.removesuffix("/edit")
    page = ines.get(f"{edit}?q=multi+layer").text
    section = re.search(r'name="section" value="(\d+)"', page)[1]
    reply = send(ines, f"{address}/items", section=section, source="family/mlp_params")
    assert reply.location.endswith("#add")
    assert "hx-get" in ines.get(f"{address}/variants").text
    assert send(ines, f"{address}/publish").status_code == 409
    work(database(app))
    assert "30 variants, proven by both engines" in ines.get(f"{address}/variants").text
    settings = {"title": "Week 4", "minutes": "20", "feedback": "after_closing", "variants": "30"}
    settings |= {"closes_at": "2090-01-01T00:00", "seen": seen(ines, address)}
    assert send(ines, f"{address}/settings", **settings).status_code == 303
    assert send(ines, f"{address}/publish").status_code == 303
    question = start(classroom.student, address)
    assert "Question 1 of 1" in classroom.student.get(question).text
    home = classroom.student.get("/courses/nlp").text
    assert "Week 4" in home


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("settings", {"title": "Typed", "minutes": "soon", "variants": "3"}, "a whole number"),
        ("settings", {"title": "Typed", "opens_at": "noon", "variants": "3"}, "a date and a time"),
        ("settings", {"title": "Typed", "closes_at": "9999-12-31T23:59", "variants": "3"}, "date"),
        ("settings", {"title": "Typed", "variants": "0"}, "1 to 200 variants"),
        ("extra-time", {"username": "Typed", "minutes": "5"}, "no member of that username"),
        ("sections/{section}", {"title": "Typed", "pick": "none"}, "a whole number"),
        ("items/{item}", {"points": "Typed"}, "a number"),
        ("items/{item}", {"points": "1", "pin-bias": "Typed"}, "is not JSON"),
        ("items/{item}", {"points": "nan", "pin-bias": "Typed"}, "a number from 0"),
        ("items/{item}", {"points": "1001", "pin-bias": "Typed"}, "0 to 1000 points"),
    ],
)
def test_a_form_that_fails_comes_back_with_what_was_typed(app, classroom, path, fields, said):
    address = make(app, published=False)
    with database(app).read() as session:
        section = session.scalars(select(Quiz)).one().sections[0]
        path = path.format(section=section.id, item=section.items[0].id)
    fields = {"seen": seen(classroom.instructor, address), **fields}
    reply = send(classroom.instructor, f"{address}/{path}", **fields)
    assert reply.status_code in (404, 422)
    assert said in reply.text
    assert 'value="Typed"' in reply.text


def test_points_and_pins_are_shown_as_they_were_given(app, classroom):
    address = make(app, published=False)
    with database(app).read() as session:
        item = session.scalars(select(Quiz)).one().sections[0].items[0]
    fields = {"points": "2.5", "pin-layers": "[3, 4, 5]"}
    assert send(classroom.instructor, f"{address}/items/{item.id}", **fields).status_code == 303
    page = classroom.instructor.get(f"{address}/edit").text
    assert 'value="[3, 4, 5]"' in page
    assert "2.5 points" in page


def test_what_students_may_not_see_is_not_there(app, classroom):
    address = make(app, published=False)
    assert classroom.student.get(address).status_code == 404
    assert classroom.assistant.get(address).status_code == 200
    assert classroom.student.get(f"{address}/edit").status_code == 403


def test_an_access_code_is_asked_for_and_comes_back(app, classroom):
    address = make(app, access_code="tulip")
    reply = send(classroom.student, f"{address}/start", code="rose")
    assert reply.status_code == 403
    assert 'value="rose"' in reply.text
    assert "tulip" not in reply.text
    start(classroom.student, address, code="tulip")


def test_autosave_tells_how_it_was_read_and_nothing_more(app, classroom):
    question = start(classroom.student, make(app, minutes=10))
    document = json.loads(send(classroom.student, question, **right(app)).text)
    assert set(document) == {"left_s", "readings"}
    assert 0 < document["left_s"] <= 600
    words = " ".join(document["readings"].values()).lower()
    assert not re.search("right|wrong|mistake", words)
    assert count(app, Answer) == 0


def test_the_numbers_of_the_questions_say_how_far_each_is(app, classroom):
    slugs = ("mlp_params", "mlp_params", "conv_params")
    sitting = start(classroom.student, make(app, *slugs, task=True)).rsplit("/", 1)[0]
    send(classroom.student, f"{sitting}/1", total="12")
    send(classroom.student, f"{sitting}/2", total="twelve")
    send(classroom.student, f"{sitting}/4", source="x = 1")
    for page in (f"{sitting}/1", f"{sitting}/4"):
        states = re.findall(r"\((\w+)\)</span></button>", classroom.student.get(page).text)
        assert states == ["answered", "unreadable", "blank", "answered"]


def test_after_handing_in_marks_and_keys_wait_for_the_closing_and_the_last_extra_time(
    app, classroom, monkeypatch
):
    address = make(app, closes_at=datetime(2090, 1, 1, tzinfo=UTC))
    student = classroom.student
    question = start(student, address)
    send(student, question, go="end", **right(app))
    sitting = question.rsplit("/", 1)[0]
    assert "Review and hand in" in student.get(sitting).text
    send(student, f"{sitting}/hand-in")
    page = student.get(sitting).text
    assert "are shown after the last student is done" in page
    for secret in ("Worked solution", "of 2 points", "mark-right", "mark-wrong"):
        assert secret not in page
    moment = datetime(2090, 1, 1, 0, 1, tzinfo=UTC)
    monkeypatch.setattr("quizapp.services.releases.now", lambda _: moment)
    page = student.get(sitting).text
    assert "1 of 2 points" in page
    assert "Worked solution" in page


def test_feedback_at_once_marks_each_part_and_counts_the_tries(app, classroom):
    student = classroom.student
    question = start(student, make(app, "mlp_params", feedback="at_once", tries=2, penalty=0.5))
    assert "2 tries left; each wrong one takes 50 %" in student.get(question).text
    blank = dict.fromkeys(right(app), "")
    reply = send(student, question, go="check", key="k1", **blank)
    assert "Nothing was counted" in reply.text
    wrong = dict.fromkeys(right(app), "1")
    assert send(student, question, go="check", key="k2", **wrong).location == question
    page = student.get(question).text
    assert "Not right." in page
    assert "1 try left" in page
    assert "Worked solution" not in page
    send(student, question, go="check", key="k3", **right(app))
    assert "That is right." in student.get(question).text
    reply = send(student, question, go="check", key="k4", **wrong)
    assert reply.status_code == 409
    sitting = question.rsplit("/", 1)[0]
    send(student, f"{sitting}/hand-in")
    assert "0.5 of 1 point" in student.get(sitting).text


def test_code_of_a_quiz_is_followed_in_the_quiz_alone(app, classroom):
    student = classroom.student
    question = start(student, make(app, "mlp_params", task=True, feedback="at_once"))
    task = question[:-1] + "2"
    assert "data-editor" in student.get(task).text
    assert send(student, task, go="submit", key="k", source="x = 1").location == task
    assert "waits to be graded" in student.get(task).text
    with database(app).read() as session:
        name = session.scalars(select(Submission)).one().public_id
    assert student.get(f"/submissions/{name}").status_code == 404
    assert "x = 1" not in student.get("/tasks/lstm_forget_gate").text
    assert classroom.stranger.get(f"{task}/submissions").status_code == 404
    assert "x = 1" in student.get(task).text


def test_a_preview_says_so_and_counts_nowhere(app, classroom):
    address = make(app, published=False)
    reply = send(classroom.assistant, f"{address}/preview")
    assert "This is a preview" in classroom.assistant.get(reply.location).text
    assert send(classroom.student, f"{address}/preview").status_code == 403
    with database(app).read() as session:
        assert session.scalars(select(Sitting.preview)).all() == [True]


def test_a_sitting_is_nobody_elses(app, classroom):
    question = start(classroom.student, make(app))
    for path in (question, question.rsplit("/", 1)[0]):
        assert classroom.instructor.get(path).status_code == 404
    assert send(classroom.instructor, question, total="1").status_code == 404


def test_after_the_end_every_button_leads_to_the_result(app, classroom):
    student = classroom.student
    question = start(student, make(app))
    sitting = question.rsplit("/", 1)[0]
    send(student, f"{sitting}/hand-in")
    assert student.get(question).location == sitting
    assert send(student, question, go="2").location == sitting
    assert send(student, question, total="1").status_code == 409


def test_a_question_is_regraded_through_the_pages(app, classroom):
    ines, student = classroom.instructor, classroom.student
    address = make(app, "mlp_params")
    question = start(student, address)
    send(student, question, go="end", **dict.fromkeys(right(app), "1"))
    send(student, question.rsplit("/", 1)[0] + "/hand-in")
    with database(app).read() as session:
        item = session.scalars(select(Quiz)).one().sections[0].items[0].id
    assert "Regrades" in ines.get(f"{address}/edit").text
    reply = send(ines, f"{address}/regrades", item=item, rule="none")
    assert reply.status_code == 422
    regrade = send(ines, f"{address}/regrades", item=item, rule="newest").location
    assert "Computing" in ines.get(regrade).text
    assert send(ines, f"{regrade}/apply").status_code == 409
    work(database(app))
    assert "<strong>1</strong> unchanged" in ines.get(regrade).text
    regrade = send(ines, f"{address}/regrades", item=item, rule="full").location
    page = ines.get(regrade).text
    assert "<strong>1</strong> raised" in page
    assert "Everybody who answered" in page
    send(ines, f"{regrade}/apply")
    assert "1 of 1 point" in student.get(question.rsplit("/", 1)[0]).text
    assert "Applied by instructor" in ines.get(regrade).text
    send(ines, f"{regrade}/undo")
    assert "0 of 1 point" in student.get(question.rsplit("/", 1)[0]).text
    assert "undone" in ines.get(f"{address}/regrades").text
