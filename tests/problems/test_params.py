import math

import pytest

from problems.catalog import families, family
from problems.core import ParamError

NESTED = []
for _ in range(5000):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("slug", "pins", "said"),
    [
        ("mlp_params", {"depth": 3}, "depth: there is no such parameter; there are layers, bias."),
        ("mlp_params", {"layers": [5]}, "layers: give at least two widths"),
        ("mlp_params", {"layers": []}, "layers: give a JSON list"),
        ("mlp_params", {"layers": 5}, "layers: give a JSON list"),
        ("mlp_params", {"layers": "5,5"}, "layers: give a JSON list"),
        ("mlp_params", {"layers": {"0": 5}}, "layers: give a JSON list"),
        ("mlp_params", {"layers": [5] * 65}, "layers: give at most 64 entries, not 65."),
        ("mlp_params", {"layers": [5] * 10**6}, "layers: give at most 64 entries, not 1000000."),
        ("mlp_params", {"layers": [5, True]}, "layers: give a whole number from 1..1000000"),
        ("mlp_params", {"layers": [5, 2.5]}, "layers: give a whole number from 1..1000000"),
        ("mlp_params", {"layers": [5, None]}, "layers: give a whole number from 1..1000000"),
        ("mlp_params", {"layers": [5, [5]]}, "layers: give a whole number from 1..1000000"),
        ("mlp_params", {"layers": [5, math.nan]}, "layers: give a whole number from 1..1000000"),
        ("mlp_params", {"layers": [5, math.inf]}, "layers: give a whole number from 1..1000000"),
        ("mlp_params", {"layers": [5, 0]}, "layers: 0 is outside its range, 1..1000000."),
        ("mlp_params", {"layers": [5, 10**9]}, "layers: 1000000000 is outside its range"),
        ("mlp_params", {"layers": [5, 10**400]}, "layers: 1000"),
        ("mlp_params", {"layers": [5, 10**5000]}, "layers: such a value is outside its range"),
        ("mlp_params", {"layers": NESTED}, "layers: give a whole number from 1..1000000"),
        ("mlp_params", {"bias": 1}, "bias: give true or false, not 1."),
        ("mlp_params", {"bias": "true"}, "bias: give true or false, not 'true'."),
        ("mlp_params", {"bias": None}, "bias: give true or false, not None."),
        ("lstm_params", {"layers": 10**9}, "layers: 1000000000 is outside its range, 1..64."),
        ("lstm_params", {"layers": True}, "layers: give a whole number from 1..64, not True."),
        ("lstm_params", {"layers": "2"}, "layers: give a whole number from 1..64, not '2'."),
        ("lstm_params", {"layers": [2]}, "layers: give a whole number from 1..64, not [2]."),
        ("lstm_params", {"layers": -1}, "layers: -1 is outside its range, 1..64."),
        ("lstm_params", {"hidden": 4, "projection": 4}, "projection: it must be smaller"),
        ("random_model_ce", {"base": "3"}, "base: give one of e | 2 | 10, not '3'."),
        ("random_model_ce", {"base": 10}, "base: give one of e | 2 | 10, not 10."),
        ("random_model_ce", {"base": ["e"]}, "base: give one of e | 2 | 10, not ['e']."),
        ("random_model_ce", {"base": "x" * 9999}, "base: give one of e | 2 | 10, not 'xxx"),
        ("sigmoid_of_relu", {"threshold": math.nan}, "threshold: nan is outside its range"),
        ("sigmoid_of_relu", {"threshold": -math.inf}, "threshold: -inf is outside its range"),
        ("sigmoid_of_relu", {"threshold": 10**5000}, "threshold: such a value is outside"),
        ("sigmoid_of_relu", {"threshold": "0.5"}, "threshold: give a number from 0.01..0.99"),
        ("sigmoid_of_relu", {"threshold": False}, "threshold: give a number from 0.01..0.99"),
        ("sigmoid_of_relu", {"images": 3, "z": [1, 2]}, "z: its shape must be (3,), not (2,)"),
        ("lstm_forget_gate", {"W_f": [[1, 2], [3]]}, "W_f: give a JSON list of numbers"),
        ("lstm_forget_gate", {"W_f": "ones"}, "W_f: give a JSON list of numbers"),
        ("lstm_forget_gate", {"W_f": [["1", "2"]]}, "W_f: give a JSON list of numbers"),
        ("lstm_forget_gate", {"W_f": [[True, False]]}, "W_f: give a JSON list of numbers"),
        ("lstm_forget_gate", {"W_f": [[None, 1]]}, "W_f: give a JSON list of numbers"),
        ("lstm_forget_gate", {"W_f": {"a": 1}}, "W_f: give a JSON list of numbers"),
        ("lstm_forget_gate", {"W_f": NESTED}, "W_f: give"),
        ("lstm_forget_gate", {"W_f": [[10**400]]}, "W_f: give a JSON list of numbers"),
        ("lstm_forget_gate", {"W_f": 1}, "W_f: give 1 to 64 numbers along each axis."),
        ("lstm_forget_gate", {"W_f": []}, "W_f: give 1 to 64 numbers along each axis."),
        ("lstm_forget_gate", {"W_f": [[]]}, "W_f: give 1 to 64 numbers along each axis."),
        ("lstm_forget_gate", {"b_f": [1] * 65}, "b_f: give 1 to 64 numbers along each axis."),
        ("lstm_forget_gate", {"W_f": [[[1] * 64] * 64] * 2}, "W_f: give at most 4096 numbers"),
        ("lstm_forget_gate", {"b_f": [1, 101]}, "b_f: each number must lie within -100..100."),
        ("lstm_forget_gate", {"b_f": [1, math.nan]}, "b_f: each number must lie within -100..100."),
        ("lstm_forget_gate", {"b_f": [1, math.inf]}, "b_f: each number must lie within -100..100."),
        ("lstm_forget_gate", {"W_f": [1, 2, 3]}, "W_f: its shape must be (2, 3), not (3,)"),
        (
            "lstm_forget_gate",
            {"inputs": 2, "hidden": 2, "W_f": [[1] * 3] * 2},
            "W_f: its shape must be (2, 2), not (2, 3)",
        ),
        ("conv_params", {"groups": 3, "in_channels": 4}, "groups: 3 must divide"),
        ("conv_out_shape", {"kernel_height": 999}, "kernel_height: the kernel reaches"),
    ],
)
def test_a_pin_that_cannot_be_is_refused_in_one_line_that_names_it(slug, pins, said):
    with pytest.raises(ParamError) as caught:
        family(slug).variant(1, pins)
    message = str(caught.value)
    assert said in message
    assert message.startswith(f"{caught.value.name}: ")
    assert caught.value.name in pins or caught.value.name.startswith("kernel")
    assert "\n" not in message
    assert len(message) < 250


