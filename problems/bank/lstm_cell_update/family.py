"""The new cell state of an LSTM, from the gates and the candidate: an element-wise update."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Vector
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine import recurrent


@dataclass(frozen=True)
class Params:
    """The two gates, the previous cell state and the candidate, all of length `hidden`."""

    hidden: int = param("length of the cell state", 1, 16)
    f: Array = param("forget gate f_t, shape (hidden,)", 0, 1)
    c_prev: Array = param("previous cell state c_(t-1), shape (hidden,)", -100, 100)
    i: Array = param("input gate i_t, shape (hidden,)", 0, 1)
    c_tilde: Array = param("candidate cell state, shape (hidden,)", -1, 1)


VERSION = 1
PARTS = {"c": Vector(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw values that multiply by hand."""
    m = r.int("hidden", 2, 4)
    return Params(
        hidden=m,
        f=r.array("f", (m,), 0.1, 0.9, 1),
        c_prev=r.array("c_prev", (m,), -3, 3, 1),
        i=r.array("i", (m,), 0.1, 0.9, 1),
        c_tilde=r.array("c_tilde", (m,), -0.9, 0.9, 1),
    )


def answer(p: Params) -> dict:
    """Compute the update with the reference engine."""
    return {"c": recurrent.cell_update(p.f, p.c_prev, p.i, p.c_tilde)}


def witness(p: Params) -> dict:
    """Run torch.nn.LSTMCell with biases from which its gates and candidate are the given ones."""
    import torch

    cell = torch.nn.LSTMCell(1, p.hidden, dtype=torch.float64)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.zero_()
        i, f, g, _ = cell.bias_ih.chunk(4)  # PyTorch stacks i, f, g, o
        i.copy_(torch.logit(torch.tensor(p.i)))
        f.copy_(torch.logit(torch.tensor(p.f)))
        g.copy_(torch.atanh(torch.tensor(p.c_tilde)))
        c_prev = torch.tensor(p.c_prev)[None]
        _, c = cell(torch.zeros(1, 1, dtype=torch.float64), (torch.zeros_like(c_prev), c_prev))
    return {"c": c[0].numpy()}


def _update(p: Params) -> Array:
    return recurrent.cell_update(p.f, p.c_prev, p.i, p.c_tilde)


def _convolved(a: Array, b: Array) -> Array:
    """Return the convolution of two vectors, cut to their length."""
    return np.convolve(a, b)[: len(a)]


MISTAKES = (
    Mistake(
        "gates-swapped",
        "The forget gate belongs to the old cell state, the input gate to the candidate.",
        lambda p: {"c": recurrent.cell_update(p.i, p.c_prev, p.f, p.c_tilde)},
    ),
    Mistake(
        "matrix-product",
        "This sums over the units, as a product of matrices does; here each unit keeps to itself.",
        lambda p: (
            {"c": np.full(p.hidden, p.f @ p.c_prev + p.i @ p.c_tilde)} if p.hidden > 1 else {}
        ),
    ),
    Mistake(
        "convolved",
        "This reads the sign as a convolution; it stands for the product element by element.",
        lambda p: (
            {"c": _convolved(p.f, p.c_prev) + _convolved(p.i, p.c_tilde)} if p.hidden > 1 else {}
        ),
    ),
    Mistake(
        "forget-gate-dropped",
        "The old cell state is kept only as far as the forget gate lets it.",
        lambda p: {"c": p.c_prev + p.i * p.c_tilde},
    ),
    Mistake(
        "input-gate-dropped",
        "The candidate is written only as far as the input gate lets it.",
        lambda p: {"c": p.f * p.c_prev + p.c_tilde},
    ),
    Mistake(
        "tanh-applied",
        "The cell state is not squashed; tanh comes later, in the hidden state.",
        lambda p: {"c": np.tanh(_update(p))},
    ),
    Mistake(
        "coupled",
        "This uses 1 minus the forget gate for the candidate; here the input gate is its own.",
        lambda p: {"c": p.f * p.c_prev + (1 - p.f) * p.c_tilde},
    ),
    Mistake(
        "candidate-only",
        "The old cell state is missing: what the forget gate keeps of it counts too.",
        lambda p: {"c": p.i * p.c_tilde},
    ),
    Mistake(
        "old-state-only",
        "The candidate is missing: something new is written too.",
        lambda p: {"c": p.f * p.c_prev},
    ),
)


def steps(p: Params) -> dict:
    """Return what is kept and what is written, unit by unit."""
    return {"kept": p.f * p.c_prev, "written": p.i * p.c_tilde}
