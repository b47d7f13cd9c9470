import numpy as np
import pytest

from grader.comparison import judge
from grader.core import Case
from grader.wire import Answer

EXPECTED = np.array([[0.25, 0.5], [0.75, 1.0]])


def judged(task, *outputs, is_tuple=False, expected=EXPECTED):
    case = Case("ordinary", visible=True, inputs={}, expected=(np.asarray(expected),))
    return judge(task, case, Answer("R", 0, outputs=outputs, is_tuple=is_tuple))


@pytest.mark.parametrize(
    ("received", "verdict"),
    [
        (EXPECTED, "accepted"),
        (EXPECTED.astype(np.float32), "accepted"),
        (EXPECTED + 1e-7, "accepted"),
        (EXPECTED + 1e-4, "wrong"),
        (np.zeros((0, 2)), "invalid_output"),
        (np.zeros((1, 2)), "invalid_output"),
        (EXPECTED[None], "invalid_output"),
        (EXPECTED > 0, "invalid_output"),
        (EXPECTED.astype(np.int64), "invalid_output"),
        (np.full_like(EXPECTED, np.nan), "invalid_output"),
        (np.full_like(EXPECTED, np.inf), "invalid_output"),
    ],
)
def test_only_the_right_dtype_shape_and_finite_close_values_pass(task, received, verdict):
    assert judged(task, received).verdict == verdict


def test_dtype_is_looked_at_before_shape_and_shape_before_finiteness(task):
    assert "dtype int64" in judged(task, np.zeros(3, np.int64)).message
    assert "has shape (3,)" in judged(task, np.full(3, np.nan)).message
    assert "not finite" in judged(task, np.full((2, 2), np.nan)).message


def test_enormous_values_are_wrong_without_a_warning(task):
    result = judged(task, np.full((2, 2), 1.7e308) * [[1, -1], [1, -1]])
    assert result.verdict == "wrong"


def test_a_tuple_is_not_an_array(task):
    assert "returned a tuple of 1" in judged(task, EXPECTED, is_tuple=True).message


def test_the_difference_is_measured_and_its_first_place_named(task):
    result = judged(task, EXPECTED + np.array([[0, 0], [0.5, 0]]))
    assert result.max_error == 0.5
    assert result.max_relative_error == pytest.approx(2 / 3)
    assert result.share_different == 0.25
    assert result.first_difference.to_json() == {
        "output": "f",
        "index": [1, 0],
        "expected": 0.75,
        "received": 1.25,
    }
    assert result.message == "f[1, 0] is 1.25; expected 0.75."


@pytest.mark.parametrize(
    ("expected", "received", "verdict"),
    [
        ([3, 4], np.array([3, 4]), "accepted"),
        ([3, 4], np.array([3, 4], np.int32), "accepted"),
        ([3, 4], np.array([3.0, 4.0]), "invalid_output"),
        ([3, 4], np.array([True, True]), "invalid_output"),
        ([10**7, 4], np.array([10**7 + 1, 4]), "wrong"),
        (2.5, np.array(2.5), "accepted"),
        (2.5, np.array(2.6), "wrong"),
        (2.5, np.array([2.5]), "invalid_output"),
        (2.0, np.array(2), "accepted"),
        (2.0, np.array(2.0, np.float32), "accepted"),
        ([2.0], np.array([2]), "invalid_output"),
        (2, np.array(2), "accepted"),
        (2, np.array(3), "wrong"),
        (2, np.array(2.0), "invalid_output"),
        (np.zeros((0, 3), np.int64), np.zeros((0, 3), np.int64), "accepted"),
        (np.zeros((0, 3), np.int64), np.zeros((0, 2), np.int64), "invalid_output"),
    ],
)
def test_integers_are_compared_exactly_and_numbers_without_axes(task, expected, received, verdict):
    assert judged(task, received, expected=expected).verdict == verdict


@pytest.mark.parametrize(
    ("expected", "received", "said"),
    [
        ([3, 4], np.array([3.0, 4.0]), "f has dtype float64; int64 or int32 was asked for."),
        (3, np.array(3.0), "f has dtype float64; an integer was asked for."),
        (3.0, np.array([3.0]), "f has shape (1,); one number was asked for."),
        ([3.0], np.array(3.0), "f is a single number; expected (1,)."),
        (3.0, np.array(4.0), "f is 4; expected 3."),
        ([3, 10**9], np.array([3, 10**9 + 1]), "f[1] is 1000000001; expected 1000000000."),
    ],
)
def test_what_is_wrong_with_a_number_is_a_sentence(task, expected, received, said):
    assert judged(task, received, expected=expected).message == said
