"""Answers as people write them: read, or malformed with a reason."""

import math
import warnings

import numpy as np
import pytest
from answer_kinds import CHOICE, INTEGER, KINDS, MATRIX, REAL, SHAPE, VECTOR, YESNO
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from problems.answers import (
    Matrix,
    Shape,
    Vector,
)
from problems.core import Malformed
from problems.marking import read

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
