import json
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from problems.core import FamilyError, ParamError
from problems.drawing import Draw

PROGRAM = """
import json
from problems.drawing import Draw
r = Draw("family", 1, 42, 3)
print(json.dumps([
    r.int("i", -5, 10**12), r.bool("b"), r.choice("c", "abcdefgh"), r.real("r", -1, 1, 6),
    r.ints("n", 5, 0, 99), r.array("a", (2, 3), -2, 2, 3).tolist(),
]))
"""


GOLDEN = [
    729808658107,
    True,
    "b",
    0.210373,
    [56, 10, 20, 91, 23],
    [[-0.971, -1.934, 1.732], [-1.766, -1.257, 1.424]],
]
GOLDEN_ROW = [172, 732, 769, 126, 156]


def _all_six():
    r = Draw("family", 1, 42, 3)
    return [
        r.int("i", -5, 10**12),
        r.bool("b"),
        r.choice("c", "abcdefgh"),
        r.real("r", -1, 1, 6),
        list(r.ints("n", 5, 0, 99)),
        r.array("a", (2, 3), -2, 2, 3).tolist(),
    ]


@pytest.mark.parametrize("hash_seed", ["0", "1", "98765"])
def test_another_process_draws_the_same_numbers(hash_seed):
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    output = subprocess.check_output([sys.executable, "-c", PROGRAM], env=environment)
    assert json.loads(output) == _all_six()


def test_these_numbers_never_change():
    """A change of the generator would give every open variant another sibling."""
    assert _all_six() == GOLDEN
    assert [Draw("mlp_params", 1, seed).int("x", 0, 999) for seed in range(5)] == GOLDEN_ROW


@pytest.mark.parametrize(
    "change",
    [("other", 1, 42, 0), ("family", 2, 42, 0), ("family", 1, 43, 0), ("family", 1, 42, 1)],
    ids=["slug", "version", "seed", "attempt"],
)
def test_slug_version_seed_and_attempt_each_give_other_numbers(change):
    assert Draw(*change).int("x", 0, 2**60) != Draw("family", 1, 42, 0).int("x", 0, 2**60)


def test_adding_or_reordering_parameters_shifts_no_other():
    def draw(names):
        r = Draw("family", 1, 42)
        return {name: tuple(r.ints(name, 10, 0, 10**6)) for name in names}

    two, five = draw(["x", "y"]), draw(["y", "new", "other", "x", "last"])
    assert {name: five[name] for name in two} == two
    assert len(set(five.values())) == 5


def test_neighbouring_seeds_and_attempts_share_no_run():
    runs = Counter(
        run
        for seed in range(100)
        for attempt in range(3)
        for name in ("x", "x1", "y")
        for run in _windows(Draw("family", 1, seed, attempt).ints(name, 40, 0, 9), 12)
    )
    assert max(runs.values()) == 1


def _windows(numbers, length):
    return [tuple(numbers[i : i + length]) for i in range(len(numbers) - length + 1)]


@pytest.mark.parametrize("name", ["x", "hidden", "W_f"])
def test_the_first_number_of_successive_seeds_is_uniform_and_unrelated(name):
    drawn = [Draw("family", 1, seed).int(name, 0, 9) for seed in range(5000)]
    # Chi-square with 9 degrees of freedom: 40 is exceeded by chance once in 100,000 tests.
    assert sum((count - 500) ** 2 / 500 for count in Counter(drawn).values()) < 40
    pairs = Counter(pairwise(drawn))
    assert len(pairs) == 100
    assert sum((count - 50) ** 2 / 50 for count in pairs.values()) < 170


def test_the_bounds_are_included():
    seeds = range(200)
    assert {Draw("f", 1, s).int("x", -1, 1) for s in seeds} == {-1, 0, 1}
    assert {Draw("f", 1, s).real("x", -0.1, 0.1, 1) for s in seeds} == {-0.1, 0.0, 0.1}
    assert {Draw("f", 1, s).choice("x", "ab") for s in seeds} == {"a", "b"}
    assert {Draw("f", 1, s).bool("x") for s in seeds} == {True, False}
    assert {n for s in seeds for n in Draw("f", 1, s).ints("x", 3, 7, 8)} == {7, 8}
    entries = {n for s in seeds for n in Draw("f", 1, s).array("x", (2, 2), -0.2, 0.2, 1).flat}
    assert entries == {-0.2, -0.1, 0.1, 0.2}


def test_numbers_have_no_more_decimals_than_asked_for():
    for seed in range(200):
        number = Draw("f", 1, seed).real("x", -3, 3, 2)
        assert float(f"{number:.2f}") == number


def test_pins_are_given_back_as_they_are():
    array = np.array([[9.0, 0.0]])
    pins = {"i": 77, "b": True, "c": "z", "r": 9.87654, "n": (1,), "a": array}
    r = Draw("f", 1, 0, 0, pins)
    assert r.int("i", 0, 1) == 77
    assert r.bool("b") is True
    assert r.choice("c", "ab") == "z"
    assert r.real("r", 0, 1, 1) == 9.87654
    assert r.ints("n", 5, 0, 1) == (1,)
    assert r.array("a", (1, 2), 0, 1, 1) is array


def test_a_pin_shifts_no_other_parameter():
    free, pinned = Draw("f", 1, 5), Draw("f", 1, 5, 0, {"x": 3})
    assert (free.int("x", 0, 9), free.int("y", 0, 10**9))[1] == (
        pinned.int("x", 0, 9),
        pinned.int("y", 0, 10**9),
    )[1]


def test_an_array_pinned_in_another_shape_is_refused_by_name():
    with pytest.raises(ParamError, match=r"W: its shape must be \(2, 3\), not \(3,\)"):
        Draw("f", 1, 0, 0, {"W": np.ones(3)}).array("W", (2, 3), -1, 1, 1)


def test_no_entry_of_an_array_is_zero():
    for seed in range(300):
        assert Draw("f", 1, seed).array("x", (2, 5), -0.1, 0.1, 1).all()


@pytest.mark.parametrize(
    "draw",
    [
        lambda r: (r.int("x", 0, 1), r.real("x", 0, 1, 1)),
        lambda r: r.int("x", 2, 1),
        lambda r: r.array("x", (2,), -0.04, 0.04, 1),
        lambda r: r.array("x", (2,), 0, 0, 1),
    ],
    ids=["one name twice", "nothing between", "zeros alone", "nothing but 0"],
)
def test_what_cannot_be_drawn_is_the_author_s_fault(draw):
    with pytest.raises(FamilyError, match="x"):
        draw(Draw("f", 1, 0))


def test_a_draw_knows_its_names():
    r = Draw("f", 1, 0, 0, {"x": 1})
    r.int("x", 0, 1)
    r.bool("y")
    assert r.drawn == {"x", "y"}
