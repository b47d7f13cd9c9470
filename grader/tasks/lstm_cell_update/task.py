"""The cell update of an LSTM: c = f * c_prev + i * c_tilde, element by element."""

from __future__ import annotations

import numpy as np

from grader.core import InputKind, Mutant
from grader.drawing import numbers, plans, shares, sizes
from problems.core import Array
from problems.engine.activations import sigmoid
from problems.engine.recurrent import cell_update

VERSION = 1
FUNCTION = "cell_update"
ARGUMENTS = {
    "f": "(batch, hidden)",
    "c_prev": "(batch, hidden)",
    "i": "(batch, hidden)",
    "c_tilde": "(batch, hidden)",
}
RETURNS = {"c": "(batch, hidden)"}
PLANS = plans(large=False)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw gates in (0, 1), a cell state, and a candidate in (-1, 1)."""
    shape = sizes(kind, rng, 2)
    return {
        "f": shares(kind, rng, *shape),
        "c_prev": numbers(kind, rng, *shape),
        "i": shares(kind, rng, *shape),
        "c_tilde": 2.0 * shares(kind, rng, *shape) - 1.0,
    }


reference = cell_update

MUTANTS = (
    Mutant(
        "gates-swapped",
        "The gates are swapped: f belongs to c_prev, and i to the candidate.",
        lambda f, c_prev, i, c_tilde: cell_update(i, c_prev, f, c_tilde),
    ),
    Mutant(
        "no-forget-gate",
        "This is c = c_prev + i * c_tilde: the forget gate is missing.",
        lambda _, c_prev, i, c_tilde: c_prev + i * c_tilde,
    ),
    Mutant(
        "no-input-gate",
        "This is c = f * c_prev + c_tilde: the input gate is missing.",
        lambda f, c_prev, _, c_tilde: f * c_prev + c_tilde,
    ),
    Mutant(
        "no-gates",
        "This is c = c_prev + c_tilde: both gates are missing.",
        lambda _f, c_prev, _i, c_tilde: c_prev + c_tilde,
    ),
    Mutant(
        "old-state-dropped",
        "This is c = i * c_tilde: what the forget gate keeps of c_prev is missing.",
        lambda _f, _c, i, c_tilde: i * c_tilde,
    ),
    Mutant(
        "candidate-dropped",
        "This is c = f * c_prev: what the input gate lets in of the candidate is missing.",
        lambda f, c_prev, _i, _c: f * c_prev,
    ),
    Mutant(
        "tanh-on-update",
        "This is tanh(f * c_prev + i * c_tilde). The tanh is for h alone: c stays as it is.",
        lambda *inputs: np.tanh(cell_update(*inputs)),
    ),
    Mutant(
        "coupled-to-input",
        "This is c = (1 - i) * c_prev + i * c_tilde, as in a GRU. "
        "An LSTM has a forget gate of its own.",
        lambda _, c_prev, i, c_tilde: cell_update(1.0 - i, c_prev, i, c_tilde),
    ),
    Mutant(
        "coupled-to-forget",
        "This is c = f * c_prev + (1 - f) * c_tilde. An LSTM has an input gate of its own.",
        lambda f, c_prev, _, c_tilde: cell_update(f, c_prev, 1.0 - f, c_tilde),
    ),
    Mutant(
        "forget-complement",
        "This keeps 1 - f of c_prev. The forget gate is the share that is kept.",
        lambda f, c_prev, i, c_tilde: cell_update(1.0 - f, c_prev, i, c_tilde),
    ),
    Mutant(
        "gates-activated-twice",
        "This takes sigmoids of f and i, which are gates already.",
        lambda f, c_prev, i, c_tilde: cell_update(sigmoid(f), c_prev, sigmoid(i), c_tilde),
    ),
    Mutant(
        "candidate-activated-twice",
        "This takes the tanh of c_tilde, which is a candidate already.",
        lambda f, c_prev, i, c_tilde: cell_update(f, c_prev, i, np.tanh(c_tilde)),
    ),
    Mutant(
        "matrix-product",
        "This takes matrix products. A gate acts element by element, with *.",
        lambda f, c_prev, i, c_tilde: f @ c_prev + i @ c_tilde,
    ),
    Mutant(
        "product-of-terms",
        "This multiplies the two terms. What is kept and what is let in are added.",
        lambda f, c_prev, i, c_tilde: f * c_prev * i * c_tilde,
    ),
    Mutant(
        "difference-of-terms",
        "This subtracts what is let in. What is kept and what is let in are added.",
        lambda f, c_prev, i, c_tilde: f * c_prev - i * c_tilde,
    ),
)
