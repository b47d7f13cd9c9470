"""From a corrected problem to the quizzes that still ask the version before it."""

from datetime import timedelta

import pytest
from classroom import Classroom
from direct_box import work
from quiz_rows import add_answer, add_quiz, add_sitting
from sqlalchemy import select
from visitor import database

from quizapp.db.models import (
    Answer,
    Course,
    Problem,
    ProblemVersion,
    QuizItem,
    SittingItem,
    User,
    utc_now,
)
from quizapp.services import authoring

PROBLEM = "/courses/nlp/problems/layer"
FILES = authoring.starting_files("family/mlp_params")[1]


@pytest.fixture
def classroom(app):
    return Classroom(app)


@pytest.fixture
def quizzes(app, classroom):
    """The quizzes "Begun" and "Untouched" of version 1 and "Current" of 2, the problem's newest."""
    with database(app).write() as session:
        course = session.scalars(select(Course).where(Course.slug == "nlp")).one()
        problem = Problem(course=course, slug="layer", kind="family")
        for number in (1, 2):
            problem.versions.append(
                ProblemVersion(number=number, files=FILES, saved_by="ines", published_at=utc_now())
            )
        session.add(problem)
        session.flush()
        student = session.scalars(
            select(User).where(User.username == classroom.student.username)
        ).one()
        for title, version in (("Begun", 1), ("Untouched", 1), ("Current", 2)):
            quiz = add_quiz(session, course, "mlp_params", size=1)
            quiz.title = title
            item = quiz.sections[0].items[0]
            item.slug, item.version, item.title = None, problem.versions[version - 1], title
            if title != "Untouched":
                add_sitting(session, quiz, student)
    return {title: item_of(app, title) for title in ("Begun", "Untouched")}


def item_of(app, title):
    """Return the address of a quiz, and its question's id."""
    with database(app).read() as session:
        item = session.scalars(select(QuizItem).where(QuizItem.title == title)).one()
        return f"/courses/nlp/quizzes/{item.section.quiz.public_id}", item.id


@pytest.mark.parametrize("page", ["versions", "versions/1", "versions/2"])
def test_the_questions_that_ask_an_older_version_are_listed_with_the_way_to_mend_them(
    classroom, quizzes, page
):
    shown = classroom.instructor.get(f"{PROBLEM}/{page}").text
    begun, begun_item = quizzes["Begun"]
    untouched, untouched_item = quizzes["Untouched"]
    assert f'href="{begun}/regrades?item={begun_item}#regrade"' in shown
    assert f'href="{untouched}/edit#item-{untouched_item}"' in shown
    assert "“Current”" not in shown


def test_the_regrades_page_has_the_question_chosen_that_a_link_names(classroom, quizzes):
    address, item = quizzes["Begun"]
    page = classroom.instructor.get(f"{address}/regrades?item={item}").text
    assert f'value="{item}" selected' in page
    assert "(version 1; the newest is 2)" in page


def test_who_may_not_follow_the_links_is_not_shown_them(classroom, quizzes):
    assert "/regrades" not in classroom.assistant.get(f"{PROBLEM}/versions").text


def test_a_question_that_was_regraded_by_the_newest_version_says_so_until_it_is_undone(
    app, classroom, quizzes
):
    address, item = quizzes["Begun"]
    ines = classroom.instructor
    regrades = f"{address}/regrades"
    found = ines.post(regrades, {"item": item, "rule": "newest"}, page="/account").location
    work(database(app))
    said = "regraded by version 2"
    assert said not in ines.get(f"{PROBLEM}/versions").text
    ines.post(f"{found}/apply", page="/account")
    assert said in ines.get(f"{PROBLEM}/versions").text
    with database(app).write() as session:
        row = session.scalars(select(SittingItem).where(SittingItem.item_id == item)).one()
        later = add_answer(session, row, 0.0)
        later.created_at -= timedelta(days=1)  # as of a sitting whose time ended then
    assert said not in ines.get(f"{PROBLEM}/versions").text, "that answer has the old key's mark"
    with database(app).write() as session:
        session.delete(session.get_one(Answer, later.id))
    assert said in ines.get(f"{PROBLEM}/versions").text
    ines.post(f"{found}/undo", page="/account")
    assert said not in ines.get(f"{PROBLEM}/versions").text
