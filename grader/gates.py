"""What the tasks on one gate share: its arguments, its inputs, and the mistakes made in it.

A gate is an activation of x W^T + h_prev U^T + b. A simple RNN's step has the same form, and so
shares its mistakes. `letter` is the suffix of the weights' names, "f" for W_f, U_f and b_f; ""
for none. `whole` is what messages call the result, "gate".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.core import InputKind, Mutant
from grader.drawing import numbers, saturating, sizes
from problems.core import Array
from problems.engine.activations import relu, sigmoid
from problems.engine.losses import softmax
from problems.engine.recurrent import candidate, gate, preactivation

Gate = Callable[[Array, Array, Array, Array, Array], Array]
Draw = Callable[[InputKind, np.random.Generator], dict[str, Array]]


def names_of_weights(letter: str) -> tuple[str, str, str]:
    """Return the names of W, U and b with this letter."""
    suffix = f"_{letter}" if letter else ""
    return f"W{suffix}", f"U{suffix}", f"b{suffix}"


def arguments(letter: str) -> dict[str, str]:
    """Return the arguments of a gate with their shapes."""
    W, U, b = names_of_weights(letter)
    return {
        "x": "(batch, in)",
        "h_prev": "(batch, hidden)",
        W: "(hidden, in)",
        U: "(hidden, hidden)",
        b: "(hidden,)",
    }


def draw_for(letter: str) -> Draw:
    """Return the function that draws a gate's inputs.

    `large` has biases of +-800, where e^z overflows and the right answer does not.
    """

    def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
        batch, size, hidden = sizes(kind, rng, 3)
        drawn = (
            numbers(kind, rng, batch, size),
            numbers(kind, rng, batch, hidden),
            numbers(kind, rng, hidden, size),
            numbers(kind, rng, hidden, hidden),
            saturating(rng, hidden) if kind == "large" else numbers(kind, rng, hidden),
        )
        return dict(zip(arguments(letter), drawn, strict=True))

    return draw


def sigmoid_gate_mutants(letter: str) -> tuple[Mutant, ...]:
    """Return the mistakes made in every gate that is a sigmoid."""
    return (
        Mutant(
            "tanh",
            "This is the gate with tanh in place of the sigmoid.",
            _activated(np.tanh),
        ),
        Mutant(
            "relu",
            "This is the gate with ReLU in place of the sigmoid.",
            _activated(relu),
        ),
        Mutant(
            "softmax",
            "This is a softmax over the hidden units; a gate opens each unit by itself, "
            "with a sigmoid.",
            _activated(softmax),
        ),
        Mutant(
            "no-activation",
            "This is the sum before the activation: the sigmoid is missing.",
            preactivation,
        ),
        Mutant(
            "naive-sigmoid",
            "This is e^z / (1 + e^z), which overflows for large z. "
            "1 / (1 + e^-z) stays finite there.",
            _activated(naive_sigmoid),
        ),
        *_sum_mutants(gate, "gate", letter),
        Mutant(
            "sum-of-sigmoids",
            "This takes a sigmoid of each term and adds them. Add first, then one sigmoid.",
            lambda x, h, W, U, b: sigmoid(x @ W.T) + sigmoid(h @ U.T + b),
        ),
    )


def tanh_mutants(whole: str, letter: str) -> tuple[Mutant, ...]:
    """Return the mistakes made in every candidate or state that is a tanh."""
    return (
        Mutant(
            "sigmoid",
            f"This is the {whole} with a sigmoid in place of tanh.",
            gate,
        ),
        Mutant(
            "relu",
            f"This is the {whole} with ReLU in place of tanh.",
            _activated(relu),
        ),
        Mutant(
            "no-activation",
            "This is the sum before the activation: the tanh is missing.",
            preactivation,
        ),
        Mutant(
            "naive-tanh",
            "This is (e^z - e^-z) / (e^z + e^-z), which overflows for large z. "
            "The library's tanh stays finite there.",
            _activated(naive_tanh),
        ),
        Mutant(
            "naive-tanh-of-double",
            "This is (e^2z - 1) / (e^2z + 1), which overflows for large z. "
            "The library's tanh stays finite there.",
            _activated(naive_tanh_of_double),
        ),
        Mutant(
            "half-tanh",
            "This is 2 sigmoid(z) - 1, which is tanh(z / 2). tanh(z) is 2 sigmoid(2z) - 1.",
            _activated(lambda z: 2.0 * sigmoid(z) - 1.0),
        ),
        *_sum_mutants(candidate, whole, letter),
        Mutant(
            "sum-of-tanhs",
            "This takes a tanh of each term and adds them. Add first, then one tanh.",
            lambda x, h, W, U, b: np.tanh(x @ W.T) + np.tanh(h @ U.T + b),
        ),
    )


def naive_sigmoid(z: Array) -> Array:
    """Return e^z / (1 + e^z), of z's shape; not a number where e^z overflows."""
    e = np.exp(z)
    return e / (1.0 + e)


def naive_tanh(z: Array) -> Array:
    """Return (e^z - e^-z) / (e^z + e^-z), of z's shape; not a number where either overflows."""
    up, down = np.exp(z), np.exp(-z)
    return (up - down) / (up + down)


def naive_tanh_of_double(z: Array) -> Array:
    """Return (e^2z - 1) / (e^2z + 1), of z's shape; not a number where e^2z overflows."""
    e = np.exp(2.0 * z)
    return (e - 1.0) / (e + 1.0)


def _activated(activation: Callable[[Array], Array]) -> Gate:
    """Return the gate with this activation."""

    def activated(x: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
        return activation(preactivation(x, h_prev, W, U, b))

    return activated


def _sum_mutants(right: Gate, whole: str, letter: str) -> tuple[Mutant, ...]:
    """Return the mistakes made in the sum that is activated; `right` makes none."""
    W_name, U_name, b_name = names_of_weights(letter)
    return (
        Mutant(
            "no-bias",
            f"This is the {whole} without its bias {b_name}.",
            lambda x, h, W, U, b: right(x, h, W, U, np.zeros_like(b)),
        ),
        Mutant(
            "bias-twice",
            f"This is the {whole} with its bias {b_name} added twice.",
            lambda x, h, W, U, b: right(x, h, W, U, 2.0 * b),
        ),
        Mutant(
            "no-recurrent-term",
            f"This is the {whole} without its recurrent term: h_prev does not come in.",
            lambda x, h, W, U, b: right(x, h, W, np.zeros_like(U), b),
        ),
        Mutant(
            "no-input-term",
            f"This is the {whole} without its input term: x does not come in.",
            lambda x, h, W, U, b: right(x, h, np.zeros_like(W), U, b),
        ),
        Mutant(
            "W-transposed",
            f"This multiplies x by {W_name} where it should be its transpose. "
            f"Rows of {W_name} are hidden units.",
            lambda x, h, W, U, b: right(x, h, W.T, U, b),
        ),
        Mutant(
            "U-transposed",
            f"This multiplies h_prev by {U_name} where it should be its transpose.",
            lambda x, h, W, U, b: right(x, h, W, U.T, b),
        ),
        Mutant(
            "both-transposed",
            f"This multiplies by {W_name} and {U_name} where it should be their transposes.",
            lambda x, h, W, U, b: right(x, h, W.T, U.T, b),
        ),
        Mutant(
            "W-and-U-swapped",
            f"{W_name} and {U_name} are swapped: {W_name} belongs to x and {U_name} to h_prev.",
            lambda x, h, W, U, b: right(x, h, U, W, b),
        ),
    )
