"""An account that is deleted while a quiz is worked at, handed in or regraded: each waits its turn.

Each test holds what one of the two holds first, lets the other begin, and goes on.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import sleep

import pytest
from quiz_rows import add_course, add_item, add_quiz, member
from sqlalchemy import delete, select, update

from quizapp.db.models import Answer, QuizItem, RegradeMark, Sitting, SittingItem, User
from quizapp.services import accounts, courses, personal, regrading, sittings, starting

PASSWORD = "a long password"


@pytest.fixture
def sitting(database, cheap_hashing):
    """Ada is at work at a quiz of a family, which she has answered, and of code."""
    accounts.sign_up(database, "ada", PASSWORD)
    with database.write() as session:
        course = add_course(session)
        courses.enrol(session, course.slug, "ada", "student")
        quiz = add_quiz(session, course, "mlp_params", feedback="at_once", tries=3)
        add_item(quiz.sections[0], "lstm_forget_gate", kind="task")
    row = starting.start(database, member(database, "ada"), quiz.public_id)
    sittings.check(database, row.user_id, row.public_id, 1, {"total": "1"}, "k")
    sittings.save(database, row.user_id, row.public_id, 2, {"source": "x = 1"})
    return row


@contextmanager
def meanwhile(call, *arguments):
    """Begin a call in another thread, and see that it ends well after the block."""
    with ThreadPoolExecutor(1) as thread:
        begun = thread.submit(call, *arguments)
        sleep(0.3)  # for it to come as far as it can
        assert not begun.done()
        yield
    begun.result()


def hold(session, model, row_id):
    session.scalars(select(model.id).where(model.id == row_id).with_for_update()).one()


def test_an_account_is_deleted_after_what_is_saved_meanwhile(database, sitting):
    with database.write() as session:
        hold(session, Sitting, sitting.id)
        with meanwhile(personal.delete_account, database, sitting.user_id, PASSWORD):
            session.execute(update(SittingItem).values(seconds=9.0))
            session.commit()
    with database.read() as session:
        assert session.scalars(select(Sitting)).all() == []


@pytest.mark.parametrize("verb", [sittings.hand_in, sittings.submit])
def test_code_is_handed_in_after_what_holds_its_student(database, sitting, verb):
    more = (2, "x = 2", "k") if verb is sittings.submit else ()
    with database.write() as session:
        hold(session, User, sitting.user_id)
        with meanwhile(verb, database, sitting.user_id, sitting.public_id, *more):
            hold(session, Sitting, sitting.id)
            session.commit()


def test_a_regrade_leaves_out_an_answer_that_is_being_deleted(database, sitting):
    ines = member(database, "ines")

    def regrade():
        with database.write() as session:
            item = session.scalars(select(QuizItem).where(QuizItem.kind == "family")).one()
            quiz = item.section.quiz.public_id
            regrading.prepare(session, ines, quiz, item.id, "full", never_lower=False)

    with database.write() as session:
        session.execute(delete(Answer))
        with meanwhile(regrade):
            session.commit()
    with database.read() as session:
        assert session.scalars(select(RegradeMark)).all() == []
