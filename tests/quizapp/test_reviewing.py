"""A student's quiz for its instructor: the history of each question's points."""

from datetime import timedelta

from quiz_rows import add_answer, add_course, add_person, add_quiz, add_sitting, member

from quizapp.db.models import Regrade, RegradeMark, utc_now
from quizapp.services import reviewing

WRONG = {"score": 0.0, "parts": {"total": {"verdict": "wrong", "read_as": "1"}}}
RIGHT = {"score": 1.0, "parts": {"total": {"verdict": "right", "read_as": "1"}}}


def test_the_history_tells_of_answers_regrades_and_overrides_in_their_order(database):
    with database.write() as session:
        course = add_course(session)
        quiz = add_quiz(session, course, "mlp_params", "bleu")
        sitting = add_sitting(session, quiz, add_person(session, course, "ada"))
        first, _ = sitting.items
        answer = add_answer(session, first, 0.0, WRONG)
        applied_at = utc_now() + timedelta(minutes=1)
        regrade = Regrade(
            item_id=first.item_id,
            settings={},
            created_by="ines",
            applied_at=applied_at,
            applied_by="ines",
        )
        session.add(regrade)
        session.flush()
        change = {"before": 0, "score": 1, "mark": RIGHT, "reason": "The key was wrong."}
        session.add(RegradeMark(regrade_id=regrade.id, answer_id=answer.id, **change))
        place = reviewing.Place(quiz.public_id, sitting.public_id, 1)

    def review():
        with database.read() as session:
            found = reviewing.find(session, quiz.course_id, place.quiz, place.sitting)
        assert found.reviews[1].history == []
        return found.points, found.reviews[0]

    points, shown = review()
    assert points == 1
    assert shown.mark.parts["total"].verdict == "right"
    with database.write() as session:
        session.get(Regrade, regrade.id).undone_at = applied_at + timedelta(minutes=1)
        reviewing.override(session, member(database, "ines"), place, 0.5, "Half is fair.")
    points, shown = review()
    assert points == 0.5
    assert shown.mark.parts["total"].verdict == "wrong"
    told = [(event.text, event.comment) for event in shown.history]
    assert sorted(told) == [
        ("Answered: 0 %.", ""),
        ("Gave 0.5 points.", "Half is fair."),
        ("Regraded: 0 % became 100 %. The key was wrong.", ""),
        ("The regrade was undone.", ""),
    ]
    moments = [event.at for event in shown.history]
    assert moments == sorted(moments)


def test_what_is_answered_after_a_regrade_was_applied_is_told_before_what_it_made_of_it(database):
    with database.write() as session:
        course = add_course(session)
        quiz = add_quiz(session, course, "mlp_params")
        sitting = add_sitting(session, quiz, add_person(session, course, "ada"))
        answer = add_answer(session, sitting.items[0], 0.0, WRONG)
        applied = {"applied_at": utc_now() - timedelta(days=1), "applied_by": "ines"}
        item_id = sitting.items[0].item_id
        regrade = Regrade(item_id=item_id, settings={}, created_by="ines", **applied)
        session.add(regrade)
        session.flush()
        change = {"before": 0, "score": 1, "mark": RIGHT, "reason": ""}
        session.add(RegradeMark(regrade_id=regrade.id, answer_id=answer.id, **change))
    with database.read() as session:
        found = reviewing.find(session, quiz.course_id, quiz.public_id, sitting.public_id)
    told = [event.text for event in found.reviews[0].history]
    assert told == ["Answered: 0 %.", "Regraded: 0 % became 100 %."]
