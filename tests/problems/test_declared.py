"""Families without Python, and the expressions that they are made of."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.battery import fragment
from problems.core import FamilyError, Malformed, ParamError
from problems.declared import declared_family
from problems.expressions import MAX_LENGTH, Expression
from problems.markdown import parse_question
from problems.proof import merge

QUESTION = """---
title: Output length
topic: cnn
difficulty: 1
parameters:
  length: {meaning: numbers in the input, from: 20, to: 90}
  kernel: {meaning: numbers that the filter covers, choices: [3, 5, 7]}
  stride: {meaning: positions it moves by, from: 2, to: 4}
  rate: {meaning: a rate, from: 0.1, to: 0.9, decimals: 1}
steps:
  room: length - kernel
  moves: floor(room / stride)
answers:
  positions: {kind: integer, value: moves + 1}
  share: {kind: real, value: rate * moves / length, digits: 3}
mistakes:
  - name: plus-one-forgotten
    message: Add 1.
    values: {positions: moves}
witness:
  positions: floor((length - kernel + stride) / stride)
  share: rate / length * moves
---
{{ p.length }} {{ input("positions") }} {{ input("share") }}

## Hint
Move.

## Solution
{{ steps.room }} {{ key.positions }}
"""
LINES = QUESTION.splitlines()


def family(*changes):
    text = QUESTION
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return declared_family("length", 2, parse_question(text))


def test_a_declared_family_is_drawn_keyed_and_proven_like_any_other():
    declared = family()
    variant = declared.variant(5, {"length": 25, "kernel": 5, "stride": 3, "rate": 0.5})
    assert variant.keys == {"positions": 7, "share": 0.5 * 6 / 25}
    assert variant.mistakes[0].values == {"positions": 6}
    assert variant.solution == "20 7"
    assert declared.describe()["parameters"] == {
        "length": "int",
        "kernel": "int",
        "stride": "int",
        "rate": "float",
    }
    proof = merge("length", [fragment(declared, 0, 120)])
    assert proof.ok, proof.failures
    assert proof.witness


def test_pins_are_checked_against_the_declared_range():
    with pytest.raises(ParamError, match=r"length: 91 is outside its range, 20\.\.90"):
        family().variant(0, {"length": 91})


def test_without_a_witness_a_proof_says_so_and_holds():
    witness = QUESTION[QUESTION.index("witness:") : QUESTION.index("---\n{{")]
    proof = merge("length", [fragment(family((witness, "")), 0, 20)])
    assert proof.ok
    assert not proof.witness


def test_a_wrong_witness_is_found():
    proof = merge("length", [fragment(family(("rate / length", "rate / kernel")), 0, 5)])
    assert proof.failed["witness"] == 5


@pytest.mark.parametrize("value", ["length / stride + 9", "length / (stride - 2)"])
def test_a_draw_without_a_whole_or_finite_value_is_thrown_away(value):
    declared = family(("value: moves + 1", f"value: {value}"))
    drawn = [declared.draw_counted(seed) for seed in range(60)]
    assert any(thrown for _, thrown in drawn)
    assert all(type(variant.keys["positions"]) is int for variant, _ in drawn)


def test_a_mistake_that_leads_to_no_number_is_not_offered():
    declared = family(("{positions: moves}", "{positions: moves / (stride - 2)}"))
    offered = {v.params["stride"]: v.mistakes for v in map(declared.variant, range(40))}
    assert offered[2] == ()
    assert any(mistakes for stride, mistakes in offered.items() if stride != 2)


def test_parts_of_several_numbers_are_computed_one_by_one():
    declared = family(
        (
            "{kind: integer, value: moves + 1}",
            '{kind: shape, axes: 2, value: [moves, "2 * moves"]}',
        ),
        ("{positions: moves}", "{positions: [moves, moves]}"),
        (
            "  positions: floor((length - kernel + stride) / stride)",
            "  positions: [moves, 2*moves]",
        ),
    )
    variant = declared.variant(1)
    assert variant.keys["positions"][1] == 2 * variant.keys["positions"][0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("room: length - kernel", "room: lenght - kernel", "“lenght” is neither a parameter"),
        ("room: length - kernel", "room: length - moves", "“moves” is neither a parameter"),
        ("room: length - kernel", "room: length -", "is no expression"),
        ("room: length - kernel", "room: open(length)", "no function “open”"),
        ("room: length - kernel", "room: [1]", "give an expression"),
        ("room: length - kernel", "rate: length", "of this name already"),
        ("room: length - kernel", "log: length", "has a meaning in expressions"),
        ("value: moves + 1", "value: __import__('os')", "no function “__import__”"),
        ("kind: integer", "kind: essay", "its kind is one of"),
        ("digits: 3", "digitz: 3", "real has no digitz"),
        ("digits: 3", "weight: 1", "answers.share: give decimals or digits$"),
        ("digits: 3", "digits: many", "are numbers"),
        ("from: 20, to: 90", "from: 90, to: 20", "it goes from 90 to 20, which is smaller"),
        ("from: 20, to: 90", "from: 20, to: 9e30", "parameters.length.to: “9e30” is no number"),
        ("room: length - kernel", "room: length // kernel", "“//” is not read: write floor"),
        ("room: length - kernel", "room: length % kernel", "“%” is not read"),
        ("room: length - kernel", "room: ceiling(length)", "“ceiling”. Did you mean “ceil”?"),
        ("from: 20, to: 90", "from: 2.5, to: 90", "give `decimals`"),
        ("choices: [3, 5, 7]", "choices: [a]", "a list of numbers"),
        ("choices: [3, 5, 7]", "choices: []", "a list of numbers"),
        ("meaning: numbers in the input", "meaning: ''", "says in a few words"),
        ("name: plus-one-forgotten", "name: Plus one", "lower-case letters"),
        ("values: {positions: moves}", "values: {position: moves}", "no such part"),
    ],
)
def test_what_is_wrong_in_a_declaration_is_told_with_its_line(old, new, said):
    with pytest.raises(FamilyError, match=said.replace("(", "\\(")) as refused:
        family((old, new))
    line = 1 + next(n for n, text in enumerate(LINES) if old in text)
    # A mistake is told at its first line.
    assert refused.value.file == "question.md"
    assert refused.value.line in (line, line - 2 if "values" in old else line)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("answers:", "answer:"),
        ("parameters:", "parameters: []\nx:"),
        ("  share: rate / length * moves\n", ""),
    ],
)
def test_a_declaration_that_lacks_something_is_refused(old, new):
    with pytest.raises(FamilyError):
        family((old, new))


NUMBERS = st.integers(-50, 50)
NAMES = ("a", "b", "c")


@st.composite
def expressions(draw, depth=3):
    """Expressions in Python's own notation, for both to evaluate."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(NAMES) | st.integers(0, 20).map(str))
    one, other = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    form = draw(
        st.sampled_from(
            [
                *("({} + {})", "({} - {})", "({} * {})", "({} / {})", "({}) ** 2", "(-{})"),
                *("min({}, {})", "max({}, {}, 1)", "floor({})", "ceil({})", "round({})", "abs({})"),
            ]
        )
    )
    return form.format(one, other)


