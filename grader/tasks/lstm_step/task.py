"""One step of an LSTM: (h, c) from x, h_prev and c_prev, rows stacked in PyTorch's order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.core import InputKind, Mutant, Plan
from grader.drawing import distinct, normal, saturating, unequal
from problems.core import Array
from problems.engine.activations import sigmoid
from problems.engine.recurrent import lstm_step, preactivation

VERSION = 1
FUNCTION = "lstm_step"
ARGUMENTS = {
    "x": "(batch, in)",
    "h_prev": "(batch, hidden)",
    "c_prev": "(batch, hidden)",
    "W": "(4*hidden, in)",
    "U": "(4*hidden, hidden)",
    "b": "(4*hidden,)",
}
RETURNS = {"h": "(batch, hidden)", "c": "(batch, hidden)"}
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
        "c_prev": numbers(rng, batch, hidden),
        "W": numbers(rng, 4 * hidden, size),
        "U": numbers(rng, 4 * hidden, hidden),
        "b": saturating(rng, 4 * hidden) if kind == "large" else numbers(rng, 4 * hidden),
    }


reference = lstm_step

States = tuple[Array, Array]
Step = Callable[..., States]


def _cell(
    update: Callable[[Array, Array, Array, Array], Array],
    output: Callable[[Array, Array], Array] = lambda o, c: o * np.tanh(c),
    candidate: Callable[[Array], Array] = np.tanh,
) -> Step:
    """Return a step with its own formulas: c = update(i, f, g, c_prev) and h = output(o, c)."""

    def step(x: Array, h_prev: Array, c_prev: Array, *weights: Array) -> States:
        i, f, g, o = np.split(preactivation(x, h_prev, *weights), 4, axis=1)
        c = update(sigmoid(i), sigmoid(f), candidate(g), c_prev)
        return output(sigmoid(o), c), c

    return step


def _update(i: Array, f: Array, g: Array, c_prev: Array) -> Array:
    return f * c_prev + i * g


def _order(order: str) -> Step:
    """Return the step of someone who takes the rows to be stacked in this order."""

    def step(x: Array, h_prev: Array, c_prev: Array, *weights: Array) -> States:
        blocks = np.arange(4 * h_prev.shape[1]).reshape(4, -1)
        rows = blocks[[order.index(name) for name in "ifgo"]].reshape(-1)
        return lstm_step(x, h_prev, c_prev, *(weight[rows] for weight in weights))

    return step


def _wrong_order(order: str) -> Mutant:
    listed = ", ".join(order)
    return Mutant(
        f"order-{order}",
        f"This takes the rows to be stacked in the order {listed}. They are stacked i, f, g, o.",
        _order(order),
    )


def _swapped(x: Array, h_prev: Array, c_prev: Array, *weights: Array) -> States:
    h, c = lstm_step(x, h_prev, c_prev, *weights)
    return c, h


def _output_before_update(x: Array, h_prev: Array, c_prev: Array, *weights: Array) -> States:
    o = np.split(preactivation(x, h_prev, *weights), 4, axis=1)[3]
    return sigmoid(o) * np.tanh(c_prev), lstm_step(x, h_prev, c_prev, *weights)[1]


MUTANTS = (
    _wrong_order("ifog"),
    _wrong_order("figo"),
    _wrong_order("iofg"),
    _wrong_order("fiog"),
    Mutant(
        "swapped-outputs",
        "The two results are swapped: return (h, c), not (c, h).",
        _swapped,
    ),
    Mutant(
        "no-tanh-on-c",
        "This is h = o * c. The cell state goes through tanh first: h = o * tanh(c).",
        _cell(_update, output=lambda o, c: o * c),
    ),
    Mutant(
        "sigmoid-on-c",
        "This is h = o * sigmoid(c). The cell state goes through tanh: h = o * tanh(c).",
        _cell(_update, output=lambda o, c: o * sigmoid(c)),
    ),
    Mutant(
        "no-output-gate",
        "This is h = tanh(c): the output gate is missing.",
        _cell(_update, output=lambda _, c: np.tanh(c)),
    ),
    Mutant(
        "no-forget-gate",
        "This is c = c_prev + i * g: the forget gate is missing.",
        _cell(lambda i, f, g, c_prev: c_prev + i * g),  # noqa: ARG005 (f is what it forgets)
    ),
    Mutant(
        "no-input-gate",
        "This is c = f * c_prev + g: the input gate is missing.",
        _cell(lambda i, f, g, c_prev: f * c_prev + g),  # noqa: ARG005 (i is what it forgets)
    ),
    Mutant(
        "coupled-gates",
        "This is c = (1 - i) * c_prev + i * g, as in a GRU. An LSTM has a forget gate of its own.",
        _cell(lambda i, f, g, c_prev: (1.0 - i) * c_prev + i * g),  # noqa: ARG005 (as above)
    ),
    Mutant(
        "sigmoid-candidate",
        "The candidate g goes through a sigmoid here; it should go through tanh.",
        _cell(_update, candidate=sigmoid),
    ),
    Mutant(
        "tanh-on-update",
        "This is c = tanh(f * c_prev + i * g). The tanh is for h alone: c stays as it is.",
        _cell(lambda i, f, g, c_prev: np.tanh(_update(i, f, g, c_prev))),
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
