import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from problems.answers import (
    Choice,
    Integer,
    Matrix,
    Real,
    Shape,
    Vector,
    YesNo,
    kind_from_json,
)
from problems.core import Malformed
from problems.marking import read

INTEGER, REAL, DIGITS = Integer(), Real(decimals=3), Real(digits=3)
VECTOR, MATRIX, SHAPE, YESNO = Vector(decimals=3), Matrix(decimals=3), Shape(), YesNo()
CHOICE = Choice(options={"small": "A 3×3 kernel", "deep": "The  −deep²  one", "none": "neither"})
KINDS = {
    "integer": INTEGER,
    "real": REAL,
    "digits": DIGITS,
    "vector": VECTOR,
    "matrix": MATRIX,
    "shape": SHAPE,
    "choice": CHOICE,
    "yes/no": YESNO,
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


def _equal(one, other):
    if isinstance(one, bool | str | int | tuple):
        return type(one) is type(other) and one == other
    return np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=1e-9, atol=0)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (REAL, "3e-4", 3e-4),
        (REAL, "3E-4", 3e-4),
        (REAL, "1/3", 1 / 3),
        (REAL, "ln(10)", math.log(10)),
        (REAL, "log2(8)", 3.0),
        (REAL, "log₂(8)", 3.0),
        (REAL, "-log(0.25)/2", math.log(2)),
        (REAL, "e^-1", 1 / math.e),
        (REAL, "2*π", math.tau),
        (REAL, "√2", math.sqrt(2)),
        (REAL, "√(1+1)", math.sqrt(2)),
        (REAL, "10⁻³", 0.001),
        (REAL, "1.5·10⁻³", 0.0015),
        (REAL, "−3", -3.0),
        (REAL, "–0.5", -0.5),
        (REAL, "99%", 0.99),
        (REAL, "99 %", 0.99),
        (REAL, "½", 0.5),
        (REAL, "1½", 1.5),
        (REAL, "-1½", -1.5),
        (REAL, "2^½", math.sqrt(2)),
        (REAL, "1÷½", 2.0),
        (REAL, "1⁄4", 0.25),
        (REAL, "0,5", 0.5),
        (REAL, "0,125", 0.125),
        (REAL, "-,5", -0.5),
        (REAL, "1,5e3", 1500.0),
        (REAL, "1 234", 1234.0),
        (REAL, "1 234.5", 1234.5),
        (REAL, "1 234,5", 1234.5),
        (REAL, "1\N{NO-BREAK SPACE}234,5", 1234.5),
        (REAL, "1'234.5", 1234.5),
        (REAL, "1_000", 1000.0),
        (REAL, "1.234,5", 1234.5),
        (REAL, "1,234.5", 1234.5),
        (REAL, "1,234,567", 1234567.0),
        (REAL, "  +.5 ", 0.5),
        (REAL, "1\N{ZERO WIDTH SPACE}2", 12.0),
        (REAL, "\N{RIGHT-TO-LEFT OVERRIDE}12", 12.0),
        (REAL, "12", 12.0),
        (REAL, "007", 7.0),
        (REAL, "sigmoid(-800)", 0.0),
        (REAL, "inf", math.inf),
        (REAL, "−∞", -math.inf),
        (INTEGER, "5*5*3*2+2", 152),
        (INTEGER, "5×5×3×2 + 2", 152),
        (INTEGER, "2^10", 1024),
        (INTEGER, "2**10", 1024),
        (INTEGER, "2¹⁰", 1024),
        (INTEGER, "1,234", 1234),
        (INTEGER, "1,234,567", 1234567),
        (INTEGER, "1,250*4", 5000),
        (INTEGER, "1 234", 1234),
        (INTEGER, "1_000", 1000),
        (INTEGER, "152.0", 152),
        (INTEGER, "1e3", 1000),
        (INTEGER, "300/2", 150),
        (INTEGER, "-7", -7),
        (SHAPE, "28x28x2", (28, 28, 2)),
        (SHAPE, "28×28×2", (28, 28, 2)),
        (SHAPE, "28 X 28 x 2", (28, 28, 2)),
        (SHAPE, "28*28*2", (28, 28, 2)),
        (SHAPE, "(2, 28, 28)", (2, 28, 28)),
        (SHAPE, "[2,28,28]", (2, 28, 28)),
        (SHAPE, "2; 28; 28", (2, 28, 28)),
        (SHAPE, "2 28 28", (2, 28, 28)),
        (SHAPE, "torch.Size([2, 28, 28])", (2, 28, 28)),
        (SHAPE, "(10,)", (10,)),
        (SHAPE, "(2, 28, 28,)", (2, 28, 28)),
        (SHAPE, "(4*7, 28)", (28, 28)),
        (VECTOR, "0,5; 0,3", [0.5, 0.3]),
        (VECTOR, "0,5 0,3", [0.5, 0.3]),
        (VECTOR, "0.5, 0.3", [0.5, 0.3]),
        (VECTOR, "[0.5 0.3]", [0.5, 0.3]),
        (VECTOR, "(0.5; 0.3)", [0.5, 0.3]),
        (VECTOR, "{0.5, 0.3}", [0.5, 0.3]),
        (VECTOR, "0.5\n0.3", [0.5, 0.3]),
        (VECTOR, "[[0.5, 0.3]]", [0.5, 0.3]),
        (VECTOR, "[0.5, 0.3,]", [0.5, 0.3]),
        (VECTOR, "1/2, tanh(0)", [0.5, 0.0]),
        (VECTOR, "(1+1)/4, 30%", [0.5, 0.3]),
        (VECTOR, "−1 -2", [-1, -2]),
        (VECTOR, "1½ 2", [1.5, 2]),
        (VECTOR, "7", [7]),
        (MATRIX, "[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        (MATRIX, "[[1 2] [3 4]]", [[1, 2], [3, 4]]),
        (MATRIX, "[1, 2], [3, 4]", [[1, 2], [3, 4]]),
        (MATRIX, "((1, 2), (3, 4))", [[1, 2], [3, 4]]),
        (MATRIX, "[[1, 2],\n [3, 4],]", [[1, 2], [3, 4]]),
        (MATRIX, "1 2; 3 4", [[1, 2], [3, 4]]),
        (MATRIX, "[1 2; 3 4]", [[1, 2], [3, 4]]),
        (MATRIX, "1 2\n3 4\n", [[1, 2], [3, 4]]),
        (MATRIX, "1, 2,\r\n3, 4", [[1, 2], [3, 4]]),
        (MATRIX, "0,5 1,5\n2,5 3,5", [[0.5, 1.5], [2.5, 3.5]]),
        (MATRIX, "[[5]]", [[5]]),
        (YESNO, "yes", True),
        (YESNO, " Yes!", True),
        (YESNO, "Y", True),
        (YESNO, "TRUE", True),
        (YESNO, "no.", False),
        (YESNO, "N", False),
        (YESNO, "false", False),
        (CHOICE, "small", "small"),
        (CHOICE, " SMALL ", "small"),
        (CHOICE, "a 3×3 kernel", "small"),
        (CHOICE, "A 3x3 kernel".replace("x", "×"), "small"),
        (CHOICE, "the −deep² one", "deep"),
        (CHOICE, "Neither", "none"),
    ],
)
def test_an_answer_is_read_as_people_write_it(kind, text, value):
    value = kind.value(value)
    assert _equal(kind.parse(text), value), kind.parse(text)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (REAL, "1,234", ["1.234", "1234"]),
        (REAL, "-1,234", ["1.234", "1234"]),
        (REAL, "1,234*2", ["1.234", "1234"]),
        (INTEGER, "1.234", ["whole number", "1.234"]),
        (INTEGER, "0,123", ["whole number", "0.123"]),
        (INTEGER, "1/3", ["whole number", "0.333"]),
        (REAL, "", ["nothing"]),
        (REAL, "1/0", ["divides by zero"]),
        (REAL, "0.0^-1", ["divides by zero"]),
        (REAL, "ln(0)", ["no finite value"]),
        (REAL, "(-8)^(1/3)", ["no real value"]),
        (REAL, "two", ["“two”", "number"]),
        (REAL, "5(3)", ["number"]),
        (REAL, "1#2", ["1#2"]),
        (REAL, "x" * 201, ["201", "200"]),
        (Vector(decimals=2, length=2), "1 2 3", ["2 numbers", "3 were read"]),
        (VECTOR, "1,,2", ["missing"]),
        (MATRIX, "1 2; 3", ["rows", "different lengths"]),
        (Matrix(decimals=2, rows=2, columns=2), "1 2 3\n4 5 6", ["2 rows of 2", "2 of 3"]),
        (Shape(axes=3), "28x28", ["3 axes", "2 were read"]),
        (SHAPE, "28x2.5", ["whole number", "2.5"]),
        (CHOICE, "both", ["small, deep, none"]),
        (YESNO, "perhaps", ["yes or no"]),
    ],
)
def test_what_cannot_be_read_is_malformed_and_says_why(kind, text, said):
    with pytest.raises(Malformed) as caught:
        kind.parse(text)
    assert all(words in str(caught.value) for words in said), str(caught.value)