PYTHON = {"floor": math.floor, "ceil": math.ceil, "__builtins__": {}} | {
    f.__name__: f for f in (round, abs, min, max)
}


@given(expressions(), NUMBERS, NUMBERS, NUMBERS)
def test_expressions_come_to_what_python_makes_of_them(text, a, b, c):
    scope = {"a": a, "b": b, "c": c}
    exact = {name: Fraction(value) for name, value in scope.items()}
    try:
        known = eval(text, PYTHON, exact)
    except ZeroDivisionError:
        known = None
    except TypeError:
        return
    if len(text) > MAX_LENGTH:
        return
    expression = Expression(text, frozenset(scope))
    if known is None:
        with pytest.raises(Malformed, match="divides by zero"):
            expression.value(scope)
        return
    found = expression.value(scope)
    # Python divides two written whole numbers as floats; ours stay exact.
    if "/" not in text:
        assert found == known
    elif not any(f in text for f in ("floor", "ceil", "round")):
        assert float(found) == pytest.approx(float(known), rel=1e-9, abs=1e-9)


@given(st.floats(-1e6, 1e6), st.floats(0.1, 1e3))
def test_functions_of_names_come_to_what_math_makes_of_them(a, b):
    value = Expression("exp(-b) + sqrt(b) * tanh(a) + log2(b) ^ 2", frozenset("ab"))
    known = math.exp(-b) + math.sqrt(b) * math.tanh(a) + math.log2(b) ** 2
    assert value.value({"a": a, "b": b}) == pytest.approx(known)


@pytest.mark.parametrize("text", ["a ** 9999", "a ** a ** a", "2 ** (a * 10**9)"])
def test_an_expression_has_caps(text):
    with pytest.raises(Malformed, match=r"too large|finite"):
        Expression(text, frozenset("a")).value({"a": 99})


@pytest.mark.parametrize(
    "text", ["", "a if a else 1", "a.b", "a[0]", "[a]", "lambda: a", "'x'", "a; a"]
)
def test_nothing_but_arithmetic_is_an_expression(text):
    with pytest.raises(Malformed):
        Expression(text, frozenset("ab")).value({"a": 1, "b": 2})