@pytest.mark.parametrize("seed", [-1, 2**63, 10**30])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ParamError, match="seed: give a whole number from 0 to"):
        family("mlp_params").variant(seed)


@pytest.mark.parametrize(
    ("slug", "pins"),
    [
        ("mlp_params", {"layers": [5, 5.0, 5], "bias": True}),
        ("mlp_params", {"layers": [1_000_000] * 64, "bias": False}),
        ("lstm_params", {"inputs": 100_000, "hidden": 100_000, "layers": 64}),
        ("conv_out_shape", {"height": 65_536, "width": 65_536, "out_channels": 65_536}),
        ("lstm_forget_gate", {"inputs": 16, "hidden": 16, "b_f": [0] * 16}),
        ("lstm_candidate", {"W_c": [[100, -100], [0, 1e-9]], "inputs": 2}),
        ("lstm_hidden", {"hidden": 1, "o": [0], "c": [100]}),
        ("lstm_cell_update", {"hidden": 1, "f": [1], "i": [0]}),
        ("random_model_ce", {"classes": 1_000_000, "batch": 256}),
        ("rare_disease_metric", {"tp": 1, "fp": 0, "fn": 0, "tn": 1}),
        ("sigmoid_of_relu", {"images": 12, "z": [0] * 12, "threshold": 0.5}),
    ],
)
def test_pins_at_the_ends_of_their_ranges_are_kept(slug, pins):
    variant = family(slug).variant(1, pins)
    assert {name: variant.params[name] for name in pins} == pins


@pytest.mark.parametrize("slug", families())
def test_a_drawn_variant_is_drawn_again_from_its_own_parameters(slug):
    free = family(slug).variant(7)
    pinned = family(slug).variant(8, free.params)
    assert pinned.params == free.params
    assert pinned.to_json() == free.to_json() | {"seed": 8}


def test_a_pinned_draw_is_kept_although_a_mistake_earns_the_mark_and_says_so():
    pins = {
        "stride_height": 1,
        "stride_width": 1,
        "dilation_height": 1,
        "dilation_width": 1,
        "padding_height": 0,
        "padding_width": 0,
    }
    variant = family("conv_out_shape").variant(3, pins)
    assert {"padding-once", "stride-ignored"} <= set(variant.ambiguous)
    assert "plus-one-forgotten" not in variant.ambiguous
    assert variant.to_json()["ambiguous"] == list(variant.ambiguous)


@pytest.mark.parametrize("slug", families())
def test_a_free_draw_is_never_ambiguous(slug):
    assert not any(family(slug).variant(seed).ambiguous for seed in range(20))


@pytest.mark.parametrize("slug", families())
def test_a_family_describes_its_parameters_and_parts(slug):
    described = family(slug).describe()
    assert described["slug"] == slug
    assert described["parameters"].keys() == family(slug).variant(0).params.keys()
    plain_types = {"int", "float", "bool", "str", "array"}
    for name, kind in described["parameters"].items():
        # A parameter that its family reads by itself says in words what to give.
        assert kind.removeprefix("list of ") in plain_types or " " in kind, name
    assert described["parts"].keys() == family(slug).variant(0).parts.keys()
    assert all(described["meanings"].values())
    numbers = ("int", "float", "array", "list of int", "list of float")
    bounded = [name for name, kind in described["parameters"].items() if kind in numbers]
    assert all(described["ranges"][name] for name in bounded)
