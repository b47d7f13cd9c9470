"""What a question of a sitting is worth: answers, regrades, overrides."""

from datetime import UTC, datetime, timedelta

import pytest
from quiz_rows import (
    add_answer,
    add_course,
    add_person,
    add_quiz,
    add_sitting,
    add_submission,
)

from quizapp.db.models import Override, Regrade, RegradeMark
from quizapp.services import scores

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def session(database):
    with database.write() as session:
        yield session


def make(session, **settings):
    course = add_course(session)
    quiz = add_quiz(session, course, "mlp_params", "conv_params", size=0, **settings)
    quiz.sections[0].items[0].points = 4.0
    return add_sitting(session, quiz, add_person(session, course, "ada"))


def regrade(session, row, score, *, answer=None, submission=None, **settings):
    found = Regrade(item_id=row.item_id, settings={}, created_by="ines", **settings)
    mark = RegradeMark(before=0.0, score=score, reason="")
    mark.answer_id = answer.id if answer else None
    mark.submission_id = submission.id if submission else None
    found.marks.append(mark)
    session.add(found)
    session.flush()
    return found


def override(session, row, points):
    session.add(Override(sitting_item_id=row.id, points=points, comment="", actor="ines"))
    session.flush()


def first(session, sitting):
    found = scores.of_sitting(session, sitting)[0]
    by_quiz = scores.by_sitting(session.connection(), sitting.quiz_id)
    assert by_quiz[sitting.id][0] == found
    return found


def test_a_question_without_an_answer_has_no_score_and_no_points(session):
    sitting = make(session)
    found = scores.of_sitting(session, sitting)
    assert [(row.score, row.points, row.possible, row.tries) for row in found] == [
        (None, 0.0, 4.0, 0),
        (None, 0.0, 1.0, 0),
    ]
    assert scores.total(found) == (0.0, 5.0)


def test_the_score_gives_its_share_of_the_points(session):
    sitting = make(session)
    add_answer(session, sitting.items[0], 0.5)
    assert first(session, sitting)[4:8] == (0.5, 2.0, 4.0, 1)


def test_with_feedback_at_once_the_best_answer_counts_less_what_was_wrong_before(session):
    sitting = make(session, feedback="at_once", tries=3, penalty=0.25)
    add_answer(session, sitting.items[0], 0.5)
    add_answer(session, sitting.items[0], 1.0)
    assert first(session, sitting).points == 3.0
    add_answer(session, sitting.items[0], 0.0)
    assert first(session, sitting).points == 3.0


def test_the_penalty_takes_no_more_than_there_is():
    assert scores.best([0.0, 0.0, 0.0, 1.0], penalty=0.5) == 0.0
    assert scores.best([0.5, 0.5], penalty=0.25) == 0.5
    assert scores.best([1.0, 0.0], penalty=1.0) == 1.0


@pytest.mark.parametrize(("feedback", "points"), [("at_once", 3.0), ("after_closing", 2.0)])
def test_of_submissions_the_newest_grade_counts_and_the_last_after_closing(
    session, feedback, points
):
    sitting = make(session, feedback=feedback)
    add_submission(session, sitting.items[0], 0.1, 0.75)
    add_submission(session, sitting.items[0], 0.5)
    assert first(session, sitting).points == points


def test_a_submission_that_waits_for_its_grade_says_so(session):
    sitting = make(session)
    add_submission(session, sitting.items[0], 0.5)
    add_submission(session, sitting.items[0])
    found = first(session, sitting)
    assert (found.score, found.waiting, found.tries) == (0.5, True, 2)


def test_a_regrade_counts_from_when_it_is_applied_until_it_is_undone(session):
    sitting = make(session)
    row = sitting.items[0]
    answer = add_answer(session, row, 0.0)
    older = regrade(session, row, 0.5, answer=answer)
    assert first(session, sitting).score == 0.0
    older.applied_at = MOMENT
    session.flush()
    assert first(session, sitting).score == 0.5
    newer = regrade(session, row, 1.0, answer=answer, applied_at=MOMENT + timedelta(days=1))
    assert first(session, sitting).score == 1.0
    newer.undone_at = MOMENT + timedelta(days=2)
    session.flush()
    assert first(session, sitting).score == 0.5


def test_a_submission_is_regraded_as_an_answer_is(session):
    sitting = make(session)
    submission = add_submission(session, sitting.items[0], 0.25)
    regrade(session, sitting.items[0], 0.75, submission=submission, applied_at=MOMENT)
    assert first(session, sitting).score == 0.75


def test_an_override_stands_above_all_until_it_is_taken_back(session):
    sitting = make(session)
    row = sitting.items[0]
    answer = add_answer(session, row, 0.0)
    override(session, row, 3.0)
    regrade(session, row, 1.0, answer=answer, applied_at=MOMENT)
    found = first(session, sitting)
    assert (found.points, found.score, found.overridden) == (3.0, 0.75, True)
    override(session, row, None)
    found = first(session, sitting)
    assert (found.points, found.overridden) == (4.0, False)


def test_a_preview_counts_nowhere(session):
    sitting = make(session)
    sitting.preview = True
    session.flush()
    assert scores.by_sitting(session.connection(), sitting.quiz_id) == {}
    assert len(scores.of_sitting(session, sitting)) == 2


def test_another_quiz_is_left_out(session):
    sitting = make(session)
    other = add_quiz(session, sitting.quiz.course, "mlp_params", size=0)
    add_sitting(session, other, sitting.user)
    assert list(scores.by_sitting(session.connection(), sitting.quiz_id)) == [sitting.id]
