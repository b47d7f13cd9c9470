import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.answers import Integer, Real, Shape, Vector
from problems.catalog import families, load
from problems.core import FrozenMistake, Mark, Variant
from problems.marking import UnknownPart, mark, read


def _variant(parts, keys, mistakes=()):
    return Variant(
        family="made_up",
        version=1,
        seed=0,
        title="Made up",
        topic="mlp",
        difficulty=1,
        params={},
        parts=parts,
        keys=keys,
        mistakes=tuple(mistakes),
        statement="",
        hints=(),
        solution="",
    )


THREE = _variant(
    {"area": Integer(weight=1), "slope": Real(decimals=3, weight=2), "shape": Shape(axes=2)},
    {"area": 12, "slope": 0.123, "shape": (3, 4)},
    [
        FrozenMistake("sum", "Multiply, do not add.", {"area": 7, "shape": (4, 3)}),
        FrozenMistake("swapped", "Rows come first.", {"shape": (4, 3)}),
        FrozenMistake("sign", "It rises.", {"slope": -0.123}),
    ],
)


@pytest.mark.parametrize(
    ("part", "text", "verdict", "mistake", "message"),
    [
        ("area", "12", "right", None, "Right."),
        ("area", "3*4", "right", None, "Right."),
        ("area", "7", "mistake", "sum", "Multiply, do not add."),
        ("area", "8", "wrong", None, "fits none of the usual mistakes"),
        ("area", "12.5", "malformed", None, "whole number"),
        ("area", "?!", "malformed", None, "cannot be read"),
        ("area", "", "blank", None, "Nothing was entered"),
        ("area", " \n", "blank", None, "Nothing was entered"),
        ("slope", "0.1225", "right", None, "Right."),
        ("slope", "0,124", "right", None, "Right."),
        ("slope", "-0.123", "mistake", "sign", "It rises."),
        ("slope", "0.12", "wrong", None, "rounded too far: give a number, to 3 decimals"),
        ("slope", "0.1", "wrong", None, "rounded too far"),
        ("slope", "0.13", "wrong", None, "fits none"),
        ("shape", "3x4", "right", None, "Right."),
        ("shape", "(4, 3)", "mistake", "sum, swapped", "add. Or: Rows come first."),
        ("shape", "3x4x1", "malformed", None, "2 axes"),
    ],
)
def test_a_part_gets_its_verdict_its_mistake_and_a_message(part, text, verdict, mistake, message):
    given = mark(THREE, {part: text}).parts[part]
    assert (given.verdict, given.mistake) == (verdict, mistake)
    assert message in given.message
    assert (given.read_as is None) == (verdict in {"malformed", "blank"})


@pytest.mark.parametrize(
    ("responses", "score", "counts"),
    [
        ({"area": "12", "slope": "0.123", "shape": "3x4"}, 1.0, True),
        ({"area": "12", "slope": "0.123", "shape": "4x3"}, 0.75, True),
        ({"slope": "0.123"}, 0.5, True),
        ({"area": "12"}, 0.25, True),
        ({"area": "7", "slope": "1", "shape": "1x1"}, 0.0, True),
        ({"area": "12", "slope": "?!"}, 0.25, False),
        ({"area": "", "slope": " "}, 0.0, False),
        ({}, 0.0, False),
    ],
)
def test_the_score_is_the_weighted_share_of_the_right_parts(responses, score, counts):
    given = mark(THREE, responses)
    assert given.score == pytest.approx(score)
    assert given.counts is counts
    assert given.parts.keys() == THREE.parts.keys()
    assert Mark.from_json(json.loads(json.dumps(given.to_json()))) == given


def test_thirds_and_tenths_of_weight_add_up_to_one():
    weights = (0.1, 0.2, 0.7, 1 / 3)
    parts = {f"part{i}": Integer(weight=weight) for i, weight in enumerate(weights)}
    variant = _variant(parts, dict.fromkeys(parts, 1))
    assert mark(variant, dict.fromkeys(parts, "1")).score == 1


def test_a_part_that_is_not_there_is_refused_by_name():
    with pytest.raises(UnknownPart, match=r"“volume”\. There are: area, slope, shape"):
        mark(THREE, {"area": "12", "volume": "1"})


