"""The gradients of one step of an LSTM, given those by its new states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grader import cells
from grader.core import InputKind, Mutant
from grader.drawing import numbers, plans, sizes
from grader.gates import naive_sigmoid
from problems.core import Array
from problems.engine.activations import sigmoid
from problems.engine.recurrent import cell_update, lstm_step_backward, preactivation

VERSION = 1
FUNCTION = "lstm_step_backward"
FRAMEWORKS = ("numpy",)
ARGUMENTS = {
    "dh": "(batch, hidden)",
    "dc": "(batch, hidden)",
    "x": "(batch, in)",
    "h_prev": "(batch, hidden)",
    "c_prev": "(batch, hidden)",
    **cells.WEIGHTS,
}
RETURNS = {
    "dx": "(batch, in)",
    "dh_prev": "(batch, hidden)",
    "dc_prev": "(batch, hidden)",
    "dW": "(4*hidden, in)",
    "dU": "(4*hidden, hidden)",
    "db": "(4*hidden,)",
}
PLANS = plans()

Gradients = tuple[Array, ...]
Backward = Callable[..., Gradients]


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw the gradients by the new states, and the inputs of the step."""
    batch, size, hidden = sizes(kind, rng, 3)
    return {
        "dh": numbers(kind, rng, batch, hidden),
        "dc": numbers(kind, rng, batch, hidden),
        "x": numbers(kind, rng, batch, size),
        "h_prev": numbers(kind, rng, batch, hidden),
        "c_prev": numbers(kind, rng, batch, hidden),
        **cells.draw_weights(kind, rng, size, hidden),
    }


reference = lstm_step_backward


@dataclass(frozen=True)
class _Local:
    """What the rules below read; `t` is tanh(c), and all have shape (batch, hidden)."""

    dh: Array
    dc: Array
    i: Array
    f: Array
    g: Array
    o: Array
    c_prev: Array
    c: Array
    t: Array


Rule = Callable[[_Local, Array], Array]
"""Takes the step's values, and the whole gradient by c once it is known."""

_RULES: dict[str, Rule] = {
    "c": lambda s, dc: dc + s.dh * s.o * (1.0 - s.t**2),
    "i": lambda s, dc: dc * s.g * s.i * (1.0 - s.i),
    "f": lambda s, dc: dc * s.c_prev * s.f * (1.0 - s.f),
    "g": lambda s, dc: dc * s.i * (1.0 - s.g**2),
    "o": lambda s, _: s.dh * s.t * s.o * (1.0 - s.o),
    "c_prev": lambda s, dc: dc * s.f,
}


def _with(
    squash: Callable[[Array], Array] = sigmoid, joined: str = "ifgo", **changed: Rule
) -> Backward:
    """Return the backward pass with some rules changed, and its gates' gradients so joined."""
    rules = _RULES | changed

    def backward(
        dh: Array, dc: Array, x: Array, h_prev: Array, c_prev: Array, *weights: Array
    ) -> Gradients:
        i, f, g, o = np.split(preactivation(x, h_prev, *weights), 4, axis=1)
        i, f, g, o = squash(i), squash(f), np.tanh(g), squash(o)
        c = cell_update(f, c_prev, i, g)
        local = _Local(dh, dc, i, f, g, o, c_prev, c, np.tanh(c))
        dc = rules["c"](local, dc)
        dz = np.concatenate([rules[name](local, dc) for name in joined], axis=1)
        into_state = rules["c_prev"](local, dc)
        W, U, _ = weights
        return dz @ W, dz @ U, into_state, dz.T @ x, dz.T @ h_prev, dz.sum(axis=0)

    return backward


def _wrong_order(order: str) -> Mutant:
    def backward(
        dh: Array, dc: Array, x: Array, h_prev: Array, c_prev: Array, W: Array, U: Array, b: Array
    ) -> Gradients:
        rows = cells.blocks_in_order(order, h_prev.shape[1])
        gradients = reference(dh, dc, x, h_prev, c_prev, W[rows], U[rows], b[rows])
        back = np.argsort(rows)
        return *gradients[:3], *(gradient[back] for gradient in gradients[3:])

    return Mutant(f"order-{order}", cells.order_message(order), backward)


def _mean_over_batch(*inputs: Array) -> Gradients:
    gradients = reference(*inputs)
    return *gradients[:3], *(gradient / len(inputs[0]) for gradient in gradients[3:])


def _transposed(*inputs: Array) -> Gradients:
    *others, dW, dU, db = reference(*inputs)
    return *others, dW.T, dU.T, db


def _negative(*inputs: Array) -> Gradients:
    return tuple(-gradient for gradient in reference(*inputs))


def _states_swapped(*inputs: Array) -> Gradients:
    dx, dh_prev, dc_prev, *others = reference(*inputs)
    return dx, dc_prev, dh_prev, *others


