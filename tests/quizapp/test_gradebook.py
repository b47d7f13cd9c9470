"""The gradebook: every student, the points of every question, filters, and its files."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from quiz_rows import add_answer, add_course, add_item, add_person, add_quiz, add_sitting, member
from sqlalchemy import select, update

from quizapp.db.models import Enrolment, Override, Quiz
from quizapp.errors import NotFound
from quizapp.services import gradebook
from quizapp.services.gradebook import View

SLUGS = ("mlp_params", "conv_params")


@pytest.fixture
def quiz(database):
    """A quiz of two questions: ada has 1 + 0.5, bob 0 + none and sits, eve has not begun.

    zoe had 1 + 1 and has left the course; the instructor's preview counts nowhere.
    """
    with database.write() as session:
        course = add_course(session)
        people = {name: add_person(session, course, name) for name in ("ada", "bob", "eve", "zoe")}
        quiz = add_quiz(session, course, *SLUGS)
        for name, given in (("ada", (1.0, 0.5)), ("bob", (0.0,)), ("zoe", (1.0, 1.0))):
            settings = {"handed_in_at": None, "marked_at": None} if name == "bob" else {}
            sitting = add_sitting(session, quiz, people[name], **settings)
            for item, score in zip(sitting.items, given, strict=False):
                add_answer(session, item, score)
        add_sitting(session, quiz, add_person(session, course, "ida", "assistant"), preview=True)
        session.execute(
            update(Enrolment).where(Enrolment.user_id == people["ada"].id).values(name="Ada L.")
        )
        session.delete(
            session.scalars(select(Enrolment).where(Enrolment.user_id == people["zoe"].id)).one()
        )
    return quiz


def book_of(database, quiz):
    with database.rows() as connection:
        return gradebook.of_quiz(connection, quiz.course_id, quiz.public_id)


def test_each_student_has_a_row_and_previews_have_none(database, quiz):
    book = book_of(database, quiz)
    assert [question.title for question in book.questions] == list(SLUGS)
    found = {row.username: (row.state, row.points, row.possible, row.enrolled) for row in book.rows}
    assert found == {
        "ada": ("handed in", 1.5, 2.0, True),
        "bob": ("under way", 0.0, 2.0, True),
        "eve": ("not begun", 0.0, 0.0, True),
        "zoe": ("handed in", 2.0, 2.0, False),
    }
    [bob] = [row for row in book.rows if row.username == "bob"]
    assert [cell.score for cell in bob.cells.values()] == [0.0, None]


@pytest.mark.parametrize(
    ("view", "names"),
    [
        (View(), ["ada", "bob", "eve", "zoe"]),
        (View(text="ADA l"), ["ada"]),
        (View(state="not begun"), ["eve"]),
        (View(low=0.75), ["ada", "zoe"]),
        (View(high=0.75), ["ada", "bob"]),
        (View(low=0.1, high=0.8), ["ada"]),
        (View(sort="points", descending=True), ["zoe", "ada", "bob", "eve"]),
        (View(sort="state"), ["eve", "bob", "ada", "zoe"]),
        (View(sort="username", descending=True), ["zoe", "eve", "bob", "ada"]),
        (View(sort="nonsense", descending=True), ["zoe", "eve", "bob", "ada"]),
    ],
)
def test_rows_are_filtered_and_sorted(database, quiz, view, names):
    rows = gradebook.select_rows(book_of(database, quiz), view)
    assert [row.username for row in rows] == names


def test_rows_are_sorted_by_one_question(database, quiz):
    book = book_of(database, quiz)
    view = View(sort=str(book.questions[1].item_id), descending=True)
    assert [row.username for row in gradebook.select_rows(book, view)][:2] == ["zoe", "ada"]


def test_a_question_that_was_taken_out_stays_where_somebody_had_it(database, quiz):
    with database.write() as session:
        section = session.get(Quiz, quiz.id).sections[0]
        for item in (section.items[0], add_item(section, "bleu")):
            item.retired = True
    assert [q.title for q in book_of(database, quiz).questions] == list(SLUGS)


def test_the_csv_has_a_line_a_student_and_no_formula(database, quiz):
    with database.write() as session:
        session.execute(update(Enrolment).where(Enrolment.name.is_not(None)).values(name="=1+1"))
    book = book_of(database, quiz)
    head, *lines = csv.reader(io.StringIO(gradebook.to_csv(book, book.rows)))
    assert head[5:] == ["points", "possible", "1. mlp_params (1)", "2. conv_params (1)"]
    by_name = {line[0]: line[1:3] + line[5:] for line in lines}
    assert by_name["ada"] == ["'=1+1", "handed in", "1.5", "2.0", "1.0", "0.5"]
    assert by_name["bob"] == ["", "under way", "0.0", "2.0", "0.0", "0.0"]
    assert by_name["eve"] == ["", "not begun", "", "", "", ""]


def test_the_json_says_what_its_page_of_the_documentation_says(database, quiz):
    book = book_of(database, quiz)
    document = json.loads(json.dumps(gradebook.to_json(book, book.rows)))
    assert document["format"] == gradebook.FORMAT
    ada = document["students"][0]
    assert (ada["username"], ada["points"], ada["possible"]) == ("ada", 1.5, 2.0)
    assert [cell["score"] for cell in ada["questions"]] == [1.0, 0.5]
    eve = next(row for row in document["students"] if row["username"] == "eve")
    assert (eve["points"], eve["sitting"], eve["questions"]) == (None, None, [])


def test_an_override_shows_in_the_gradebook(database, quiz):
    with database.write() as session:
        row = book_of(database, quiz).rows[0]
        item = next(iter(row.cells.values())).sitting_item_id
        session.add(Override(sitting_item_id=item, points=0.25, comment="late", actor="ines"))
    ada = book_of(database, quiz).rows[0]
    assert ada.points == 0.75
    assert next(iter(ada.cells.values())).overridden


def test_another_courses_quiz_is_not_found(database, quiz):
    with database.rows() as connection:
        for course_id, name in ((quiz.course_id + 1, quiz.public_id), (quiz.course_id, "\x00")):
            with pytest.raises(NotFound):
                gradebook.of_quiz(connection, course_id, name)


def test_a_courses_quizzes_stand_as_they_open_and_last_those_that_always_were(database, quiz):
    with database.write() as session:
        course = session.get_one(Quiz, quiz.id).course
        for year in (2021, 2020):
            dated = add_quiz(session, course, opens_at=datetime(year, 1, 1, tzinfo=UTC))
            dated.title = str(year)
    with database.rows() as connection:
        book = gradebook.of_course(connection, member(database, "ines"))
    assert [title for _, _, title in book.quizzes] == ["2020", "2021", "Week 3"]


def test_a_course_has_the_totals_of_its_published_quizzes(database, quiz):
    with database.write() as session:
        course = session.get(Quiz, quiz.id).course
        second = add_quiz(session, course, "bleu")
        second.title = "=Second"
        add_quiz(session, course, "bleu", published=False)
    with database.rows() as connection:
        book = gradebook.of_course(connection, member(database, "ines"))
    assert [title for _, _, title in book.quizzes] == ["Week 3", "=Second"]
    totals = {username: found for username, _, found in book.rows}
    assert totals["ada"] == {quiz.id: (1.5, 2.0)}
    assert totals["eve"] == {}
    head, *lines = csv.reader(io.StringIO(gradebook.course_csv(book)))
    assert head == ["username", "name", "Week 3", "'=Second"]
    assert ["zoe", "", "2.0", ""] in lines
