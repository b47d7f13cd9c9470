"""The sigmoid, 1 / (1 + e^-z), for z of any size."""

from __future__ import annotations

import numpy as np

from grader.core import InputKind, Mutant
from grader.drawing import numbers, plans, saturating, sizes
from grader.gates import naive_sigmoid
from problems.core import Array
from problems.engine.activations import activation_gradient, relu, sigmoid
from problems.engine.losses import softmax

VERSION = 1
FUNCTION = "sigmoid"
FRAMEWORKS = ("numpy",)
ARGUMENTS = {"z": "(batch, features)"}
RETURNS = {"s": "(batch, features)"}
PLANS = plans()


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw z, of +-800 for `large`."""
    shape = sizes(kind, rng, 2)
    z = numbers(kind, rng, *shape)
    return {"z": saturating(rng, z.size).reshape(shape) if kind == "large" else z}


reference = sigmoid

MUTANTS = (
    Mutant(
        "naive",
        "This is e^z / (1 + e^z), which overflows for large z. 1 / (1 + e^-z) stays finite there.",
        naive_sigmoid,
    ),
    Mutant(
        "clipped",
        "This clips z to [-10, 10] before the sigmoid, and so is wrong beyond. "
        "Clip much further out, or not at all.",
        lambda z: sigmoid(np.clip(z, -10.0, 10.0)),
    ),
    Mutant(
        "sign",
        "This is 1 / (1 + e^z): the exponent's sign is wrong. The sigmoid rises with z.",
        lambda z: sigmoid(-z),
    ),
    Mutant(
        "derivative",
        "This is the derivative, s(1 - s). The value itself, s, was asked for.",
        lambda z: activation_gradient("sigmoid", z),
    ),
    Mutant(
        "logarithm",
        "This is the logarithm of the sigmoid. The sigmoid itself was asked for.",
        lambda z: -np.logaddexp(0.0, -z),
    ),
    Mutant(
        "doubled",
        "This is (1 + tanh(z)) / 2, the sigmoid of 2z. The tanh of z / 2 gives that of z.",
        lambda z: sigmoid(2.0 * z),
    ),
    Mutant(
        "tanh",
        "This is tanh, which lies between -1 and 1. The sigmoid lies between 0 and 1.",
        np.tanh,
    ),
    Mutant(
        "relu",
        "This is ReLU, max(0, z). The sigmoid is 1 / (1 + e^-z).",
        relu,
    ),
    Mutant(
        "softmax",
        "This is a softmax over each row. The sigmoid acts on each element by itself.",
        softmax,
    ),
    Mutant(
        "hard",
        "This is a straight line cut off at 0 and 1. The sigmoid is smooth: 1 / (1 + e^-z).",
        lambda z: np.clip(z / 6.0 + 0.5, 0.0, 1.0),
    ),
    Mutant(
        "step",
        "This is the step function, 0 or 1. The sigmoid is smooth: 1 / (1 + e^-z).",
        lambda z: np.where(z > 0.0, 1.0, 0.0),
    ),
)
