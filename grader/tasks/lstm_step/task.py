"""One step of an LSTM: (h, c) from x, h_prev and c_prev, rows stacked in PyTorch's order."""

from __future__ import annotations

import numpy as np

from grader import cells
from grader.core import InputKind, Mutant
from grader.drawing import numbers, plans, sizes
from problems.core import Array
from problems.engine.recurrent import lstm_step

VERSION = 1
FUNCTION = "lstm_step"
ARGUMENTS = {
    "x": "(batch, in)",
    "h_prev": "(batch, hidden)",
    "c_prev": "(batch, hidden)",
    **cells.WEIGHTS,
}
RETURNS = {"h": "(batch, hidden)", "c": "(batch, hidden)"}
PLANS = plans()


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw the input, both states, and weights that saturate the gates for `large`."""
    batch, size, hidden = sizes(kind, rng, 3)
    return {
        "x": numbers(kind, rng, batch, size),
        "h_prev": numbers(kind, rng, batch, hidden),
        "c_prev": numbers(kind, rng, batch, hidden),
        **cells.draw_weights(kind, rng, size, hidden),
    }


reference = lstm_step


def _swapped(x: Array, h_prev: Array, c_prev: Array, *weights: Array) -> cells.States:
    h, c = lstm_step(x, h_prev, c_prev, *weights)
    return c, h


MUTANTS = (
    *cells.WRONG_STEPS,
    Mutant(
        "swapped-outputs",
        "The two results are swapped: return (h, c), not (c, h).",
        _swapped,
    ),
)
