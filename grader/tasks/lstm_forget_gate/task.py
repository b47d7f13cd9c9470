"""The forget gate of an LSTM: f = sigmoid(x W_f^T + h_prev U_f^T + b_f)."""

from __future__ import annotations

import numpy as np

from grader.core import InputKind, Mutant, Plan
from grader.drawing import distinct, normal, saturating, unequal
from problems.core import Array
from problems.engine.activations import relu, sigmoid
from problems.engine.recurrent import gate, preactivation

VERSION = 1
FUNCTION = "forget_gate"
ARGUMENTS = {
    "x": "(batch, in)",
    "h_prev": "(batch, hidden)",
    "W_f": "(hidden, in)",
    "U_f": "(hidden, hidden)",
    "b_f": "(hidden,)",
}
RETURNS = {"f": "(batch, hidden)"}
PLANS = (
    Plan("ordinary", visible=True),
    Plan("batch of one", visible=True),
    Plan("square", visible=True),
    Plan("ordinary"),
    Plan("ordinary"),
    Plan("batch of one"),
    Plan("square"),
    Plan("distinct"),
    Plan("distinct"),
    Plan("large"),
)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw inputs: sizes all different, but for `square`, where every size is the same.

    `large` has biases of +-800, where e^z overflows and the right answer does not.
    """
    batch, size, hidden = unequal(rng, 3)
    if kind == "batch of one":
        batch = 1
    if kind == "square":
        batch = size = hidden
    numbers = distinct if kind == "distinct" else normal
    return {
        "x": numbers(rng, batch, size),
        "h_prev": numbers(rng, batch, hidden),
        "W_f": numbers(rng, hidden, size),
        "U_f": numbers(rng, hidden, hidden),
        "b_f": saturating(rng, hidden) if kind == "large" else numbers(rng, hidden),
    }


reference = gate


def _naive(x: Array, h_prev: Array, W_f: Array, U_f: Array, b_f: Array) -> Array:
    e = np.exp(preactivation(x, h_prev, W_f, U_f, b_f))
    return e / (1.0 + e)


def _softmax(x: Array, h_prev: Array, W_f: Array, U_f: Array, b_f: Array) -> Array:
    z = preactivation(x, h_prev, W_f, U_f, b_f)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


MUTANTS = (
    Mutant(
        "tanh",
        "This is the gate with tanh in place of the sigmoid.",
        lambda x, h, W, U, b: np.tanh(preactivation(x, h, W, U, b)),
    ),
    Mutant(
        "relu",
        "This is the gate with ReLU in place of the sigmoid.",
        lambda x, h, W, U, b: relu(preactivation(x, h, W, U, b)),
    ),
    Mutant(
        "softmax",
        "This is a softmax over the hidden units; a gate opens each unit by itself, "
        "with a sigmoid.",
        _softmax,
    ),
    Mutant(
        "no-activation",
        "This is the sum before the activation: the sigmoid is missing.",
        preactivation,
    ),
    Mutant(
        "naive-sigmoid",
        "This is e^z / (1 + e^z), which overflows for large z. 1 / (1 + e^-z) stays finite there.",
        _naive,
    ),
    Mutant(
        "no-bias",
        "This is the gate without its bias b_f.",
        lambda x, h, W, U, b: gate(x, h, W, U, np.zeros_like(b)),
    ),
    Mutant(
        "bias-twice",
        "This is the gate with its bias b_f added twice.",
        lambda x, h, W, U, b: gate(x, h, W, U, 2.0 * b),
    ),
    Mutant(
        "no-recurrent-term",
        "This is the gate without its recurrent term: h_prev does not come in.",
        lambda x, h, W, U, b: gate(x, h, W, np.zeros_like(U), b),
    ),
    Mutant(
        "no-input-term",
        "This is the gate without its input term: x does not come in.",
        lambda x, h, W, U, b: gate(x, h, np.zeros_like(W), U, b),
    ),
    Mutant(
        "complement",
        "This is 1 - f: the share that is forgotten. The gate is the share that is kept.",
        lambda x, h, W, U, b: 1.0 - gate(x, h, W, U, b),
    ),
    Mutant(
        "W-transposed",
        "This multiplies x by W_f where it should be its transpose. Rows of W_f are hidden units.",
        lambda x, h, W, U, b: gate(x, h, W.T, U, b),
    ),
    Mutant(
        "U-transposed",
        "This multiplies h_prev by U_f where it should be its transpose.",
        lambda x, h, W, U, b: gate(x, h, W, U.T, b),
    ),
    Mutant(
        "both-transposed",
        "This multiplies by W_f and U_f where it should be their transposes.",
        lambda x, h, W, U, b: gate(x, h, W.T, U.T, b),
    ),
    Mutant(
        "W-and-U-swapped",
        "W_f and U_f are swapped: W_f belongs to x and U_f to h_prev.",
        lambda x, h, W, U, b: gate(x, h, U, W, b),
    ),
    Mutant(
        "sum-of-sigmoids",
        "This takes a sigmoid of each term and adds them. Add first, then one sigmoid.",
        lambda x, h, W, U, b: sigmoid(x @ W.T) + sigmoid(h @ U.T + b),
    ),
)
