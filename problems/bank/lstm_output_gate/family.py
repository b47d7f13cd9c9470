"""The output gate of an LSTM, from the input and the previous hidden state.

The row's peephole mistake adds V c_t. This cell has no peephole weights to show, so the mistake is
what is left of it: the new cell state itself is added to the sum.
"""

from dataclasses import dataclass

import numpy as np

from problems.answers import Vector
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine import recurrent
from problems.engine.activations import sigmoid


@dataclass(frozen=True)
class Params:
    """The input, the states, the new cell state, and the weights of the output and forget gates."""

    inputs: int = param("length of the input x", 1, 16)
    hidden: int = param("length of the hidden state h", 1, 16)
    x: Array = param("input x_t, shape (inputs,)", -100, 100)
    h_prev: Array = param("previous hidden state, shape (hidden,)", -100, 100)
    c: Array = param("new cell state c_t, shape (hidden,)", -100, 100)
    W_o: Array = param("output gate's input weights, shape (hidden, inputs)", -100, 100)
    U_o: Array = param("output gate's recurrent weights, shape (hidden, hidden)", -100, 100)
    b_o: Array = param("output gate's bias, shape (hidden,)", -100, 100)
    W_f: Array = param("forget gate's input weights, shape (hidden, inputs)", -100, 100)
    U_f: Array = param("forget gate's recurrent weights, shape (hidden, hidden)", -100, 100)
    b_f: Array = param("forget gate's bias, shape (hidden,)", -100, 100)


VERSION = 1
PARTS = {"o": Vector(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw a cell that is small enough for a pocket calculator."""
    n, m = r.int("inputs", 2, 3), r.int("hidden", 2, 2)
    return Params(
        inputs=n,
        hidden=m,
        x=r.array("x", (n,), -2, 2, 1),
        h_prev=r.array("h_prev", (m,), -0.9, 0.9, 1),
        c=r.array("c", (m,), -2, 2, 1),
        W_o=r.array("W_o", (m, n), -1, 1, 1),
        U_o=r.array("U_o", (m, m), -1, 1, 1),
        b_o=r.array("b_o", (m,), -1, 1, 1),
        W_f=r.array("W_f", (m, n), -1, 1, 1),
        U_f=r.array("U_f", (m, m), -1, 1, 1),
        b_f=r.array("b_f", (m,), -1, 1, 1),
    )


def answer(p: Params) -> dict:
    """Compute the gate with the reference engine."""
    return {"o": recurrent.gate(p.x, p.h_prev, p.W_o, p.U_o, p.b_o)}


def witness(p: Params) -> dict:
    """Run torch.nn.LSTMCell with a cell state so large that its tanh is 1: h is the gate."""
    import torch

    cell = torch.nn.LSTMCell(p.inputs, p.hidden, dtype=torch.float64)
    gate = slice(3 * p.hidden, 4 * p.hidden)  # PyTorch stacks i, f, g, o
    with torch.no_grad():
        for weights in cell.parameters():
            weights.zero_()
        cell.weight_ih[gate] = torch.tensor(p.W_o)
        cell.weight_hh[gate] = torch.tensor(p.U_o)
        cell.bias_ih[gate] = torch.tensor(p.b_o)
        h = torch.tensor(p.h_prev)[None]
        # The forget gate is sigmoid(0) = 1/2, so half of c_prev is left: 50.
        o, _ = cell(torch.tensor(p.x)[None], (h, torch.full_like(h, 100)))
    return {"o": o[0].numpy()}


def _z(p: Params) -> Array:
    return recurrent.preactivation(p.x, p.h_prev, p.W_o, p.U_o, p.b_o)


MISTAKES = (
    Mistake(
        "tanh-for-sigmoid",
        "This is tanh; a gate goes through the sigmoid, so that it lies between 0 and 1.",
        lambda p: {"o": np.tanh(_z(p))},
    ),
    Mistake(
        "new-hidden-used",
        "This reads the new hidden state, which comes out of this gate: read the previous one.",
        lambda p: {
            "o": recurrent.gate(
                p.x, recurrent.hidden_state(sigmoid(_z(p)), p.c), p.W_o, p.U_o, p.b_o
            )
        },
    ),
    Mistake(
        "peephole-added",
        "This adds the new cell state to the sum, as a peephole would; this cell has none.",
        lambda p: {"o": sigmoid(_z(p) + p.c)},
    ),
    Mistake(
        "cell-for-hidden",
        "This reads the cell state; the gate reads the previous hidden state.",
        lambda p: {"o": recurrent.gate(p.x, p.c, p.W_o, p.U_o, p.b_o)},
    ),
    Mistake(
        "bias-forgotten",
        "The bias is missing.",
        lambda p: {"o": sigmoid(_z(p) - p.b_o)},
    ),
    Mistake(
        "other-gate",
        "These are the weights of the forget gate; each gate has its own.",
        lambda p: {"o": recurrent.gate(p.x, p.h_prev, p.W_f, p.U_f, p.b_f)},
    ),
    Mistake(
        "no-recurrent-term",
        "The previous hidden state counts too: its term is missing.",
        lambda p: {"o": sigmoid(p.W_o @ p.x + p.b_o)},
    ),
    Mistake(
        "no-activation",
        "This is the sum before the sigmoid.",
        lambda p: {"o": _z(p)},
    ),
    Mistake(
        "hidden-state-given",
        "This is the new hidden state; the gate alone is asked for.",
        lambda p: {"o": recurrent.hidden_state(sigmoid(_z(p)), p.c)},
    ),
)


def steps(p: Params) -> dict:
    """Return the terms of each unit's sum."""
    return {"Wx": p.W_o @ p.x, "Uh": p.U_o @ p.h_prev, "z": _z(p)}
