"""The first page of a course: each quiz as one member has it, asked for all quizzes at once."""

from datetime import UTC, datetime, timedelta

import pytest
from quiz_rows import add_answer, add_course, add_item, add_person, add_quiz, add_sitting, member
from statements import statements

from quizapp.db.models import ExtraTime
from quizapp.services import course_home

MINUTE = timedelta(minutes=1)


def ago(minutes):
    return datetime.now(UTC) - minutes * MINUTE


@pytest.fixture
def add(database):
    """Add a quiz to ada's course that she answered for half a point, unless it is not begun."""
    with database.write() as session:
        course = add_course(session)
        ada, eve = (add_person(session, course, name) for name in ("ada", "eve"))
    users = {"ada": ada.id, "eve": eve.id}

    def added(title, *, begun=True, extra=None, marked=True, **settings):
        with database.write() as session:
            mine = session.merge(course)
            quiz = add_quiz(session, mine, **settings)
            quiz.title = title
            add_item(quiz.sections[0], "mse")
            for name, minutes in (extra or {}).items():
                quiz.extra_times.append(ExtraTime(user_id=users[name], minutes=minutes))
            if begun:
                still = {} if marked else {"handed_in_at": None, "marked_at": None}
                sitting = add_sitting(session, quiz, session.merge(ada), **still)
                add_answer(session, sitting.items[0], 0.5)

    return added


def lines(database, name="ada"):
    with database.read() as session:
        return {
            line.quiz.title: line for line in course_home.quizzes(session, member(database, name))
        }


def points(database, name="ada"):
    return {title: line.points for title, line in lines(database, name).items()}


def test_open_quizzes_come_first_then_coming_and_closed_ones_and_drafts_never(database, add):
    add("closed", closes_at=ago(5))
    add("coming", begun=False, opens_at=ago(-5))
    add("open", begun=False, closes_at=ago(-5))
    add("draft", begun=False, published=False)
    found = lines(database)
    assert [(title, line.when) for title, line in found.items()] == [
        ("open", "open"),
        ("coming", "coming"),
        ("closed", "closed"),
    ]
    assert found["closed"].sitting is not None
    assert found["open"].sitting is None


def test_extra_time_keeps_a_quiz_open_for_its_student_alone(database, add):
    add("quiz", begun=False, closes_at=ago(5), extra={"eve": 30})
    ada, eve = (lines(database, name)["quiz"] for name in ("ada", "eve"))
    assert (ada.when, eve.when) == ("closed", "open")
    assert eve.closes_at - ada.closes_at == 30 * MINUTE


def test_points_are_shown_once_marked_and_when_nobody_can_gain_by_them(database, add):
    later = {"closes_at": ago(-60)}
    add("at once", feedback="at_once", **later)
    add("at once, under way", feedback="at_once", marked=False, **later)
    add("still open", **later)
    add("closed", closes_at=ago(5))
    add("closed, but for eve", closes_at=ago(5), extra={"eve": 30})
    add("never closes")
    add("never closes, under way", marked=False)
    add("not begun", begun=False, closes_at=ago(5))
    assert points(database) == {
        "at once": 0.5,
        "at once, under way": None,
        "still open": None,
        "closed": 0.5,
        "closed, but for eve": None,
        "never closes": 0.5,
        "never closes, under way": None,
        "not begun": None,
    }
    assert set(points(database, "eve").values()) == {None}


def test_six_quizzes_are_asked_for_in_as_many_statements_as_two(database, add):
    def asked():
        ada = member(database, "ada")
        with database.read() as session, statements(database) as sent:
            found = course_home.quizzes(session, ada)
        return len(found), len(sent)

    for number in range(2):
        add(f"quiz {number}", closes_at=ago(5))
    few = asked()
    for number in range(4):
        add(f"another {number}", closes_at=ago(5), extra={"eve": 1})
    many = asked()
    assert (few[0], many[0]) == (2, 6)
    assert few[1] == many[1]
