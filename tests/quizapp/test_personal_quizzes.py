"""A person's quizzes in their export, and gone with their account."""

import json
from datetime import UTC, datetime

import pytest
from quiz_rows import add_answer, add_course, add_item, add_quiz, add_sitting, member
from sqlalchemy import func, select
from statements import statements

from quizapp.db.models import (
    Answer,
    ExtraTime,
    Quiz,
    Regrade,
    RegradeMark,
    RegradeVariant,
    Sitting,
    SittingItem,
    Submission,
    User,
)
from quizapp.services import accounts, courses, personal, quizzes, releases, sittings, starting

PASSWORD = "a long password"


@pytest.fixture
def sitting(database, cheap_hashing):
    """What ada made of a quiz that closes in a far year, code and extra time included."""
    accounts.sign_up(database, "ada", PASSWORD)
    with database.write() as session:
        course = add_course(session)
        courses.enrol(session, course.slug, "ada", "student")
        quiz = add_quiz(session, course, "mlp_params", closes_at=datetime(2090, 1, 1, tzinfo=UTC))
        add_item(quiz.sections[0], "lstm_forget_gate", kind="task")
    name = quiz.public_id
    with database.write() as session:
        quizzes.set_extra_time(session, member(database, "ines"), name, "ada", 10)
    row = starting.start(database, member(database, "ada"), name)
    sittings.save(database, row.user_id, row.public_id, 1, {"total": "1"})
    sittings.submit(database, row.user_id, row.public_id, 2, "x = 1", "k")
    sittings.hand_in(database, row.user_id, row.public_id)
    return row


def export(database, sitting):
    with database.read() as session:
        return personal.export(session, sitting.user_id)


def test_an_export_has_quizzes_but_no_mark_before_the_release(database, sitting, monkeypatch):
    document = export(database, sitting)
    [quiz] = document["quizzes"]
    assert (quiz["course"], quiz["quiz"]) == ("nlp", "Week 3")
    assert quiz["items"][0]["responses"] == {"total": "1"}
    assert quiz["items"][0]["solution"] is None
    assert quiz["items"][0]["answers"][0]["mark"] is None
    assert document["submissions"] == []
    assert document["extra_times"] == [{"quiz": "Week 3", "minutes": 10}]
    monkeypatch.setattr(releases, "now", lambda _: datetime(2091, 1, 1, tzinfo=UTC))
    document = export(database, sitting)
    assert document["quizzes"][0]["items"][0]["solution"]
    assert document["quizzes"][0]["items"][0]["answers"][0]["score"] == 0.0
    assert len(document["submissions"]) == 1
    json.dumps(document, allow_nan=False)


def test_an_export_has_the_mark_and_the_solution_that_count_since_a_regrade(
    database, sitting, monkeypatch
):
    with database.write() as session:
        answer = session.scalars(select(Answer)).one()
        item = answer.sitting_item
        mark = {"score": 1.0, "parts": {"total": {"verdict": "right"}}}
        regrade = Regrade(
            item_id=item.item_id, settings={}, created_by="ines", applied_at=item.saved_at
        )
        session.add(regrade)
        session.flush()
        change = {"before": 0, "score": 1, "mark": mark, "reason": "The key was wrong."}
        session.add(RegradeMark(regrade_id=regrade.id, answer_id=answer.id, **change))
        document = {**item.variant.document, "solution": "It is 1."}
        session.add(
            RegradeVariant(regrade_id=regrade.id, variant_id=item.variant_id, document=document)
        )
    [held] = export(database, sitting)["quizzes"]
    assert held["items"][0]["mark"] is held["items"][0]["solution"] is None
    monkeypatch.setattr(releases, "now", lambda _: datetime(2091, 1, 1, tzinfo=UTC))
    [quiz] = export(database, sitting)["quizzes"]
    question = quiz["items"][0]
    assert question["solution"] == "It is 1."
    assert (question["mark"]["score"], question["answers"][0]["score"]) == (1.0, 0.0)


def test_five_sittings_are_exported_in_as_many_statements_as_one(database, sitting):
    def sent():
        with statements(database) as found:
            export(database, sitting)
        return len(found)

    few = sent()
    with database.write() as session:
        course = session.get_one(Sitting, sitting.id).quiz.course
        ada = session.get_one(User, sitting.user_id)
        for feedback in ("at_once", "after_closing") * 2:
            taken = add_sitting(session, add_quiz(session, course, feedback=feedback), ada)
            taken.items.append(SittingItem(position=1, item_id=1))
            session.flush()
            add_answer(session, taken.items[0], 1.0)
    assert sent() == few


def test_an_account_goes_with_its_sittings_answers_and_extra_time(database, sitting):
    personal.delete_account(database, sitting.user_id, PASSWORD)
    with database.read() as session:
        for model in (Sitting, SittingItem, Answer, Submission, ExtraTime):
            assert session.scalars(select(func.count()).select_from(model)).one() == 0
        assert session.scalars(select(func.count()).select_from(Quiz)).one() == 1
