"""Each family against formulas written here, from the bank's table, without the engine."""

import math
from itertools import pairwise

import pytest

from problems.catalog import families, family
from problems.marking import mark

SEEDS = range(50)


def _dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def _sigmoid(z):
    return 1 / (1 + math.exp(-z))


def _sums(p, x, h, gate, *, bias=True):
    """W x + U h + b, unit by unit; h None leaves its term out."""
    W, U, b = (p[f"{name}_{gate}"] for name in "WUb")
    return [
        _dot(W[k], p[x]) + (_dot(U[k], h) if h else 0) + (b[k] if bias else 0)
        for k in range(len(b))
    ]


def _each(function, values):
    return [function(value) for value in values]


def conv_params(p):
    area, biases = p["kernel_height"] * p["kernel_width"], p["out_channels"] * p["bias"]
    weights = area * (p["in_channels"] // p["groups"]) * p["out_channels"]
    positions = (p["height"] - p["kernel_height"] + 1) * (p["width"] - p["kernel_width"] + 1)
    all_in = area * p["in_channels"] * p["out_channels"]
    one_channel = area * p["out_channels"]
    return {"weights": weights, "biases": biases, "total": weights + biases}, {
        "input-channels-forgotten": {"weights": one_channel, "total": one_channel + biases},
        "biases-forgotten": p["bias"] and {"biases": 0, "total": weights},
        "one-bias-in-all": p["bias"] and {"biases": 1, "total": weights + 1},
        "bias-per-input-channel": p["bias"]
        and {"biases": p["in_channels"], "total": weights + p["in_channels"]},
        "times-output-positions": {
            "weights": weights * positions,
            "total": (weights + biases) * positions,
        },
        "groups-ignored": p["groups"] > 1 and {"weights": all_in, "total": all_in + biases},
    }


def conv_out_shape(p):
    def shape(rule, channels=p["out_channels"]):
        names = ("kernel", "stride", "padding", "dilation")
        lengths = [
            rule(p[axis], *(p[f"{name}_{axis}"] for name in names)) for axis in ("height", "width")
        ]
        return tuple([channels, *lengths] if p["layout"] == "CHW" else [*lengths, channels])

    def fitting(i, k, s, q, d):
        """Count the positions at which the dilated filter fits, one after the other."""
        return sum(1 for start in range(0, i + 2 * q, s) if start + d * (k - 1) < i + 2 * q)

    def span(k, d):
        return d * (k - 1) + 1

    dilated = max(p["dilation_height"], p["dilation_width"]) > 1
    return {"shape": shape(fitting)}, {
        name: value and {"shape": value}
        for name, value in {
            "padding-once": shape(lambda i, k, s, q, d: math.floor((i + q - span(k, d)) / s) + 1),
            "plus-one-forgotten": shape(
                lambda i, k, s, q, d: math.floor((i + 2 * q - span(k, d)) / s)
            ),
            "rounded-up": shape(lambda i, k, s, q, d: math.ceil((i + 2 * q - span(k, d)) / s) + 1),
            "channels-kept": shape(fitting, p["in_channels"]),
            "dilation-ignored": dilated and shape(lambda i, k, s, q, _: fitting(i, k, s, q, 1)),
            "same-assumed": shape(lambda i, *_: i),
        }.items()
    }


def mlp_params(p):
    n, bias = p["layers"], p["bias"]
    weights = sum(a * b for a, b in pairwise(n))
    right = weights + sum(n[1:]) * bias
    return {"total": right}, {
        "biases-forgotten": bias and {"total": weights},
        "one-bias-per-layer": bias and {"total": sum(a * b + 1 for a, b in pairwise(n))},
        "input-biases": bias and {"total": right + n[0]},
        "neurons-counted": {"total": sum(n)},
        "first-matrix-only": {"total": n[0] * n[1] + n[1] * bias},
    }


def lstm_forget_gate(p):
    z = _sums(p, "x", p["h_prev"], "f")
    return {"f": _each(_sigmoid, z)}, {
        "tanh-for-sigmoid": {"f": _each(math.tanh, z)},
        "cell-for-hidden": {"f": _each(_sigmoid, _sums(p, "x", p["c_prev"], "f"))},
        "bias-forgotten": {"f": _each(_sigmoid, _sums(p, "x", p["h_prev"], "f", bias=False))},
        "other-gate": {"f": _each(_sigmoid, _sums(p, "x", p["h_prev"], "i"))},
        "no-recurrent-term": {"f": _each(_sigmoid, _sums(p, "x", None, "f"))},
        "one-minus": {"f": [1 - _sigmoid(value) for value in z]},
    }


def lstm_input_gate(p):
    z, forget = (_sums(p, "x", p["h_prev"], gate) for gate in "if")
    return {"i": _each(_sigmoid, z)}, {
        "tanh-for-sigmoid": {"i": _each(math.tanh, z)},
        "forget-gate-given": {"i": _each(_sigmoid, forget)},
        "bias-forgotten": {"i": _each(_sigmoid, _sums(p, "x", p["h_prev"], "i", bias=False))},
        "coupled": {"i": [1 - _sigmoid(value) for value in forget]},
    }


def lstm_candidate(p):
    z = _sums(p, "x", p["h_prev"], "c")
    return {"c_tilde": _each(math.tanh, z)}, {
        "sigmoid-for-tanh": {"c_tilde": _each(_sigmoid, z)},
        "cell-read-in": {"c_tilde": _each(math.tanh, _sums(p, "x", p["c_prev"], "c"))},
        "bias-forgotten": {
            "c_tilde": _each(math.tanh, _sums(p, "x", p["h_prev"], "c", bias=False))
        },
    }


def lstm_output_gate(p):
    z = _sums(p, "x", p["h_prev"], "o")
    new_h = [_sigmoid(value) * math.tanh(c) for value, c in zip(z, p["c"], strict=True)]
    # The cell has no peephole weights: V is the identity (see the family's docstring).
    peephole = [_sigmoid(value + c) for value, c in zip(z, p["c"], strict=True)]
    return {"o": _each(_sigmoid, z)}, {
        "tanh-for-sigmoid": {"o": _each(math.tanh, z)},
        "new-hidden-used": {"o": _each(_sigmoid, _sums(p, "x", new_h, "o"))},
        "peephole-added": {"o": peephole},
        "bias-forgotten": {"o": _each(_sigmoid, _sums(p, "x", p["h_prev"], "o", bias=False))},
    }


def lstm_cell_update(p):
    rows = list(zip(p["f"], p["c_prev"], p["i"], p["c_tilde"], strict=True))
    product = _dot(p["f"], p["c_prev"]) + _dot(p["i"], p["c_tilde"])
    return {"c": [f * c + i * g for f, c, i, g in rows]}, {
        "gates-swapped": {"c": [i * c + f * g for f, c, i, g in rows]},
        "matrix-product": {"c": [product] * len(rows)},
        "forget-gate-dropped": {"c": [c + i * g for _, c, i, g in rows]},
        "tanh-applied": {"c": [math.tanh(f * c + i * g) for f, c, i, g in rows]},
        "input-gate-dropped": {"c": [f * c + g for f, c, _, g in rows]},
    }


def lstm_hidden(p):
    rows = list(zip(p["o"], p["c"], p["c_prev"], strict=True))
    return {"h": [o * math.tanh(c) for o, c, _ in rows]}, {
        "no-tanh": {"h": [o * c for o, c, _ in rows]},
        "old-cell": {"h": [o * math.tanh(old) for o, _, old in rows]},
        "sigmoid-for-tanh": {"h": [o * _sigmoid(c) for o, c, _ in rows]},
        "output-gate-dropped": {"h": [math.tanh(c) for _, c, _ in rows]},
        "cell-given": {"h": p["c"]},
    }


def lstm_params(p):
    I, H, P, biases = p["inputs"], p["hidden"], p["projection"], p["biases"]
    R = P or H
    directions = 1 + p["bidirectional"]

    def count(blocks=4, biases=biases, recurrent=1, later=R * directions, shared_matrices=0):
        total = 0
        for layer in range(p["layers"]):
            seen = later if layer else I
            matrices = 1 if shared_matrices else blocks
            one = matrices * H * (seen + recurrent * R) + blocks * biases * H + P * H
            total += directions * one
        return {"total": total}

    return count(), {
        "three-blocks": count(blocks=3),
        "one-block": count(blocks=1),
        "biases-forgotten": count(biases=0),
        "other-bias-convention": count(biases=1 if biases == 2 else 2),
        "recurrent-forgotten": count(recurrent=0),
        "first-input-everywhere": p["layers"] > 1 and count(later=I),
        "shared-gate-weights": count(shared_matrices=1),
    }


def random_model_ce(p):
    K, times = p["classes"], p["batch"] if p["reduction"] == "sum" else 1
    logs = {"e": math.log(K), "2": math.log2(K), "10": math.log10(K)}
    right = logs[p["base"]] * times
    summed = p["reduction"] == "mean" and {"loss": logs[p["base"]] * p["batch"]}
    return {"loss": right}, {
        "log-2": p["base"] != "2" and {"loss": logs["2"] * times},
        "log-10": p["base"] != "10" and {"loss": logs["10"] * times},
        "probability-given": {"loss": 1 / K},
        "classes-given": {"loss": K},
        "summed": summed,
        "sign": {"loss": -right},
    }


def rare_disease_metric(p):
    tp, fp, fn, tn = (p[name] for name in ("tp", "fp", "fn", "tn"))
    everybody, cost = tp + fp + fn + tn, p["cost"]
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    metric, value = {
        "misses": ("recall", recall),
        "alarms": ("precision", precision),
        "both": ("f1", 2 * precision * recall / (precision + recall)),
    }[cost]
    return {"metric": metric, "value": value, "baseline": (tn + fp) / everybody}, {
        "accuracy": {"metric": "accuracy", "value": (tp + tn) / everybody},
        "precision-for-recall": cost == "misses" and {"metric": "precision", "value": precision},
        "specificity-for-recall": cost == "misses"
        and {"metric": "specificity", "value": tn / (tn + fp)},
    }


def sigmoid_of_relu(p):
    threshold, z = p["threshold"], p["z"]
    right = [_sigmoid(max(0, value)) for value in z]
    low = threshold <= 0.5
    positive = sum(value > 0 for value in z)
    no_relu = [_sigmoid(value) for value in z]
    seen = {"cats": sum(value >= threshold for value in no_relu)} if low else {}
    return {"outputs": right, "cats": sum(value >= threshold for value in right), "always": low}, {
        "half-are-negative": low and {"cats": positive, "always": False},
        "relu-forgotten": {"outputs": no_relu, **seen},
        "zero-for-negative": {"outputs": [_sigmoid(v) if v > 0 else 0 for v in z]},
    }


ROWS = {
    rule.__name__: rule
    for rule in (
        *(conv_params, conv_out_shape, mlp_params, lstm_params, random_model_ce),
        *(lstm_forget_gate, lstm_input_gate, lstm_candidate, lstm_output_gate),
        *(lstm_cell_update, lstm_hidden, rare_disease_metric, sigmoid_of_relu),
    )
}


def _plain(values):
    return {
        part: value if isinstance(value, bool | str | tuple) else pytest.approx(value, rel=1e-9)
        for part, value in values.items()
    }


@pytest.mark.parametrize("slug", ROWS)
def test_keys_and_mistakes_are_those_of_the_table(slug):
    offered = set()
    for seed in SEEDS:
        variant = family(slug).variant(seed)
        keys, mistakes = ROWS[slug](variant.params)
        assert variant.keys == _plain(keys), seed
        given = {mistake.name: dict(mistake.values) for mistake in variant.mistakes}
        for name, values in mistakes.items():
            if not values:
                assert name not in given, (seed, name)
                continue
            assert given[name] == _plain(values), (seed, name)
            offered.add(name)
    assert offered == mistakes.keys()


def test_no_formula_waits_for_a_family_that_is_gone():
    assert ROWS.keys() <= families().keys()


@pytest.mark.parametrize(
    ("slug", "pins", "keys"),
    [
        ("mlp_params", {"layers": [5, 5, 5], "bias": True}, {"total": 60}),
        ("mlp_params", {"layers": [5, 5, 5], "bias": False}, {"total": 50}),
        ("mlp_params", {"layers": [784, 128, 10], "bias": True}, {"total": 101_770}),
        (
            "conv_params",
            {"kernel_height": 5, "kernel_width": 5, "in_channels": 3, "out_channels": 2}
            | {"groups": 1, "bias": True, "height": 32, "width": 32},
            {"weights": 150, "biases": 2, "total": 152},
        ),
        (
            "conv_params",
            {"kernel_height": 3, "kernel_width": 3, "in_channels": 8, "out_channels": 8}
            | {"groups": 8, "bias": False},
            {"weights": 72, "biases": 0, "total": 72},
        ),
        # 4 blocks of 20 units that read 10 inputs, 20 hidden values and two biases.
        (
            "lstm_params",
            {"inputs": 10, "hidden": 20, "layers": 1, "bidirectional": False}
            | {"projection": 0, "biases": 2},
            {"total": 2560},
        ),
        (
            "lstm_params",
            {"inputs": 10, "hidden": 20, "layers": 1, "bidirectional": False}
            | {"projection": 0, "biases": 1},
            {"total": 2480},
        ),
        # 2 · 16 · (3 + 4 + 1) = 256, then 2 · 16 · (8 + 4 + 1) = 416.
        (
            "lstm_params",
            {"inputs": 3, "hidden": 4, "layers": 2, "bidirectional": True}
            | {"projection": 0, "biases": 1},
            {"total": 672},
        ),
        # 16 · (3 + 2 + 2) = 112, and 2 · 4 = 8 of the projection.
        (
            "lstm_params",
            {"inputs": 3, "hidden": 4, "layers": 1, "bidirectional": False}
            | {"projection": 2, "biases": 2},
            {"total": 120},
        ),
        (
            "random_model_ce",
            {"classes": 10, "batch": 32, "base": "e", "reduction": "mean"},
            {"loss": math.log(10)},
        ),
        (
            "random_model_ce",
            {"classes": 1024, "batch": 4, "base": "2", "reduction": "sum"},
            {"loss": 40},
        ),
        (
            "sigmoid_of_relu",
            {"images": 3, "z": [-3, 0, 3], "threshold": 0.5},
            {"outputs": [0.5, 0.5, 1 / (1 + math.exp(-3))], "cats": 3, "always": True},
        ),
        (
            "lstm_cell_update",
            {"hidden": 2, "f": [0.5, 1], "c_prev": [2, -1], "i": [1, 0], "c_tilde": [0.5, 0.9]},
            {"c": [1.5, -1]},
        ),
        (
            "rare_disease_metric",
            {"tp": 9, "fp": 1, "fn": 1, "tn": 989, "cost": "misses"},
            {"metric": "recall", "value": 0.9, "baseline": 0.99},
        ),
    ],
)
def test_the_examples_of_the_lecture_notes_come_out(slug, pins, keys):
    variant = family(slug).variant(0, pins)
    assert variant.keys == _plain(keys)


@pytest.mark.parametrize(("layout", "shape"), [("HWC", (28, 28, 2)), ("CHW", (2, 28, 28))])
def test_a_5x5_convolution_with_2_filters_makes_28x28x2_of_32x32x3(layout, shape):
    pins = {"height": 32, "width": 32, "in_channels": 3, "out_channels": 2, "layout": layout}
    for axis in ("height", "width"):
        pins |= {f"kernel_{axis}": 5, f"stride_{axis}": 1}
        pins |= {f"padding_{axis}": 0, f"dilation_{axis}": 1}
    variant = family("conv_out_shape").variant(0, pins)
    assert variant.keys["shape"] == shape
    written = "x".join(map(str, shape))
    assert mark(variant, {"shape": written}).score == 1
    assert mark(variant, {"shape": "28x28x3"}).score == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_detector_with_threshold_one_half_calls_everything_a_cat(seed):
    variant = family("sigmoid_of_relu").variant(seed, {"threshold": 0.5})
    assert variant.keys["always"] is True
    assert variant.keys["cats"] == variant.params["images"]


@pytest.mark.parametrize("slug", families())
def test_statement_hints_and_solution_are_of_the_variant_s_own_numbers(slug):
    first, second = (family(slug).variant(seed) for seed in (0, 1))
    assert first.statement != second.statement
    assert first.solution != second.solution
    for part, kind in first.parts.items():
        if kind.name in ("integer", "real", "shape"):
            assert kind.show(first.keys[part]) in first.solution.replace("−", "-"), part
    for text in (first.statement, first.solution, *first.hints):
        assert "{{" not in text
        assert "np." not in text
        assert "array(" not in text
        assert "None" not in text
        assert "00000000" not in text


@pytest.mark.parametrize(
    ("slug", "part"),
    [("conv_value", "output"), ("conv_as_matrix", "first"), ("perceptron_logic", "z")],
)
def test_where_all_is_whole_whole_numbers_are_asked_for(slug, part):
    assert "whole numbers" in family(slug).variant(0).parts[part].asks


def test_what_is_rounded_is_not_called_equal():
    solutions = [family("confusion_metrics").variant(seed).solution for seed in range(5)]
    assert any(") ≈ **" in solution for solution in solutions)
    assert not any("= **0.3333**" in solution for solution in solutions)


def test_a_row_of_hidden_layers_is_named_as_people_say_it():
    assert "two hidden layers, of 7 and 2 units," in (
        family("mlp_params").variant(0, {"layers": [3, 7, 2, 4]}).statement
    )
