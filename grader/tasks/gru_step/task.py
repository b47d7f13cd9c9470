"""One step of a GRU in PyTorch's convention: rows r, z, n; reset after the product; z keeps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.core import InputKind, Mutant
from grader.drawing import numbers, plans, saturating, sizes
from grader.gates import naive_sigmoid
from problems.core import Array
from problems.engine.activations import sigmoid
from problems.engine.recurrent import gru_mix, gru_step

VERSION = 1
FUNCTION = "gru_step"
FRAMEWORKS = ("numpy",)
ARGUMENTS = {
    "x": "(batch, in)",
    "h_prev": "(batch, hidden)",
    "W": "(3*hidden, in)",
    "U": "(3*hidden, hidden)",
    "b": "(3*hidden,)",
}
RETURNS = {"h": "(batch, hidden)"}
PLANS = plans()


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw the input, the state and the weights; `large` has biases of +-800, as in a gate."""
    batch, size, hidden = sizes(kind, rng, 3)
    return {
        "x": numbers(kind, rng, batch, size),
        "h_prev": numbers(kind, rng, batch, hidden),
        "W": numbers(kind, rng, 3 * hidden, size),
        "U": numbers(kind, rng, 3 * hidden, hidden),
        "b": saturating(rng, 3 * hidden) if kind == "large" else numbers(kind, rng, 3 * hidden),
    }


reference = gru_step

Step = Callable[..., Array]


def _cell(
    argument: Callable[[Array, Array, Array, Array], Array] = lambda r, x, h, b: x + r * h + b,
    mix: Callable[[Array, Array, Array], Array] = gru_mix,
    squash: Callable[[Array], Array] = sigmoid,
    activation: Callable[[Array], Array] = np.tanh,
) -> Step:
    """Return a step with its own formulas.

    `argument` gives the candidate's from r, x W_n^T, h_prev U_n^T and b_n; `mix` the new state
    from z, h_prev and n; `squash` is the gates' activation, `activation` the candidate's.
    """

    def step(x: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
        of_x, of_h = np.split(x @ W.T, 3, axis=1), np.split(h_prev @ U.T, 3, axis=1)
        b_r, b_z, b_n = np.split(b, 3)
        r, z = squash(of_x[0] + of_h[0] + b_r), squash(of_x[1] + of_h[1] + b_z)
        return mix(z, h_prev, activation(argument(r, of_x[2], of_h[2], b_n)))

    return step


def _wrong_order(order: str) -> Mutant:
    def step(x: Array, h_prev: Array, *weights: Array) -> Array:
        blocks = np.arange(3 * h_prev.shape[1]).reshape(3, -1)
        rows = blocks[[order.index(name) for name in "rzn"]].reshape(-1)
        return gru_step(x, h_prev, *(weight[rows] for weight in weights))

    listed = ", ".join(order)
    return Mutant(
        f"order-{order}",
        f"This takes the rows to be stacked in the order {listed}. They are stacked r, z, n.",
        step,
    )


def _blocks_transposed(x: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return gru_step(x, h_prev, W, np.concatenate([block.T for block in np.split(U, 3)]), b)


MUTANTS = (
    Mutant(
        "reset-before",
        "This resets h_prev before the product with U_n. "
        "Here the reset gate acts on the product, h_prev U_n^T.",
        lambda *inputs: gru_step(*inputs, reset="before"),
    ),
    Mutant(
        "update-new",
        "This takes z to be the share of the candidate. Here it is the share of h_prev.",
        lambda *inputs: gru_step(*inputs, update="new"),
    ),
    Mutant(
        "both-conventions",
        "This resets before the product with U_n and takes z to be the share of the candidate. "
        "Here the reset comes after the product, and z is the share of h_prev.",
        lambda *inputs: gru_step(*inputs, reset="before", update="new"),
    ),
    Mutant(
        "reset-on-bias",
        "The reset gate acts on the bias b_n too. It acts on h_prev U_n^T alone.",
        _cell(lambda r, x, h, b: x + r * (h + b)),
    ),
    Mutant(
        "reset-on-all",
        "The reset gate acts on the whole argument of tanh. It acts on h_prev U_n^T alone.",
        _cell(lambda r, x, h, b: r * (x + h + b)),
    ),
    Mutant(
        "no-reset",
        "The reset gate is missing: the candidate sees all of h_prev U_n^T.",
        _cell(lambda _, x, h, b: x + h + b),
    ),
    Mutant(
        "no-recurrence-in-candidate",
        "The candidate is computed from x alone; r * (h_prev U_n^T) is missing.",
        _cell(lambda _r, x, _h, b: x + b),
    ),
    Mutant(
        "no-update",
        "This returns the candidate: the update gate is missing.",
        _cell(mix=lambda _z, _h, n: n),
    ),
    Mutant(
        "old-state-dropped",
        "This is (1 - z) * n: what the update gate keeps of h_prev is missing.",
        _cell(mix=lambda z, _, n: (1.0 - z) * n),
    ),
    Mutant(
        "not-coupled",
        "This is z * h_prev + n. The candidate comes in with 1 - z.",
        _cell(mix=lambda z, h, n: z * h + n),
    ),
    Mutant(
        "sigmoid-candidate",
        "The candidate n goes through a sigmoid here; it should go through tanh.",
        _cell(activation=sigmoid),
    ),
    Mutant(
        "tanh-gates",
        "The gates go through tanh here; they should go through a sigmoid.",
        _cell(squash=np.tanh),
    ),
    Mutant(
        "naive-sigmoid",
        "The gates are e^z / (1 + e^z), which overflows for large z. "
        "1 / (1 + e^-z) stays finite there.",
        _cell(squash=naive_sigmoid),
    ),
    _wrong_order("zrn"),
    _wrong_order("rnz"),
    Mutant(
        "blocks-transposed",
        "This multiplies h_prev by each block of U where it should be the block's transpose.",
        _blocks_transposed,
    ),
    Mutant(
        "no-bias",
        "This is the step without its bias b.",
        lambda x, h_prev, W, U, b: gru_step(x, h_prev, W, U, np.zeros_like(b)),
    ),
    Mutant(
        "no-input-term",
        "This is the step without its input term: x does not come in.",
        lambda x, h_prev, W, U, b: gru_step(x, h_prev, np.zeros_like(W), U, b),
    ),
)
