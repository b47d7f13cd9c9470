"""Kinds of answer: compared, shown, and asked for."""

import math

import numpy as np
import pytest
from answer_kinds import CHOICE, INTEGER, MATRIX, REAL, SHAPE, VECTOR, YESNO
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from problems.answers import (
    Choice,
    Matrix,
    Real,
    Shape,
    Vector,
    kind_from_json,
)

REALS = st.floats(-1e15, 1e15)
WIDE_REALS = st.floats(-1e300, 1e300).filter(lambda x: x == 0 or abs(x) > 1e-300)
ROWS = st.integers(1, 5).flatmap(
    lambda columns: st.lists(
        st.lists(REALS, min_size=columns, max_size=columns), min_size=1, max_size=5
    )
)
OPTIONS = st.dictionaries(
    st.from_regex("[a-z]{1,8}", fullmatch=True),
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=300),
    min_size=1,
    max_size=5,
)
VALUED = st.one_of(
    st.tuples(st.just(INTEGER), st.integers(-(10**100), 10**100)),
    st.tuples(st.builds(Real, decimals=st.integers(0, 9)), REALS),
    st.tuples(st.builds(Real, digits=st.integers(1, 9)), WIDE_REALS),
    st.tuples(st.builds(Vector, decimals=st.integers(0, 9)), st.lists(REALS, min_size=1)),
    st.tuples(st.builds(Matrix, digits=st.integers(1, 9)), ROWS),
    st.tuples(st.just(SHAPE), st.lists(st.integers(0, 10**12), min_size=1, max_size=6)),
    OPTIONS.flatmap(
        lambda options: st.tuples(st.just(Choice(options=options)), st.sampled_from(list(options)))
    ),
    st.tuples(st.just(YESNO), st.booleans()),
)


def _unmistakable(kind):
    """Options whose texts differ, also in plain characters: an author's duty."""
    if isinstance(kind, Choice):
        names = [*kind.options, *kind.options.values()]
        folded = {"".join(name.casefold().split()) for name in names}
        return len(folded) == len(names) and all(text.isascii() for text in names)
    return True


@settings(deadline=None)
@given(pair=VALUED)
@example(pair=(CHOICE, "small"))
@example(pair=(CHOICE, "deep"))
@example(pair=(Choice(options={"long": "words " * 50, "short": "word"}), "long"))
@example(pair=(Real(decimals=0), 0.5))
@example(pair=(Real(digits=3), 9.9996))
@example(pair=(Real(decimals=3), -0.0001))
def test_the_right_answer_as_shown_is_marked_right(pair):
    kind, raw = pair
    assume(kind is CHOICE or _unmistakable(kind))
    key = kind.value(raw)
    kind = kind.fit(key)
    if isinstance(kind, Real | Vector) and kind.decimals == 0:
        key = np.round(key)
    assert kind.same(kind.parse(kind.show(key)), key)


@settings(deadline=None)
@given(pair=VALUED)
def test_a_kind_survives_json(pair):
    kind, raw = pair
    kind = kind.fit(kind.value(raw))
    document = kind.to_json() | {"key": "not its own", "shown": ""}
    assert kind_from_json(document) == kind


@settings(deadline=None)
@given(
    key=st.floats(-1e6, 1e6),
    share=st.floats(0, 0.999) | st.floats(1.001, 50),
    kind=st.builds(Real, decimals=st.integers(1, 5)) | st.builds(Real, digits=st.integers(1, 5)),
)
def test_tolerance_reaches_equally_far_above_and_below_the_key(key, share, kind):
    tolerance = float(kind.tolerance(key))
    reach = tolerance * share
    # Nearer than this, the rounding of float64 tells nothing apart.
    assume(abs(key) * 2e-9 <= tolerance)
    assert kind.same(key + reach, key) == kind.same(key - reach, key) == (share < 1 or reach == 0)


@pytest.mark.parametrize(
    ("kind", "given", "key", "right"),
    [
        (Real(decimals=3), 0.122, 0.123, True),
        (Real(decimals=3), 0.1219, 0.123, False),
        (Real(decimals=0), 3.0, 3.0, True),
        (Real(decimals=0), 4.0, 3.0, False),
        (Real(digits=3), 12340, 12345, True),
        (Real(digits=3), 12500, 12345, False),
        (Real(digits=3), 1e-12, 0.0, False),
        (Real(decimals=3), math.inf, 5.0, False),
        (INTEGER, 10**30 + 1, 10**30, False),
        (Vector(decimals=1), [1.0, 2.0], [1.05, 2.0], True),
        (Vector(decimals=1), [1.0, 3.0], [1.0, 2.0], False),
        (SHAPE, (28, 28, 2), (2, 28, 28), False),
        (YESNO, True, False, False),
    ],
)
def test_a_response_is_right_within_one_unit_of_the_last_place(kind, given, key, right):
    assert kind.same(kind.value(given), kind.value(key)) is right


