"""Results in the browser: the gradebook, a student's quiz and its overrides, and the questions."""

import re
from datetime import timedelta

import pytest
from classroom import Classroom
from quiz_rows import add_answer, add_item, add_quiz, add_sitting, add_submission
from sqlalchemy import select
from visitor import database

from problems import marking
from problems.core import Variant as Frozen
from quizapp.db.models import Course, PoolVariant, Quiz, Sitting, User, utc_now


class Results(Classroom):
    """A quiz of a family, which the student got wrong, and of a code task, with one submission."""

    def __init__(self, app):
        super().__init__(app)
        with database(app).write() as session:
            course = session.scalars(select(Course).where(Course.slug == self.slug)).one()
            quiz = add_quiz(session, course, "mlp_params", size=1)
            add_item(quiz.sections[0], "lstm_forget_gate", kind="task")
            user = session.scalars(select(User).where(User.username == "student")).one()
            sitting = add_sitting(session, quiz, user)
            first, second = sitting.items
            first.variant = session.scalars(select(PoolVariant)).one()
            mark = marking.mark(Frozen.from_json(first.variant.document), {"total": "1"})
            row = add_answer(session, first, mark.score, mark.to_json())
            row.responses = {"total": "1"}
            add_submission(session, second, 0.5)
            self.results = f"/courses/nlp/quizzes/{quiz.public_id}/results"
            self.page = f"{self.results}/{sitting.public_id}"
            self.key = first.variant.document["parts"]["total"]["shown"]

    def override(self, role="assistant", position=1, **fields):
        return self.people[role].post(f"{self.page}/{position}", fields, page="/courses")


@pytest.fixture
def results(app):
    return Results(app)


def test_the_gradebook_shows_each_student_and_its_filters_stay_in_the_form(results):
    page = results.assistant.get(results.results).text
    assert "1 of 1 student" in page
    assert results.page in page
    assert "0.5 of 2" in page
    assert "Distribution of the scores" in page
    filtered = results.assistant.get(f"{results.results}?text=<x>&low=10&sort=points").text
    assert "No student fits" in filtered
    assert 'value="&lt;x&gt;"' in filtered
    assert 'value="10"' in filtered


@pytest.mark.parametrize(
    "query", ["low=x", "high=-1", "low=nan", "state=gone", "page=x", "low=" + "9" * 400]
)
def test_a_filter_that_cannot_be_gets_a_sentence(results, query):
    for path in (results.results, f"{results.results}.csv", f"{results.results}.json"):
        if "page" not in query or path == results.results:
            assert results.assistant.get(f"{path}?{query}").status_code == 422
    assert results.assistant.get(f"{results.results}?sort=²&order=down").status_code == 200


def test_the_files_hold_what_the_page_shows(results):
    answer = results.assistant.get(f"{results.results}.csv?text=stud")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "student,,handed in" in answer.text
    document = results.assistant.get(f"{results.results}.json").get_json()
    assert [row["username"] for row in document["students"]] == ["student"]
    assert document["students"][0]["points"] == 0.5
    assert results.assistant.get(f"{results.results}.json?text=none").get_json()["students"] == []
    assert "student" in results.assistant.get("/courses/nlp/gradebook.csv").text


def test_the_course_gradebook_shows_the_totals(results):
    page = results.assistant.get("/courses/nlp/gradebook").text
    assert "Week 3" in page
    assert "0.5 of 2" in page


def test_a_students_quiz_is_shown_with_answers_marks_and_history(results):
    page = results.assistant.get(results.page).text
    assert "student: 0.5 of 2 points" in page
    assert re.search(r'class="badge mark-(wrong|mistake)">1<', page)
    assert "Answered: 0 %." in page
    assert "Graded: 50 %." in page
    assert "[[input" not in page