def test_an_answer_can_be_read_without_being_marked():
    assert read(Real(decimals=2), "1/3").read_as == "0.3333333333"
    assert read(Real(decimals=2), "0.126").read_as == "0.126"
    assert read(Vector(decimals=1), "1 1/2").read_as == "[1, 0.5]"
    assert read(Real(decimals=2), "one").verdict == "malformed"
    assert read(Real(decimals=2), "  ").verdict == "blank"


def test_a_vector_is_too_coarse_only_if_all_of_it_is_the_rounded_key():
    variant = _variant({"h": Vector(decimals=3, length=2)}, {"h": np.array([0.123, 0.456])})
    assert "rounded too far" in mark(variant, {"h": "0.12 0.46"}).parts["h"].message
    assert "rounded too far" not in mark(variant, {"h": "0.12 0.47"}).parts["h"].message
    assert "rounded too far" not in mark(variant, {"h": "0 0"}).parts["h"].message


RESPONSES = st.sampled_from(["", "1", "0.5", "no", "?!", "28x28x2", "0.1 0.2", "recall", "1,234"])


@pytest.mark.parametrize("slug", families())
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**9), data=st.data())
def test_a_variant_that_went_through_json_marks_the_same(slug, seed, data):
    variant = families()[slug].variant(seed)
    again = Variant.from_json(json.loads(json.dumps(variant.to_json())))
    assert again.to_json() == variant.to_json()
    tried = [{part: kind.show(variant.keys[part]) for part, kind in variant.parts.items()}]
    tried += [
        {part: variant.parts[part].show(value) for part, value in mistake.values.items()}
        for mistake in variant.mistakes
    ]
    tried.append({part: data.draw(RESPONSES) for part in variant.parts})
    assert mark(again, tried[0]).score == 1
    for responses in tried:
        assert mark(again, responses) == mark(variant, responses)


def test_marking_changes_neither_the_variant_nor_the_responses():
    variant = families()["sigmoid_of_relu"].variant(1)
    before, responses = json.dumps(variant.to_json()), {"cats": "2", "outputs": "1 2 3"}
    assert mark(variant, responses) == mark(variant, responses)
    assert json.dumps(variant.to_json()) == before
    assert responses == {"cats": "2", "outputs": "1 2 3"}


def test_editing_a_family_changes_nothing_of_a_drawn_variant(plant):
    folder = plant("lstm_hidden", "VERSION = 1", "VERSION = 1  # as it was")
    variant = load(folder).variant(5)
    document = json.dumps(variant.to_json())
    shown = variant.parts["h"].show(variant.keys["h"])
    plant("lstm_hidden", "recurrent.hidden_state(p.o, p.c)}", "p.o * 0}")
    plant("lstm_hidden", "PARTS = {", "PARTS = {**")
    plant("lstm_hidden", '"h": Vector(decimals=3)', '{"h": Vector(decimals=1)}')
    plant("lstm_hidden", "Compute the", "Guess the", file="question.md")
    edited = load(folder).variant(5)
    assert edited.keys["h"].tolist() == [0.0] * len(variant.keys["h"])
    assert mark(edited, {"h": shown}).score == 0
    assert json.dumps(variant.to_json()) == document
    stored = Variant.from_json(json.loads(document))
    for kept in (variant, stored):
        assert mark(kept, {"h": shown}).score == 1
        assert "Compute the" in kept.statement
        assert kept.parts["h"].decimals == 3


def test_a_mistake_in_another_part_is_not_looked_for_in_this_one():
    variant = replace(THREE, mistakes=(FrozenMistake("other", "…", {"area": 8}),))
    assert mark(variant, {"shape": "8x8"}).parts["shape"].verdict == "wrong"


@pytest.mark.parametrize(
    ("kind", "given", "coarse"),
    [
        (Real(digits=3), "12", True),
        (Real(digits=3), "12.3", False),
        (Real(decimals=3), "12.35", True),
        (Real(decimals=3), "12.34", False),
    ],
)
def test_a_key_rounded_too_far_is_told_from_a_wrong_one(kind, given, coarse):
    assert kind.too_coarse(kind.parse(given), 12.346) is coarse
