"""Courses in the browser: finding, joining and making them, and the log."""

import pytest
from classroom import Classroom
from sqlalchemy import select
from visitor import Visitor, database

from quizapp.db.models import Course, Enrolment


@pytest.fixture
def classroom(app):
    return Classroom(app)


def code_of(classroom):
    with database(classroom.app).read() as session:
        return session.scalars(select(Course.join_code).where(Course.slug == classroom.slug)).one()


def count_members(classroom):
    with database(classroom.app).read() as session:
        return len(session.scalars(select(Enrolment)).all())


def test_a_student_follows_the_link_and_joins(classroom):
    link = f"/join/{code_of(classroom)}"
    page = classroom.stranger.get(link).text
    assert "Join Language" in page
    answer = classroom.stranger.post("/join", {"code": code_of(classroom)}, page=link)
    assert answer.location == "/courses/nlp"
    assert "Language" in classroom.stranger.get(answer.location).text
    assert "Language" in classroom.stranger.get("/courses").text


def test_who_is_not_signed_in_signs_up_and_is_led_back_to_the_link(classroom):
    link = f"/join/{code_of(classroom)}"
    page = classroom.visitor.get(link).text
    assert "Join Language" in page
    assert f'href="/signup?next={link}"' in page
    assert f'href="/signin?next={link}"' in page
    assert code_of(classroom) not in page.replace(link, "")
    assert classroom.visitor.get("/join/nonsense").status_code == 404


def test_the_whole_link_is_taken_as_its_code(classroom):
    link = f" http://localhost/join/{code_of(classroom)}/ "
    assert classroom.stranger.post("/join", {"code": link}, page="/courses").status_code == 303


def test_a_wrong_code_comes_back_as_it_was_typed_with_what_to_do(classroom):
    before = count_members(classroom)
    answer = classroom.stranger.post("/join", {"code": "no<such>code"}, page="/courses")
    assert answer.status_code == 404
    assert "ask your instructor" in answer.text
    assert 'value="no&lt;such&gt;code"' in answer.text
    assert classroom.stranger.get("/join/nonsense").status_code == 404
    assert count_members(classroom) == before


def test_a_teacher_makes_a_course_and_a_student_is_told_whom_to_ask(classroom):
    form = {"slug": "speech", "title": "Speech"}
    answer = classroom.instructor.post("/courses", form, page="/courses")
    assert answer.location == "/courses/speech"
    assert "Made the course Speech." in classroom.instructor.get("/courses/speech/log").text
    assert "quizapp course add" in classroom.student.get("/courses").text
    refused = classroom.student.post("/courses", {"slug": "mine", "title": "M"}, page="/courses")
    assert refused.status_code == 403
    assert classroom.student.get("/courses/mine").status_code == 404


@pytest.mark.parametrize(
    ("slug", "title", "status"),
    [("nlp", "Again", 409), ("No Good", "T", 422), ("fine", " ", 422), ("", "", 422)],
)
def test_a_course_that_cannot_be_made_comes_back_with_what_was_typed(
    classroom, slug, title, status
):
    answer = classroom.owner.post("/courses", {"slug": slug, "title": title}, page="/courses")
    assert answer.status_code == status
    assert f'name="slug" value="{slug}"' in answer.text


def test_staff_see_their_places_and_students_do_not(classroom):
    places = {
        role: classroom.people[role].get("/courses/nlp").text
        for role in ("student", "assistant", "instructor", "owner")
    }
    assert "course-nav" not in places["student"]
    assert "/courses/nlp/log" in places["owner"]
    assert "/courses/nlp/log" not in places["instructor"]
    assert "/courses/nlp/people" not in places["assistant"]


@pytest.mark.parametrize("query", ["page=x", "page=-1", "page=1e9", "page=9999999999"])
def test_a_page_that_cannot_be_is_no_fault(classroom, query):
    assert classroom.owner.get(f"/courses/nlp/log?{query}").status_code == 422


def test_a_page_beyond_the_last_and_an_unknown_group_lead_back(classroom):
    for query in ("page=99", "group=%00", "group=quiz%25"):
        answer = classroom.owner.get(f"/courses/nlp/log?{query}")
        assert answer.status_code == 200
        assert "Show all" in answer.text


def test_courses_are_in_the_navigation_of_who_is_signed_in(app):
    assert 'href="/courses"' in Visitor(app).sign_up().get("/").text
    assert 'href="/courses"' not in Visitor(app).get("/").text
