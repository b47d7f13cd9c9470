"""The candidate cell state of an LSTM, from the input and the previous hidden state."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Vector
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine import recurrent
from problems.engine.activations import sigmoid


@dataclass(frozen=True)
class Params:
    """The input, the states, and the weights of the candidate and of the input gate."""

    inputs: int = param("length of the input x", 1, 16)
    hidden: int = param("length of the hidden state h", 1, 16)
    x: Array = param("input x_t, shape (inputs,)", -100, 100)
    h_prev: Array = param("previous hidden state, shape (hidden,)", -100, 100)
    c_prev: Array = param("previous cell state, shape (hidden,)", -100, 100)
    W_c: Array = param("candidate's input weights, shape (hidden, inputs)", -100, 100)
    U_c: Array = param("candidate's recurrent weights, shape (hidden, hidden)", -100, 100)
    b_c: Array = param("candidate's bias, shape (hidden,)", -100, 100)
    W_i: Array = param("input gate's input weights, shape (hidden, inputs)", -100, 100)
    U_i: Array = param("input gate's recurrent weights, shape (hidden, hidden)", -100, 100)
    b_i: Array = param("input gate's bias, shape (hidden,)", -100, 100)


VERSION = 1
PARTS = {"c_tilde": Vector(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw a cell that is small enough for a pocket calculator."""
    n, m = r.int("inputs", 2, 3), r.int("hidden", 2, 2)
    return Params(
        inputs=n,
        hidden=m,
        x=r.array("x", (n,), -2, 2, 1),
        h_prev=r.array("h_prev", (m,), -0.9, 0.9, 1),
        c_prev=r.array("c_prev", (m,), -2, 2, 1),
        W_c=r.array("W_c", (m, n), -1, 1, 1),
        U_c=r.array("U_c", (m, m), -1, 1, 1),
        b_c=r.array("b_c", (m,), -1, 1, 1),
        W_i=r.array("W_i", (m, n), -1, 1, 1),
        U_i=r.array("U_i", (m, m), -1, 1, 1),
        b_i=r.array("b_i", (m,), -1, 1, 1),
    )


def answer(p: Params) -> dict:
    """Compute the candidate with the reference engine."""
    return {"c_tilde": recurrent.candidate(p.x, p.h_prev, p.W_c, p.U_c, p.b_c)}


def witness(p: Params) -> dict:
    """Run torch.nn.LSTMCell with input gate 1 and c_prev 0: its new cell state is the candidate."""
    import torch

    cell = torch.nn.LSTMCell(p.inputs, p.hidden, dtype=torch.float64)
    candidate = slice(2 * p.hidden, 3 * p.hidden)  # PyTorch stacks i, f, g, o
    with torch.no_grad():
        for weights in cell.parameters():
            weights.zero_()
        cell.weight_ih[candidate] = torch.tensor(p.W_c)
        cell.weight_hh[candidate] = torch.tensor(p.U_c)
        cell.bias_ih[candidate] = torch.tensor(p.b_c)
        cell.bias_ih[: p.hidden] = 50  # sigmoid(50) is 1 to the last bit
        h = torch.tensor(p.h_prev)[None]
        _, c = cell(torch.tensor(p.x)[None], (h, torch.zeros_like(h)))
    return {"c_tilde": c[0].numpy()}


def _z(p: Params) -> Array:
    return recurrent.preactivation(p.x, p.h_prev, p.W_c, p.U_c, p.b_c)


MISTAKES = (
    Mistake(
        "sigmoid-for-tanh",
        "This is the sigmoid; the candidate is no gate, it goes through tanh.",
        lambda p: {"c_tilde": sigmoid(_z(p))},
    ),
    Mistake(
        "cell-read-in",
        "This reads the previous cell state; the candidate reads the previous hidden state.",
        lambda p: {"c_tilde": recurrent.candidate(p.x, p.c_prev, p.W_c, p.U_c, p.b_c)},
    ),
    Mistake(
        "bias-forgotten",
        "The bias is missing.",
        lambda p: {"c_tilde": np.tanh(_z(p) - p.b_c)},
    ),
    Mistake(
        "other-weights",
        "These are the weights of the input gate; the candidate has its own.",
        lambda p: {"c_tilde": recurrent.candidate(p.x, p.h_prev, p.W_i, p.U_i, p.b_i)},
    ),
    Mistake(
        "no-recurrent-term",
        "The previous hidden state counts too: its term is missing.",
        lambda p: {"c_tilde": np.tanh(p.W_c @ p.x + p.b_c)},
    ),
    Mistake(
        "recurrent-transposed",
        "The recurrent matrix is transposed: row k belongs to unit k.",
        lambda p: (
            {"c_tilde": recurrent.candidate(p.x, p.h_prev, p.W_c, p.U_c.T, p.b_c)}
            if p.hidden > 1
            else {}
        ),
    ),
    Mistake(
        "no-activation",
        "This is the sum before tanh.",
        lambda p: {"c_tilde": _z(p)},
    ),
    Mistake(
        "input-gate-applied",
        "This is already multiplied by the input gate; the candidate alone is asked for.",
        lambda p: {"c_tilde": np.tanh(_z(p)) * recurrent.gate(p.x, p.h_prev, p.W_i, p.U_i, p.b_i)},
    ),
)


def steps(p: Params) -> dict:
    """Return the terms of each unit's sum."""
    return {"Wx": p.W_c @ p.x, "Uh": p.U_c @ p.h_prev, "z": _z(p)}
