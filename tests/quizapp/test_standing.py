"""Where a student stands: a fold over first answers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visitor import right_answers

from problems import catalog
from quizapp.services import accounts, exams, practice, runs, standing
from quizapp.services.standing import Answer

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
MISTAKE = catalog.family("mlp_params").mistakes[0].name

histories = st.lists(
    st.builds(
        lambda family, day, score, wrong: Answer(
            family, START + day * DAY, score, frozenset({MISTAKE} if wrong and score < 1 else ())
        ),
        st.sampled_from(["mlp_params", "conv_params"]),
        st.integers(0, 400),
        st.sampled_from([0.0, 0.5, 1.0]),
        st.booleans(),
    ),
    max_size=30,
).map(lambda found: sorted(found, key=lambda answer: answer.at))


def answered(score, *mistakes, day=0, family="mlp_params"):
    return Answer(family, START + day * DAY, score, frozenset(mistakes))


def test_mastery_rises_with_right_first_answers_and_drops_with_wrong_ones():
    right, wrong = answered(1.0), answered(0.0)
    levels = [
        standing.mastery(h)["mlp_params"] for h in ([right], [right] * 5, [right] * 5 + [wrong])
    ]
    assert levels[0] == pytest.approx(0.4)
    assert levels[0] < levels[2] < levels[1] < 1


@given(histories)
def test_any_history_gives_mastery_between_0_and_1_and_reviews_in_order(found):
    assert all(0 <= level <= 1 for level in standing.mastery(found).values())
    due = [review.due for review in standing.reviews(found)]
    assert due == sorted(due)
    latest = {answer.family: answer.at for answer in found}
    assert all(review.due > latest[review.family] for review in standing.reviews(found))


@given(histories)
def test_only_what_was_wrong_comes_back(found):
    wrong = {answer.family for answer in found if answer.score < 1}
    assert {review.family for review in standing.reviews(found)} == wrong


def test_a_review_goes_further_away_when_it_went_well_and_nearer_when_not():
    def due_in(*found):
        [review] = standing.reviews(found)
        return review.due - found[-1].at

    first = due_in(answered(0.0))
    assert first >= timedelta(hours=12)
    well = due_in(answered(0.0), answered(1.0, day=2))
    assert well > first
    assert due_in(answered(0.0), answered(1.0, day=2), answered(0.0, day=10)) < well


def test_a_mistake_has_a_review_of_its_own():
    found = [answered(0.0, MISTAKE), answered(0.0, day=3)]
    by_mistake = {review.mistake: review.due for review in standing.reviews(found)}
    assert set(by_mistake) == {None, MISTAKE}
    assert by_mistake[MISTAKE] > by_mistake[None]  # the second time it was not made


def test_a_repeated_mistake_is_named_until_the_family_is_right_at_the_first_try():
    twice = [answered(0.0, MISTAKE), answered(0.0, MISTAKE, day=1)]
    assert standing.repeated_mistakes(twice[:1]) == []
    assert standing.repeated_mistakes(twice) == [("mlp_params", MISTAKE, 2)]
    assert standing.repeated_mistakes([*twice, answered(1.0, day=2)]) == []
    [first, *_] = standing.advice(twice, standing.reviews(twice), START + DAY)
    assert first.family == "mlp_params"
    assert "2 times" in first.reason


def test_advice_is_for_families_that_are_still_there_and_each_once():
    found = [answered(0.0, family="gone"), answered(0.0), answered(0.0, day=1)]
    advised = standing.advice(found, standing.reviews(found), START + 90 * DAY)
    assert [item.family for item in advised] == ["mlp_params"]


@pytest.mark.parametrize(
    ("days", "length"),
    [([], 0), ([0], 1), ([-1], 1), ([-2], 0), ([-2, -1, 0], 3), ([-3, -1, 0], 2), ([0, 0], 1)],
)
def test_a_streak_is_days_in_a_row_up_to_today_or_yesterday(days, length):
    found = [answered(0.0, day=day) for day in days]
    assert standing.streak(found, START.date()) == length


def test_the_first_answer_to_each_variant_counts(database, cheap_hashing):
    ada = accounts.sign_up(database, "ada", "a long password").id
    row = practice.start(database, ada, "mlp_params")
    practice.check(database, ada, row.public_id, {"total": "1"}, "k1")
    practice.check(database, ada, row.public_id, right_answers(row), "k2")
    other = practice.start(database, ada, "mlp_params")
    practice.check(database, ada, other.public_id, right_answers(other), "k3")
    with database.read() as session:
        found = standing.answers(session, ada)
    assert [answer.score for answer in found] == [0.0, 1.0]


def test_an_exam_counts_when_it_is_marked(database, cheap_hashing):
    ada = accounts.sign_up(database, "ada", "a long password").id
    run = runs.start(database, ada, "exam", runs.Choice(("metrics",), (), 2), "k", 5)
    part = next(iter(run.items[0].variant.document["parts"]))
    exams.save(database, ada, run.public_id, 1, {part: "0.123"})
    with database.read() as session:
        assert standing.answers(session, ada) == []
    exams.hand_in(database, ada, run.public_id)
    with database.read() as session:
        assert len(standing.answers(session, ada)) == 1
