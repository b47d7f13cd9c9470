"""What a student and an instructor read once a question was marked anew, and where points stand."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from classroom import Classroom
from direct_box import DirectBox, work
from quiz_rows import add_item, add_quiz
from sqlalchemy import select
from statements import statements
from visitor import database

from grader.authoring.inside import answer
from quizapp.db.models import (
    Course,
    Enrolment,
    PoolVariant,
    Problem,
    ProblemVersion,
    Quiz,
    QuizItem,
)
from quizapp.services.rendering import to_html

QUIZZES = "/courses/nlp/quizzes"


class OneMore:
    """The box without its walls, for a version 2 whose key is one more."""

    def __init__(self, **said):
        self.said = {"version": 2, "solution": "One more, it is.", **said}

    def ask(self, request):
        said = answer(request)
        for drawn in said["drawn"]:
            spec = drawn["variant"]["parts"]["total"]
            spec["key"] += 1
            spec["shown"] = str(spec["key"])
            drawn["variant"] |= self.said
        return said


class Mistaken:
    """The box without its walls, for files whose key is what a mistake gave."""

    def __init__(self, mistake):
        self.mistake = mistake

    def ask(self, request):
        said = answer(request)
        for drawn in said["drawn"]:
            drawn["variant"]["parts"]["total"]["key"] = self.mistake["values"]["total"]
            drawn["variant"]["mistakes"] = []
        return said


class Renamed:
    """The box without its walls, for a version 2 that calls its part another name."""

    def ask(self, request):
        said = answer(request)
        for drawn in said["drawn"]:
            text = json.dumps(drawn["variant"]).replace("[[input:total]]", "[[input:sum]]")
            drawn["variant"] = json.loads(text.replace('"total":', '"sum":'))
            drawn["variant"]["statement"] = "How many? [[input:sum]]"
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


def prepare(app, ines, address, box, **fields):
    with database(app).read() as session:
        item = session.scalars(select(QuizItem.id)).one()
    fields = {"item": item, "rule": "newest"} | fields
    found = send(ines, f"{address}/regrades", **fields).location
    work(database(app), box)
    return found


def regrade(app, ines, address, box=None, **fields):
    found = prepare(app, ines, address, box or OneMore(), **fields)
    assert send(ines, f"{found}/apply").status_code == 303
    return found


def results_of(address, sitting):
    return address + "/results/" + sitting.rpartition("/")[2]


def test_a_student_sees_the_regrades_mark_and_why(app, classroom):
    address = make(app)
    sitting, key = sit(app, classroom.student, address, more=0)
    assert "1 of 1 point" in classroom.student.get(sitting).text
    found = regrade(app, classroom.instructor, address)
    page = classroom.student.get(sitting).text
    assert "0 of 1 point" in page
    assert f"is now wrong: the key is {key + 1}, it was {key}" in page
    assert "mark-right" not in page
    results = results_of(address, sitting)
    page = classroom.assistant.get(results).text
    assert "Regraded. " in page
    assert f"is now wrong: the key is {key + 1}" in page.partition("<details")[0]
    send(classroom.instructor, f"{found}/undo")
    assert "marked anew" not in classroom.student.get(sitting).text
    assert "Regraded. " not in classroom.assistant.get(results).text.partition("<details")[0]


def test_feedback_shows_the_solution_of_the_version_that_marked_while_its_regrade_counts(
    app, classroom
):
    address = make(app)
    sitting, key = sit(app, classroom.student, address, more=0)
    results = results_of(address, sitting)
    found = prepare(app, classroom.instructor, address, OneMore())
    readers = ((classroom.student, sitting), (classroom.assistant, results))
    old = [person.get(path).text for person, path in readers]
    assert all("Worked solution" in page and "by version 2" not in page for page in old)
    send(classroom.instructor, f"{found}/apply")
    for person, path in readers:
        page = person.get(path).text
        assert "Worked solution, by version 2" in page
        assert "Since a regrade, version 2's solution counts." in page
        assert page.count("One more, it is.") == 1
        assert f"<strong>{key + 1}</strong>, where version 1 said {key}" in page
        assert "in other words" not in page
    send(classroom.instructor, f"{found}/undo")
    for (person, path), before in zip(readers, old, strict=True):
        page = person.get(path).text
        assert "One more, it is." not in page
        assert (
            page.partition("Worked solution")[2][:400]
            == before.partition("Worked solution")[2][:400]
        )


def test_the_question_stays_as_it_was_asked_when_the_new_version_asks_another(app, classroom):
    address = make(app)
    sitting, _ = sit(app, classroom.student, address, more=0)
    box = OneMore(statement="Another question? [[input:total]]")
    regrade(app, classroom.instructor, address, box)
    page = classroom.student.get(sitting).text
    assert "Another question?" not in page
    assert "version 2 asks it in other words" in page


def test_a_regrade_that_leaves_a_solution_as_it_was_is_not_named_beside_it(app, classroom):
    address = make(app)
    sitting, _ = sit(app, classroom.student, address, more=0)
    regrade(app, classroom.instructor, address, DirectBox())
    assert "Worked solution</summary>" in classroom.student.get(sitting).text


def test_who_still_sits_the_quiz_sees_the_regrades_mark_and_need_not_try_again(app, classroom):
    address = make(app, feedback="at_once", tries=2, closes_at=datetime(2090, 1, 1, tzinfo=UTC))
    question = send(classroom.student, f"{address}/start").location
    with database(app).read() as session:
        key = session.scalars(select(PoolVariant)).one().document["parts"]["total"]["key"]
    send(classroom.student, question, go="check", key="k", total=str(key + 1))
    page = classroom.student.get(question).text
    assert "mark-wrong" in page
    assert "1 try left" in page
    regrade(app, classroom.instructor, address)
    page = classroom.student.get(question).text
    assert "mark-right" in page
    assert "mark-wrong" not in page
    assert "marked anew: it gives you 1 of 1 points" in page
    assert "try left" not in page
    assert "the key is" not in page


def test_what_a_regrade_made_of_each_try_is_told(app, classroom):
    address = make(app, feedback="at_once", tries=2)
    question = send(classroom.student, f"{address}/start").location
    with database(app).read() as session:
        key = session.scalars(select(PoolVariant)).one().document["parts"]["total"]["key"]
    for typed in (key + 1, key):
        send(classroom.student, question, go="check", key=f"k{typed}", total=str(typed))
    sitting = question.rsplit("/", 1)[0]
    send(classroom.student, f"{sitting}/hand-in")
    regrade(app, classroom.instructor, address)
    for page in (
        classroom.student.get(sitting).text,
        classroom.assistant.get(results_of(address, sitting)).text,
    ):
        assert re.search(r"Try 1: \S+ was wrong, is now right", page)
        assert re.search(r"Try 2: \S+ was right, is now wrong", page)
    assert f"“{key + 1}”" in classroom.assistant.get(results_of(address, sitting)).text


def test_the_new_solution_stays_hidden_until_solutions_are_shown(app, classroom):
    address = make(app, feedback="at_once", closes_at=datetime(2090, 1, 1, tzinfo=UTC))
    sitting, _ = sit(app, classroom.student, address, more=1)
    regrade(app, classroom.instructor, address)
    assert "One more, it is." not in classroom.student.get(sitting).text


def test_the_answers_behind_a_bar_are_shown_with_the_key_that_counts(app, classroom):
    address = make(app)
    _, key = sit(app, classroom.student, address, more=1)
    regrade(app, classroom.instructor, address)
    with database(app).read() as session:
        item = session.scalars(select(QuizItem.id)).one()
    path = f"{address}/results/questions/{item}?outcome=right"
    shown = (
        classroom.assistant.get(path).text.partition('class="problem"')[2].partition("</div>")[0]
    )
    assert str(key + 1) in shown
    assert str(key) not in shown


def test_a_dry_run_names_students_and_mistakes_as_people_do(app, classroom):
    address = make(app)
    with database(app).write() as session:
        row = session.scalars(
            select(Enrolment).where(Enrolment.user_id == classroom.id_of("student"))
        ).one()
        row.name = "Ada Lovelace"
    student = classroom.student
    question = send(student, f"{address}/start").location
    with database(app).read() as session:
        document = session.scalars(select(PoolVariant)).one().document
    mistake = next(found for found in document["mistakes"] if "total" in found["values"])
    send(student, question, go="end", total=str(mistake["values"]["total"]))
    send(student, question.rsplit("/", 1)[0] + "/hand-in")
    found = prepare(app, classroom.instructor, address, Mistaken(mistake))
    page = classroom.instructor.get(found).text
    assert ">Ada Lovelace</a>" in page
    assert f">{student.username}</span>" in page
    assert mistake["name"] not in page
    assert to_html(mistake["message"]).strip().removeprefix("<p>").removesuffix("</p>") in page


def test_a_mark_that_is_kept_says_so(app, classroom):
    address = make(app)
    sitting, _ = sit(app, classroom.student, address, more=0)
    found = regrade(app, classroom.instructor, address, never_lower="on")
    dry_run = classroom.instructor.get(found).text
    assert "<strong>1</strong> unchanged, of which <strong>1</strong> would be lowered" in dry_run
    assert "none is lowered" in dry_run
    page = classroom.student.get(sitting).text
    assert "1 of 1 point" in page
    assert "none is lowered" in page


def test_a_version_that_renames_its_part_breaks_no_page(app, classroom):
    address = make(app)
    sitting, _ = sit(app, classroom.student, address, more=0)
    regrade(app, classroom.instructor, address, Renamed())
    assert classroom.student.get(sitting).status_code == 200
    assert classroom.assistant.get(results_of(address, sitting)).status_code == 200
    with database(app).read() as session:
        item = session.scalars(select(QuizItem.id)).one()
    questions = f"{address}/results/questions"
    outcome = re.search(r"outcome=([\w:-]+)", classroom.assistant.get(questions).text)[1]
    page = classroom.assistant.get(f"{questions}/{item}?outcome={outcome}")
    assert page.status_code == 200
    assert "How many?" in page.text


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


@pytest.mark.parametrize("page", ["regrades", "edit"])
def test_five_questions_of_the_courses_own_take_as_many_statements_as_one(app, classroom, page):
    def sent(questions):
        with database(app).write() as session:
            course = session.scalars(select(Course).where(Course.slug == "nlp")).one()
            quiz = add_quiz(session, course)
            for number in range(questions):
                problem = Problem(course=course, slug=f"of-{quiz.id}-{number}", kind="family")
                for version in (1, 2):
                    row = ProblemVersion(number=version, files={}, saved_by="ines")
                    row.published_at = quiz.created_at
                    problem.versions.append(row)
                item = add_item(quiz.sections[0])
                item.slug, item.version = None, problem.versions[0]
            session.flush()
        with statements(database(app)) as found:
            shown = classroom.instructor.get(f"{QUIZZES}/{quiz.public_id}/{page}")
        assert shown.status_code == 200
        return len(found)

    sent(1)  # what a first request loads is not asked again
    assert sent(1) == sent(5)


def test_a_result_of_five_questions_takes_as_many_statements_as_one_of_one(app, classroom):
    def sent(questions):
        with database(app).write() as session:
            course = session.scalars(select(Course).where(Course.slug == "nlp")).one()
            slugs = ["mlp_params"] * questions
            quiz = add_quiz(session, course, *slugs, size=1, feedback="at_once").public_id
        first = send(classroom.student, f"{QUIZZES}/{quiz}/start").location
        sitting = first.rpartition("/")[0]
        for position in range(1, questions + 1):
            send(classroom.student, f"{sitting}/{position}", total="1", go="check", key="k")
        send(classroom.student, f"{sitting}/hand-in")
        with statements(database(app)) as found:
            page = classroom.student.get(sitting).text
        assert page.count('<li class="mark') == questions
        return len(found)

    sent(1)
    assert sent(1) == sent(5)


def test_a_regrade_says_that_it_marks_what_comes_later_while_something_can(app, classroom):
    address = make(app)
    sit(app, classroom.student, address, more=0)
    found = regrade(app, classroom.instructor, address)
    assert "is marked by it too" in classroom.instructor.get(found).text
    with database(app).write() as session:
        quiz = session.scalars(select(Quiz)).one()
        quiz.closes_at = quiz.created_at - timedelta(minutes=1)
    assert "is marked by it too" not in classroom.instructor.get(found).text


def test_a_regrade_says_how_it_marks_and_that_a_later_one_stands_above_it(app, classroom):
    address = make(app)
    sit(app, classroom.student, address, more=0)
    first = regrade(app, classroom.instructor, address, never_lower="on")
    how = "Marks by the newest version, never lowering a mark."
    page = classroom.instructor.get(first).text
    assert how in page
    assert "stands above it" not in page
    second = regrade(app, classroom.instructor, address, rule="full")
    assert "stands above it" in classroom.instructor.get(first).text
    assert "stands above it" not in classroom.instructor.get(second).text
    listed = classroom.instructor.get(f"{address}/regrades").text
    assert "mlp_params, with full points to everybody who answered" in listed
