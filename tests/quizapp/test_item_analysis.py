"""Item analysis on a class small enough to compute by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quiz_rows import (
    add_answer,
    add_course,
    add_item,
    add_person,
    add_quiz,
    add_sitting,
    add_submission,
)
from sqlalchemy import select

from quizapp.db.models import Answer, PoolVariant, Regrade, RegradeMark, utc_now
from quizapp.errors import NotFound
from quizapp.services import charts, item_analysis


def mark(score, **parts):
    return {
        "score": score,
        "parts": {
            name: {"verdict": verdict, "mistake": mistake, "message": message, "read_as": None}
            for name, (verdict, mistake, message) in parts.items()
        },
    }


RIGHT = mark(1.0, total=("right", None, ""))
WRONG = mark(0.0, total=("wrong", None, "No."))
SCALE = mark(0.0, total=("mistake", "scale", "You forgot the scale."))
UNREADABLE = mark(0.5, a=("malformed", None, "?"), b=("right", None, ""))
BOTH = mark(0.0, total=("mistake", "scale, bias", "You forgot the scale. Or: No bias."))


@pytest.fixture
def make(database):
    """Make a quiz of these questions; each student is the marks of their answers to each."""

    def made(*students, slugs=("mlp_params", "conv_params"), seconds=(), task=False, **settings):
        with database.write() as session:
            course = add_course(session)
            quiz = add_quiz(session, course, *slugs, **settings)
            if task:
                add_item(quiz.sections[0], "lstm_forget_gate", kind="task")
            for number, answers in enumerate(students):
                person = add_person(session, course, f"student{number}")
                sitting = add_sitting(session, quiz, person)
                for item, given in zip(sitting.items, answers, strict=True):
                    item.seconds = seconds[number] if seconds else 0.0
                    if item.item.kind == "family":
                        item.variant = _variant(session, item.item)
                    for one in given:
                        if isinstance(one, dict):
                            add_answer(session, item, one["score"], one)
                        else:
                            add_submission(session, item, *one)
        return quiz

    return made


def _variant(session, item):
    return session.scalars(select(PoolVariant).where(PoolVariant.item_id == item.id)).first()


def analyse(database, quiz):
    with database.rows() as connection:
        return item_analysis.of_quiz(connection, quiz.course_id, quiz.public_id)


def outcomes(item):
    return {outcome.name: outcome.count for outcome in item.outcomes}


def test_difficulty_discrimination_and_time_of_a_class_of_four(database, make):
    quiz = make(
        ([RIGHT], [RIGHT]),
        ([RIGHT], [mark(0.5, a=("right", None, ""), b=("wrong", None, ""))]),
        ([SCALE], [mark(0.5, a=("right", None, ""), b=("wrong", None, ""))]),
        ([], [WRONG]),
        seconds=(10, 20, 60, 99),
    )
    analysis = analyse(database, quiz)
    first, second = analysis.items
    assert analysis.students == 4
    assert (first.had, first.answered, second.answered) == (4, 3, 4)
    assert (first.difficulty, second.difficulty) == (0.5, 0.5)
    # x = 1, 1, 0, 0 beside y = 1, 0.5, 0.5, 0: 0.5 / sqrt(1 * 0.5)
    assert first.discrimination == pytest.approx(0.5 / math.sqrt(0.5))
    assert second.discrimination == pytest.approx(first.discrimination)
    assert (first.seconds, second.seconds) == (20, 40)


def test_the_share_of_the_class_by_mistake(database, make):
    quiz = make(*[([one],) for one in (SCALE, BOTH, SCALE, WRONG, RIGHT)], ([],), slugs=("bleu",))
    [item] = analyse(database, quiz).items
    assert outcomes(item) == {
        "right": 1,
        "mistake:scale": 3,
        "mistake:bias": 1,
        "wrong": 1,
        "blank": 1,
    }
    assert item.outcomes[0].name == "right"
    assert item.outcomes[1].message == "You forgot the scale."
    assert item.outcomes[1].share == 0.5
    assert item.outcomes[2].message == "No bias."
    assert [outcome.name for outcome in item.outcomes[3:]] == ["blank", "wrong"]


def test_with_marks_at_once_the_first_answer_is_what_was_believed(database, make):
    quiz = make(([SCALE, RIGHT],), slugs=("bleu",), feedback="at_once", tries=3, penalty=0.25)
    [item] = analyse(database, quiz).items
    assert outcomes(item) == {"mistake:scale": 1}
    assert item.difficulty == 0.75


def test_an_answer_that_could_not_be_read_is_no_wrong_one(database, make):
    quiz = make([[UNREADABLE], []], [[WRONG], []])
    assert outcomes(analyse(database, quiz).items[0]) == {"wrong": 1, "unreadable": 1}


def test_a_regrade_that_stands_says_what_an_answer_is(database, make):
    quiz = make(([WRONG],), slugs=("bleu",))
    with database.write() as session:
        answer = session.scalars(select(Answer)).one()
        regrade = Regrade(
            item_id=answer.sitting_item.item_id,
            settings={},
            created_by="ines",
            applied_at=utc_now(),
            applied_by="ines",
        )
        session.add(regrade)
        session.flush()
        session.add(
            RegradeMark(
                regrade_id=regrade.id,
                answer_id=answer.id,
                before=0,
                score=1,
                mark=RIGHT,
                reason="The key was wrong.",
            )
        )
    assert outcomes(analyse(database, quiz).items[0]) == {"right": 1}
    with database.write() as session:
        session.get(Regrade, regrade.id).undone_at = utc_now()
    assert outcomes(analyse(database, quiz).items[0]) == {"wrong": 1}


def test_code_is_told_by_its_newest_grade_and_what_waits_is_said(database, make):
    quiz = make(([(0.0, 0.5)],), ([()],), ([],), slugs=(), task=True)
    [item] = analyse(database, quiz).items
    assert outcomes(item) == {"verdict:wrong": 1, "waiting": 1, "blank": 1}


def test_a_grade_that_names_a_mutant_is_that_mistake():
    grade = {"verdict": "wrong", "mistake": "tanh", "message": "tanh in place of the sigmoid"}
    assert item_analysis._outcome_of_grade(grade) == {
        "mistake:tanh": "tanh in place of the sigmoid"
    }
    assert item_analysis._outcome_of_grade({"verdict": "accepted"}) == {"right": ""}


def test_who_still_sits_counts_nowhere_and_an_empty_class_has_no_numbers(database, make):
    quiz = make()
    for item in analyse(database, quiz).items:
        assert (item.had, item.difficulty, item.discrimination, item.seconds, item.outcomes) == (
            0,
            None,
            None,
            None,
            [],
        )


def test_behind_a_bar_are_its_variants_with_whose_they_are(database, make):
    quiz = make(([SCALE],), ([BOTH],), ([RIGHT],), slugs=("bleu",))
    [item] = analyse(database, quiz).items
    with database.rows() as connection:
        found = item_analysis.behind(
            connection, quiz.course_id, quiz.public_id, item.question.item_id, "mistake:scale"
        )
        assert (found.outcome.count, found.outcome.message) == (2, "You forgot the scale.")
        [(document, students)] = found.variants
        assert document["family"] == "bleu"
        assert [given.username for given in students] == ["student0", "student1"]
        for item_id, outcome in ((item.question.item_id, "mistake:none"), (10**6, "right")):
            with pytest.raises(NotFound):
                item_analysis.behind(connection, quiz.course_id, quiz.public_id, item_id, outcome)


PAIRS = st.lists(
    st.tuples(st.sampled_from((0.0, 0.5, 1.0)), st.floats(0, 1, width=16)), max_size=20
)


@given(PAIRS)
def test_the_correlation_is_the_mean_product_of_standard_scores(pairs):
    n = len(pairs)
    found = item_analysis.correlation(pairs)
    sums = [sum(side) for side in zip(*pairs, strict=True)] or [0, 0]
    x_spread, y_spread = (
        n * sum(value * value for value in side) - total * total
        for side, total in zip(zip(*pairs, strict=True) if pairs else ((), ()), sums, strict=True)
    )
    if n < 2 or x_spread < 1e-6 or y_spread < 1e-6:
        assert found is None or abs(found) <= 1
        return
    together = n * sum(x * y for x, y in pairs) - sums[0] * sums[1]
    assert found == pytest.approx(together / math.sqrt(x_spread * y_spread), abs=1e-6)


@given(st.lists(st.integers(0, 1), min_size=2, max_size=20), st.data())
def test_for_right_and_wrong_alone_it_is_the_point_biserial_correlation(xs, data):
    ys = data.draw(st.lists(st.integers(0, 10), min_size=len(xs), max_size=len(xs)))
    found = item_analysis.correlation([(float(x), float(y)) for x, y in zip(xs, ys, strict=True)])
    ones = [y for x, y in zip(xs, ys, strict=True) if x]
    zeros = [y for x, y in zip(xs, ys, strict=True) if not x]
    mean = sum(ys) / len(ys)
    spread = math.sqrt(sum((y - mean) ** 2 for y in ys) / len(ys))
    if not ones or not zeros or not spread:
        assert found is None
        return
    share = len(ones) / len(xs)
    apart = sum(ones) / len(ones) - sum(zeros) / len(zeros)
    assert found == pytest.approx(apart / spread * math.sqrt(share * (1 - share)))


def test_the_distribution_counts_each_tenth_and_says_so_in_words():
    assert charts.histogram([0.0, 0.0999, 0.1, 0.3, 0.7, 1.0, 0.95, None]) == [
        *(2, 1, 0, 1, 0),
        *(0, 0, 1, 0, 2),
    ]
    chart = charts.distribution([0.5, 1.0, 1.0])
    assert "3 students" in chart.description
    assert "90–100 %: 2" in chart.description
    assert "<title" in chart.svg
    assert "style=" not in chart.svg
    assert charts.distribution([None]) is None