MUTANTS = (
    _wrong_order("ifog"),
    _wrong_order("figo"),
    _wrong_order("iofg"),
    _wrong_order("fiog"),
    Mutant(
        "joined-ifog",
        "The forward step is right, but the gradients of the gates are joined in the order "
        "i, f, o, g. The rows are stacked i, f, g, o.",
        _with(joined="ifog"),
    ),
    Mutant(
        "no-dc",
        "dc, what comes back from the next step, does not come in.",
        _with(c=lambda s, _: s.dh * s.o * (1.0 - s.t**2)),
    ),
    Mutant(
        "no-path-through-h",
        "What reaches c through h is missing: dh * o * (1 - tanh(c)^2) is added to dc.",
        _with(c=lambda _, dc: dc),
    ),
    Mutant(
        "no-tanh-slope",
        "The derivative of tanh(c) is missing on the way from h to c: it is 1 - tanh(c)^2.",
        _with(c=lambda s, dc: dc + s.dh * s.o),
    ),
    Mutant(
        "tanh-slope-at-c",
        "This takes 1 - c^2 for the derivative of tanh(c). It is 1 - tanh(c)^2.",
        _with(c=lambda s, dc: dc + s.dh * s.o * (1.0 - s.c**2)),
    ),
    Mutant(
        "path-not-gated",
        "The output gate is missing on the way from h to c: dh is multiplied by o.",
        _with(c=lambda s, dc: dc + s.dh * (1.0 - s.t**2)),
    ),
    Mutant(
        "no-gate-slopes",
        "The derivatives of the gates' sigmoids are missing: s(1 - s) for each of i, f and o.",
        _with(
            i=lambda s, dc: dc * s.g,
            f=lambda s, dc: dc * s.c_prev,
            o=lambda s, _: s.dh * s.t,
        ),
    ),
    Mutant(
        "tanh-slopes-in-gates",
        "This takes the derivative of tanh, 1 - s^2, in the gates. They are sigmoids: s(1 - s).",
        _with(
            i=lambda s, dc: dc * s.g * (1.0 - s.i**2),
            f=lambda s, dc: dc * s.c_prev * (1.0 - s.f**2),
            o=lambda s, _: s.dh * s.t * (1.0 - s.o**2),
        ),
    ),
    Mutant(
        "no-candidate-slope",
        "The derivative of the candidate's tanh is missing: 1 - g^2.",
        _with(g=lambda s, dc: dc * s.i),
    ),
    Mutant(
        "sigmoid-slope-in-candidate",
        "This takes the derivative of a sigmoid, g(1 - g), in the candidate. "
        "It is a tanh: 1 - g^2.",
        _with(g=lambda s, dc: dc * s.i * s.g * (1.0 - s.g)),
    ),
    Mutant(
        "input-and-candidate-swapped",
        "i and g are swapped: the gradient by i is multiplied by g, and that by g by i.",
        _with(
            i=lambda s, dc: dc * s.i * s.i * (1.0 - s.i),
            g=lambda s, dc: dc * s.g * (1.0 - s.g**2),
        ),
    ),
    Mutant(
        "forget-from-new-state",
        "The forget gate's gradient is computed with c. It multiplied c_prev.",
        _with(f=lambda s, dc: dc * s.c * s.f * (1.0 - s.f)),
    ),
    Mutant(
        "output-without-tanh",
        "The output gate's gradient is computed with c. It multiplied tanh(c).",
        _with(o=lambda s, _: s.dh * s.c * s.o * (1.0 - s.o)),
    ),
    Mutant(
        "dc-prev-not-gated",
        "dc_prev lacks the forget gate, which multiplied c_prev.",
        _with(c_prev=lambda _, dc: dc),
    ),
    Mutant(
        "dc-prev-without-h",
        "dc_prev is f * dc, without what reaches c through h.",
        _with(c_prev=lambda s, _: s.dc * s.f),
    ),
    Mutant(
        "naive-sigmoid",
        "The gates are e^z / (1 + e^z), which overflows for large z. "
        "1 / (1 + e^-z) stays finite there.",
        _with(naive_sigmoid),
    ),
    Mutant(
        "mean-over-batch",
        "This divides dW, dU and db by the size of the batch. They are sums.",
        _mean_over_batch,
    ),
    Mutant(
        "weights-transposed",
        "These are the transposes of dW and dU. They have the shapes of W and U.",
        _transposed,
    ),
    Mutant(
        "states-swapped",
        "dh_prev and dc_prev are swapped.",
        _states_swapped,
    ),
    Mutant(
        "sign",
        "All results have the wrong sign. These are the gradients, not the steps of descent.",
        _negative,
    ),
)
