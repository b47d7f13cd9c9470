"""The hidden state of an LSTM: h = o * tanh(c), element by element."""

from __future__ import annotations

import numpy as np

from grader.core import InputKind, Mutant
from grader.drawing import numbers, plans, saturating, shares, sizes
from grader.gates import naive_tanh, naive_tanh_of_double
from problems.core import Array
from problems.engine.activations import relu, sigmoid
from problems.engine.recurrent import hidden_state

VERSION = 1
FUNCTION = "hidden_state"
ARGUMENTS = {"o": "(batch, hidden)", "c": "(batch, hidden)"}
RETURNS = {"h": "(batch, hidden)"}
PLANS = plans()


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw a gate in (0, 1) and a cell state, of +-800 for `large`."""
    shape = sizes(kind, rng, 2)
    o = shares(kind, rng, *shape)
    c = saturating(rng, o.size).reshape(shape) if kind == "large" else numbers(kind, rng, *shape)
    return {"o": o, "c": c}


reference = hidden_state

MUTANTS = (
    Mutant(
        "no-tanh",
        "This is h = o * c. The cell state goes through tanh first.",
        lambda o, c: o * c,
    ),
    Mutant(
        "sigmoid-on-c",
        "This is h = o * sigmoid(c). The cell state goes through tanh.",
        lambda o, c: o * sigmoid(c),
    ),
    Mutant(
        "relu-on-c",
        "This is h = o * ReLU(c). The cell state goes through tanh.",
        lambda o, c: o * relu(c),
    ),
    Mutant(
        "no-output-gate",
        "This is h = tanh(c): the output gate is missing.",
        lambda _, c: np.tanh(c),
    ),
    Mutant(
        "c-for-h",
        "This is the cell state itself: neither its tanh nor the output gate comes in.",
        lambda _, c: c.copy(),
    ),
    Mutant(
        "tanh-of-product",
        "This is h = tanh(o * c). The tanh is of c alone; the gate acts on the result.",
        lambda o, c: np.tanh(o * c),
    ),
    Mutant(
        "tanh-on-both",
        "This takes the tanh of o too, which is a gate already.",
        lambda o, c: np.tanh(o) * np.tanh(c),
    ),
    Mutant(
        "gate-activated-twice",
        "This takes a sigmoid of o, which is a gate already.",
        lambda o, c: sigmoid(o) * np.tanh(c),
    ),
    Mutant(
        "complement",
        "This shows 1 - o of the cell. The output gate is the share that is shown.",
        lambda o, c: (1.0 - o) * np.tanh(c),
    ),
    Mutant(
        "arguments-swapped",
        "This is c * tanh(o). The tanh is of the cell state, and o is the gate.",
        lambda o, c: c * np.tanh(o),
    ),
    Mutant(
        "sum",
        "This adds o and tanh(c). A gate multiplies.",
        lambda o, c: o + np.tanh(c),
    ),
    Mutant(
        "matrix-product",
        "This takes a matrix product. A gate acts element by element, with *.",
        lambda o, c: o @ np.tanh(c),
    ),
    Mutant(
        "naive-tanh",
        "This is (e^c - e^-c) / (e^c + e^-c), which overflows for large c. "
        "The library's tanh stays finite there.",
        lambda o, c: o * naive_tanh(c),
    ),
    Mutant(
        "naive-tanh-of-double",
        "This is (e^2c - 1) / (e^2c + 1), which overflows for large c. "
        "The library's tanh stays finite there.",
        lambda o, c: o * naive_tanh_of_double(c),
    ),
)
