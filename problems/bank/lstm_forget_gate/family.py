"""The forget gate of an LSTM, from the input and the previous hidden state (Gers et al. 2000)."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Vector
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine import recurrent
from problems.engine.activations import sigmoid


@dataclass(frozen=True)
class Params:
    """The input, the states, and the weights of the forget gate and of the input gate."""

    inputs: int = param("length of the input x", 1, 16)
    hidden: int = param("length of the hidden state h", 1, 16)
    x: Array = param("input x_t, shape (inputs,)", -100, 100)
    h_prev: Array = param("previous hidden state, shape (hidden,)", -100, 100)
    c_prev: Array = param("previous cell state, shape (hidden,)", -100, 100)
    W_f: Array = param("forget gate's input weights, shape (hidden, inputs)", -100, 100)
    U_f: Array = param("forget gate's recurrent weights, shape (hidden, hidden)", -100, 100)
    b_f: Array = param("forget gate's bias, shape (hidden,)", -100, 100)
    W_i: Array = param("input gate's input weights, shape (hidden, inputs)", -100, 100)
    U_i: Array = param("input gate's recurrent weights, shape (hidden, hidden)", -100, 100)
    b_i: Array = param("input gate's bias, shape (hidden,)", -100, 100)


VERSION = 1
PARTS = {"f": Vector(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw a cell that is small enough for a pocket calculator."""
    n, m = r.int("inputs", 2, 3), r.int("hidden", 2, 2)
    return Params(
        inputs=n,
        hidden=m,
        x=r.array("x", (n,), -2, 2, 1),
        h_prev=r.array("h_prev", (m,), -0.9, 0.9, 1),
        c_prev=r.array("c_prev", (m,), -2, 2, 1),
        W_f=r.array("W_f", (m, n), -1, 1, 1),
        U_f=r.array("U_f", (m, m), -1, 1, 1),
        b_f=r.array("b_f", (m,), -1, 1, 1),
        W_i=r.array("W_i", (m, n), -1, 1, 1),
        U_i=r.array("U_i", (m, m), -1, 1, 1),
        b_i=r.array("b_i", (m,), -1, 1, 1),
    )


def answer(p: Params) -> dict:
    """Compute the gate with the reference engine."""
    return {"f": recurrent.gate(p.x, p.h_prev, p.W_f, p.U_f, p.b_f)}


def witness(p: Params) -> dict:
    """Run torch.nn.LSTMCell with candidate 0 and c_prev 1: its new cell state is the gate."""
    import torch

    cell = torch.nn.LSTMCell(p.inputs, p.hidden, dtype=torch.float64)
    forget = slice(p.hidden, 2 * p.hidden)  # PyTorch stacks i, f, g, o
    with torch.no_grad():
        for weights in cell.parameters():
            weights.zero_()
        cell.weight_ih[forget] = torch.tensor(p.W_f)
        cell.weight_hh[forget] = torch.tensor(p.U_f)
        cell.bias_ih[forget] = torch.tensor(p.b_f)
        h = torch.tensor(p.h_prev)[None]
        _, c = cell(torch.tensor(p.x)[None], (h, torch.ones_like(h)))
    return {"f": c[0].numpy()}


def _z(p: Params) -> Array:
    return recurrent.preactivation(p.x, p.h_prev, p.W_f, p.U_f, p.b_f)


MISTAKES = (
    Mistake(
        "tanh-for-sigmoid",
        "This is tanh; a gate goes through the sigmoid, so that it lies between 0 and 1.",
        lambda p: {"f": np.tanh(_z(p))},
    ),
    Mistake(
        "cell-for-hidden",
        "This reads the previous cell state; the gate reads the previous hidden state.",
        lambda p: {"f": recurrent.gate(p.x, p.c_prev, p.W_f, p.U_f, p.b_f)},
    ),
    Mistake(
        "bias-forgotten",
        "The bias is missing.",
        lambda p: {"f": sigmoid(_z(p) - p.b_f)},
    ),
    Mistake(
        "other-gate",
        "These are the weights of the input gate; each gate has its own.",
        lambda p: {"f": recurrent.gate(p.x, p.h_prev, p.W_i, p.U_i, p.b_i)},
    ),
    Mistake(
        "no-recurrent-term",
        "The previous hidden state counts too: its term is missing.",
        lambda p: {"f": sigmoid(p.W_f @ p.x + p.b_f)},
    ),
    Mistake(
        "no-input-term",
        "The input counts too: its term is missing.",
        lambda p: {"f": sigmoid(p.U_f @ p.h_prev + p.b_f)},
    ),
    Mistake(
        "one-minus",
        "This is 1 minus the gate. The forget gate is the share that is kept.",
        lambda p: {"f": 1 - sigmoid(_z(p))},
    ),
    Mistake(
        "recurrent-transposed",
        "The recurrent matrix is transposed: row k belongs to unit k.",
        lambda p: (
            {"f": recurrent.gate(p.x, p.h_prev, p.W_f, p.U_f.T, p.b_f)} if p.hidden > 1 else {}
        ),
    ),
    Mistake(
        "no-activation",
        "This is the sum before the sigmoid.",
        lambda p: {"f": _z(p)},
    ),
)


def steps(p: Params) -> dict:
    """Return the terms of each unit's sum."""
    return {"Wx": p.W_f @ p.x, "Uh": p.U_f @ p.h_prev, "z": _z(p)}
