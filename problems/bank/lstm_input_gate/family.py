"""The input gate of an LSTM, from the input and previous state (Hochreiter & Schmidhuber 1997)."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Vector
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine import recurrent
from problems.engine.activations import sigmoid


@dataclass(frozen=True)
class Params:
    """The input, the states, and the weights of the input gate and of the forget gate."""

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
PARTS = {"i": Vector(decimals=3)}


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
    return {"i": recurrent.gate(p.x, p.h_prev, p.W_i, p.U_i, p.b_i)}


def witness(p: Params) -> dict:
    """Run torch.nn.LSTMCell with candidate 1 and c_prev 0: its new cell state is the gate."""
    import torch

    cell = torch.nn.LSTMCell(p.inputs, p.hidden, dtype=torch.float64)
    gate = slice(0, p.hidden)  # PyTorch stacks i, f, g, o
    candidate = slice(2 * p.hidden, 3 * p.hidden)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.zero_()
        cell.weight_ih[gate] = torch.tensor(p.W_i)
        cell.weight_hh[gate] = torch.tensor(p.U_i)
        cell.bias_ih[gate] = torch.tensor(p.b_i)
        cell.bias_ih[candidate] = 50  # tanh(50) is 1 to the last bit
        h = torch.tensor(p.h_prev)[None]
        _, c = cell(torch.tensor(p.x)[None], (h, torch.zeros_like(h)))
    return {"i": c[0].numpy()}


def _z(p: Params) -> Array:
    return recurrent.preactivation(p.x, p.h_prev, p.W_i, p.U_i, p.b_i)


MISTAKES = (
    Mistake(
        "tanh-for-sigmoid",
        "This is tanh; a gate goes through the sigmoid, so that it lies between 0 and 1.",
        lambda p: {"i": np.tanh(_z(p))},
    ),
    Mistake(
        "forget-gate-given",
        "This is the forget gate; the input gate has its own weights.",
        lambda p: {"i": recurrent.gate(p.x, p.h_prev, p.W_f, p.U_f, p.b_f)},
    ),
    Mistake(
        "coupled",
        "This is 1 minus the forget gate. In this cell the two gates are independent.",
        lambda p: {"i": 1 - recurrent.gate(p.x, p.h_prev, p.W_f, p.U_f, p.b_f)},
    ),
    Mistake(
        "bias-forgotten",
        "The bias is missing.",
        lambda p: {"i": sigmoid(_z(p) - p.b_i)},
    ),
    Mistake(
        "cell-for-hidden",
        "This reads the previous cell state; the gate reads the previous hidden state.",
        lambda p: {"i": recurrent.gate(p.x, p.c_prev, p.W_i, p.U_i, p.b_i)},
    ),
    Mistake(
        "no-recurrent-term",
        "The previous hidden state counts too: its term is missing.",
        lambda p: {"i": sigmoid(p.W_i @ p.x + p.b_i)},
    ),
    Mistake(
        "recurrent-transposed",
        "The recurrent matrix is transposed: row k belongs to unit k.",
        lambda p: (
            {"i": recurrent.gate(p.x, p.h_prev, p.W_i, p.U_i.T, p.b_i)} if p.hidden > 1 else {}
        ),
    ),
    Mistake(
        "no-activation",
        "This is the sum before the sigmoid.",
        lambda p: {"i": _z(p)},
    ),
)


def steps(p: Params) -> dict:
    """Return the terms of each unit's sum."""
    return {"Wx": p.W_i @ p.x, "Uh": p.U_i @ p.h_prev, "z": _z(p)}