def test_an_override_counts_is_explained_and_is_taken_back(results):
    answer = results.override(points="0,75", comment="Its unit was right.")
    assert answer.location == f"{results.page}#question-1"
    page = results.assistant.get(results.page).text
    assert "student: 1.25 of 2 points" in page
    assert "Its unit was right." in page
    assert "1.25 of 2" in results.assistant.get(results.results).text
    own = results.student.get(f"/quizzes/{results.page.rpartition('/')[2]}").text
    assert "These points were given by hand: Its unit was right." in own
    assert results.override(back="1", comment="I misread it.").status_code == 303
    page = results.assistant.get(results.page).text
    assert "student: 0.5 of 2 points" in page
    assert "I misread it." in page
    own = results.student.get(f"/quizzes/{results.page.rpartition('/')[2]}").text
    assert "given by hand" not in own
    log = results.owner.get("/courses/nlp/log").text
    assert "Changed question 1 of student from 0 to 0.75 points in “" in log
    assert "Changed question 1 of student from 0.75 to 0 points, as it was marked, in “" in log


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"points": "2", "comment": "x"}, 422, "has 1 points"),
        ({"points": "-1", "comment": "x"}, 422, "as a number from 0"),
        ({"points": "nan", "comment": "x"}, 422, "as a number from 0"),
        ({"points": "", "comment": "x"}, 422, "as a number from 0"),
        ({"points": "1", "comment": "  "}, 422, "Say why"),
        ({"points": "1", "comment": "x" * 2001}, 422, "Say why"),
        ({"back": "1", "comment": "x"}, 409, "from its marking already"),
    ],
)
def test_an_override_that_cannot_be_changes_nothing_and_keeps_what_was_typed(
    results, fields, status, sentence
):
    answer = results.override(**fields)
    assert answer.status_code == status
    assert sentence in answer.text
    assert f">{fields['comment']}</textarea>" in answer.text
    assert "student: 0.5 of 2 points" in answer.text


def test_points_are_not_changed_while_the_student_sits(results):
    with database(results.app).write() as session:
        session.scalars(select(Sitting)).one().handed_in_at = None
    assert results.override(points="1", comment="x").status_code == 409
    assert results.override(points="1", comment="x", position=9).status_code == 404


def test_the_questions_show_the_mistakes_and_lead_to_the_variants_behind_them(results):
    page = results.assistant.get(f"{results.results}/questions").text
    assert "mlp_params" in page
    assert "100 %" in page
    links = re.findall(rf'href="({results.results}/questions/\d+\?outcome=[^"]+)"', page)
    assert len(links) >= 2
    for link in links:
        behind = results.assistant.get(link)
        assert behind.status_code == 200
        assert f"{results.page}#question-" in behind.text
    first = results.assistant.get(links[0]).text
    assert results.key in first
    assert "1 student had this variant" in first
    assert results.assistant.get(links[0].split("?")[0] + "?outcome=%00").status_code == 404


def test_a_preview_has_no_place_in_the_results(results):
    with database(results.app).write() as session:
        session.scalars(select(Sitting)).one().preview = True
    assert results.assistant.get(results.page).status_code == 404
    assert "not begun" in results.assistant.get(results.results).text


def test_a_sitting_is_found_in_its_own_quiz_alone(results):
    with database(results.app).write() as session:
        course = session.scalars(select(Course).where(Course.slug == "nlp")).one()
        other = add_quiz(session, course).public_id
    name = results.page.rsplit("/", 1)[1]
    address = f"/courses/nlp/quizzes/{other}/results/{name}"
    assert results.assistant.get(address).status_code == 404


def test_no_page_of_the_results_has_an_inline_style_or_script(results):
    for path in ("", "/questions", results.page.removeprefix(results.results)):
        page = results.assistant.get(results.results + path).text
        assert " style=" not in page
        assert "<script>" not in page


@pytest.mark.parametrize("released", [True, False])
def test_the_first_page_of_the_course_shows_a_student_the_score_once_released(results, released):
    with database(results.app).write() as session:
        quiz = session.scalars(select(Quiz)).one()
        quiz.feedback = "at_once" if released else "after_closing"
        quiz.closes_at = utc_now() + timedelta(hours=1)
    page = results.student.get("/courses/nlp").text
    assert ("0.5 of 2 points" in page) == released
    assert ("handed in" in page) != released
