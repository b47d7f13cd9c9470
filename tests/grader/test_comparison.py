import numpy as np
import pytest

from grader.comparison import judge
from grader.core import Case
from grader.wire import Answer

EXPECTED = np.array([[0.25, 0.5], [0.75, 1.0]])


def judged(task, *outputs, is_tuple=False):
    case = Case("ordinary", visible=True, inputs={}, expected=(EXPECTED,))
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