@pytest.mark.parametrize(
    ("kind", "given", "key"),
    [
        (VECTOR, [1.0], [1.0, 1.0]),
        (VECTOR, [1.0, 1.0], [1.0]),
        (VECTOR, [[1.0, 1.0]], [1.0, 1.0]),
        (MATRIX, [[1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]),
        (MATRIX, [[1.0], [1.0]], [[1.0, 1.0], [1.0, 1.0]]),
        (MATRIX, [1.0, 1.0], [[1.0, 1.0]]),
        (REAL, [1.0], 1.0),
        (SHAPE, (1,), (1, 1)),
    ],
)
def test_shapes_are_never_broadcast(kind, given, key):
    given, key = (np.array(x) if kind is not SHAPE else x for x in (given, key))
    assert not kind.same(given, key)
    assert not kind.same(key, given)


def test_two_values_clash_as_far_as_their_tolerances_meet():
    kind = Real(decimals=2)
    assert kind.clashes(0.50, 0.52)
    assert not kind.clashes(0.50, 0.5201)
    assert not Vector(decimals=2).clashes(np.array([0.5, 0.6]), np.array([0.5, 0.7]))


def test_a_negative_number_that_rounds_to_zero_is_shown_as_zero():
    assert Real(decimals=2).show(-0.001) == "0.00"
    assert Vector(decimals=3).show(np.array([-0.0, -0.0004, -0.5])) == "[0.000, 0.000, -0.500]"
    assert Real(digits=3).show(-0.0) == "0"


def test_a_kind_asks_for_decimals_or_for_digits_and_not_for_both():
    for wrong in ({}, {"decimals": 1, "digits": 1}):
        with pytest.raises(ValueError, match=r"give decimals or digits, as in Real\(decimals=2\)"):
            Real(**wrong)


@pytest.mark.parametrize(
    ("kind", "key", "asks"),
    [
        (Real(decimals=3), 0.5, "3 decimals"),
        (Real(decimals=1), 0.5, "1 decimal"),
        (Real(digits=3), 0.5, "3 significant digits"),
        (Vector(decimals=2), [1, 2], "2 numbers"),
        (Real(decimals=5), 0.5, "(give or take 0.00001)"),
        (Real(decimals=0), 5, "a whole number"),
        (Vector(decimals=0), [1, 2], "2 whole numbers separated by commas or spaces"),
        (Vector(decimals=2), [1], "1 number, to 2 decimals"),
        (Matrix(decimals=2), [[1, 2]], "1 row of 2 numbers, to 2 decimals"),
        (Matrix(decimals=0), [[1], [2]], "2 rows of 1 whole number, one row a line"),
        (Shape(axes=1), (3,), "1 whole number,"),
        (Matrix(decimals=2), [[1, 2, 3], [4, 5, 6]], "2 rows of 3 numbers"),
        (Shape(axes=3), (1, 2, 3), "3 whole numbers"),
        (INTEGER, 3, "whole number"),
        (YESNO, True, "yes or no"),
        (CHOICE, "small", "options"),
    ],
)
def test_the_line_above_a_field_says_what_to_give(kind, key, asks):
    key = kind.value(key)
    assert asks in kind.fit(key).asks


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12x5+6x8", 108),
        ("= 108", 108),
        ("60+48=108", 108),
        ("total=108", 108),
        ("108 parameters", 108),
        ("ln 388", math.log(388)),
        ("13 ln 388", 13 * math.log(388)),
        ("LN(388)", math.log(388)),
        ("np.log(388)", math.log(388)),
        ("log10 100", 2),
        ("σ(0)", 0.5),
        ("5.961 nats", 5.961),
    ],
)
def test_answers_as_students_copy_them_from_their_notes(text, value):
    assert Real(decimals=3).parse(text) == pytest.approx(value, rel=1e-12)


def test_only_infinity_is_the_key_infinity():
    kind = Real(decimals=3)
    assert kind.same(kind.parse("inf"), np.inf)
    assert not kind.same(0.356, np.inf)
    assert not kind.same(-np.inf, np.inf)
    assert not kind.clashes(1e300, np.inf)
