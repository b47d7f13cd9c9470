"""What the tasks on a whole LSTM cell share: its arguments, its inputs, and wrong steps.

The weights stack the rows of the four gates in PyTorch's order: input gate i, forget gate f,
candidate g, output gate o.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.core import AnyArray, InputKind, Mutant
from grader.drawing import numbers, saturating
from grader.gates import naive_sigmoid
from problems.core import Array
from problems.engine.activations import sigmoid
from problems.engine.recurrent import cell_update, lstm_step, preactivation

States = tuple[Array, Array]
Step = Callable[..., States]
"""Takes (x, h_prev, c_prev, W, U, b) and returns (h, c), each of shape (batch, hidden)."""

WEIGHTS = {"W": "(4*hidden, in)", "U": "(4*hidden, hidden)", "b": "(4*hidden,)"}


def draw_weights(
    kind: InputKind, rng: np.random.Generator, size: int, hidden: int
) -> dict[str, Array]:
    """Draw W, U and b; `large` has biases of +-800, where e^z overflows and the cell does not."""
    return {
        "W": numbers(kind, rng, 4 * hidden, size),
        "U": numbers(kind, rng, 4 * hidden, hidden),
        "b": saturating(rng, 4 * hidden) if kind == "large" else numbers(kind, rng, 4 * hidden),
    }


def blocks_in_order(order: str, hidden: int) -> AnyArray:
    """Return the rows that someone takes for i, f, g, o who thinks them stacked in `order`."""
    rows = np.arange(4 * hidden).reshape(4, hidden)
    return rows[[order.index(name) for name in "ifgo"]].reshape(-1)


def _wrong_order(order: str) -> Mutant:
    def step(x: Array, h_prev: Array, c_prev: Array, *weights: Array) -> States:
        rows = blocks_in_order(order, h_prev.shape[1])
        return lstm_step(x, h_prev, c_prev, *(weight[rows] for weight in weights))

    return Mutant(f"order-{order}", order_message(order), step)


def order_message(order: str) -> str:
    """Say that the rows were taken to be stacked in this order."""
    listed = ", ".join(order)
    return f"This takes the rows to be stacked in the order {listed}. They are stacked i, f, g, o."


def _cell(
    update: Callable[[Array, Array, Array, Array], Array] = cell_update,
    output: Callable[[Array, Array], Array] = lambda o, c: o * np.tanh(c),
    candidate: Callable[[Array], Array] = np.tanh,
    squash: Callable[[Array], Array] = sigmoid,
) -> Step:
    """Return a step with its own formulas.

    They are c = update(f, c_prev, i, g) and h = output(o, c); `candidate` is the activation of
    g, `squash` that of the gates.
    """

    def step(x: Array, h_prev: Array, c_prev: Array, *weights: Array) -> States:
        i, f, g, o = np.split(preactivation(x, h_prev, *weights), 4, axis=1)
        c = update(squash(f), c_prev, squash(i), candidate(g))
        return output(squash(o), c), c

    return step


def _output_before_update(x: Array, h_prev: Array, c_prev: Array, *weights: Array) -> States:
    o = np.split(preactivation(x, h_prev, *weights), 4, axis=1)[3]
    return sigmoid(o) * np.tanh(c_prev), lstm_step(x, h_prev, c_prev, *weights)[1]


WRONG_STEPS = (
    _wrong_order("ifog"),
    _wrong_order("figo"),
    _wrong_order("iofg"),
    _wrong_order("fiog"),
    Mutant(
        "no-tanh-on-c",
        "This is h = o * c. The cell state goes through tanh first: h = o * tanh(c).",
        _cell(output=lambda o, c: o * c),
    ),
    Mutant(
        "sigmoid-on-c",
        "This is h = o * sigmoid(c). The cell state goes through tanh: h = o * tanh(c).",
        _cell(output=lambda o, c: o * sigmoid(c)),
    ),
    Mutant(
        "no-output-gate",
        "This is h = tanh(c): the output gate is missing.",
        _cell(output=lambda _, c: np.tanh(c)),
    ),
    Mutant(
        "no-forget-gate",
        "This is c = c_prev + i * g: the forget gate is missing.",
        _cell(lambda _, c_prev, i, g: c_prev + i * g),
    ),
    Mutant(
        "no-input-gate",
        "This is c = f * c_prev + g: the input gate is missing.",
        _cell(lambda f, c_prev, _, g: f * c_prev + g),
    ),
    Mutant(
        "coupled-gates",
        "This is c = (1 - i) * c_prev + i * g, as in a GRU. An LSTM has a forget gate of its own.",
        _cell(lambda _, c_prev, i, g: (1.0 - i) * c_prev + i * g),
    ),
    Mutant(
        "sigmoid-candidate",
        "The candidate g goes through a sigmoid here; it should go through tanh.",
        _cell(candidate=sigmoid),
    ),
    Mutant(
        "tanh-on-update",
        "This is c = tanh(f * c_prev + i * g). The tanh is for h alone: c stays as it is.",
        _cell(lambda f, c_prev, i, g: np.tanh(cell_update(f, c_prev, i, g))),
    ),
    Mutant(
        "h-from-c-prev",
        "This is h = o * tanh(c_prev). It should use the new cell state, c.",
        _output_before_update,
    ),
    Mutant(
        "c-for-h",
        "The gates are computed from c_prev here; they should be computed from h_prev.",
        lambda x, _, c_prev, *weights: lstm_step(x, c_prev, c_prev, *weights),
    ),
    Mutant(
        "no-bias",
        "This is the step without its bias b.",
        lambda x, h_prev, c_prev, W, U, b: lstm_step(x, h_prev, c_prev, W, U, np.zeros_like(b)),
    ),
    Mutant(
        "no-recurrent-term",
        "This is the step without its recurrent term: h_prev does not come in.",
        lambda x, h_prev, c_prev, W, U, b: lstm_step(x, h_prev, c_prev, W, np.zeros_like(U), b),
    ),
    Mutant(
        "no-input-term",
        "This is the step without its input term: x does not come in.",
        lambda x, h_prev, c_prev, W, U, b: lstm_step(x, h_prev, c_prev, np.zeros_like(W), U, b),
    ),
)
"""Wrong implementations of one step, each a `Step`."""

naive_step = _cell(squash=naive_sigmoid)
"""A step whose gates are e^z / (1 + e^z)."""