HOSTILE = {
    "ten megabytes": "9" * 10_000_000,
    "four thousand digits": "9" * 4000,
    "four hundred numbers more": "1 " * 2000,
    "nan": "nan",
    "NaN": "NaN",
    "import": "__import__('os')",
    "tower of powers": "9**9**9",
    "tower of powers, typeset": "9^9^9",
    "class": "(1).__class__",
    "lambda": "lambda: 1",
    "f-string": "f'{1}'",
    "format": "'%1000000000d' % 1",
    "walrus": "(x:=1)",
    "comprehension": "[1 for _ in (1,)]",
    "deep brackets": "(" * 99 + "1" + ")" * 99,
    "two thousand brackets": "[" * 2000 + "]" * 2000,
    "open brackets": "[" * 200,
    "spaces after a bracket": "[1]" + " " * 3900 + "x",
    "two hundred signs": "-" * 199 + "1",
    "right-to-left mark": "\u202e1\u200f2",
    "zero width": "\u200b",
    "NUL": "\x00",
    "NUL inside": "1\x002",
    "high surrogate": "\ud800",
    "low surrogate inside": "1\udc002",
    "emoji": "😀",
    "letters that grow eighteenfold": "\ufdfa" * 4000,
    "underscores": "1_000",
    "hexadecimal": "0x10",
    "octal": "0o17",
    "complex": "1j",
    "True": "True",
    "None": "None",
    "a call of a number": "5(3)",
    "a condition": "1 if 2 else 3",
    "a glued condition": "1.if 1 else 2",
    "a glued else": "(1)if 1.else 2",
    "an unknown escape": r"'\d'",
    "a comparison": "1<2",
    "is": "1 is 1",
    "a huge power": "10**400",
    "a huge fraction": "2^250*2^240*2^250/(1/(2^250*2^240*2^250))",
    "a huge float": "1e400",
    "a huge product": "1e308*10",
    "a huge quotient": "1e308/1e-9",
    "nothing over something huge": "1/(1e308*10)",
    "inf minus inf": "1e400-1e400",
    "a huge exponential": "exp(1000)",
    "a huge square": "(1e308)^2",
    "a zero to a negative power": "0**-1",
    "root of a negative": "sqrt(-1)",
    "a root of inf": "sqrt(inf)",
    "percent of percent": "5%%",
    "a comment": "#1",
    "a continued line": "1\\\n2",
    "Arabic digits": "٣",
    "a lone exponent": "²",
    "star": "*1",
    "dots": "...",
    "separators": ",;,;",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@EVERY_KIND
def test_a_hostile_answer_is_malformed_or_a_finite_value_and_prints_no_warning(kind, text):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mark = read(kind, text)
        value = kind.parse(text) if mark.verdict == "read" else 0
    assert not caught
    assert mark.verdict in {"read", "malformed", "blank"}
    assert isinstance(value, str) or np.isfinite(np.asarray(value, dtype=np.float64)).all()
    mark.message.encode()
    assert "\x00" not in mark.message
    assert len(mark.message) < 500


FRAGMENTS = [
    *"0123456789.,;+-*/^()[]{}xXeE%_' \n\t#\\\"",
    *"½⅓−×·÷²⁻³√π∞\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\x00\ud800",
    *("ln(", "log2(", "exp(", "sqrt(", "sigmoid(", "e-3", "1e308", "10**", "torch.Size(["),
    *("inf", "nan", " if ", " else ", "True", "yes", "no", "small", "0x", "1j", "lambda:"),
]
TEXTS = st.text() | st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join)


@EVERY_KIND
@settings(deadline=None)
@given(text=TEXTS)
@example(text="1/3")
@example(text="0.1+0.2")
@example(text="12345678.125")
def test_any_text_is_malformed_or_its_echo_is_read_as_the_same_value(kind, text):
    try:
        value = kind.parse(text)
    except Malformed as error:
        str(error).encode()
        return
    echo = kind.echo(value)
    assume(len(echo) <= 200)
    assert _equal(kind.parse(echo), value)


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
        with pytest.raises(ValueError, match="one of the two"):
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
