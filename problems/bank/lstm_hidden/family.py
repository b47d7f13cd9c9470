"""The hidden state of an LSTM, from the output gate and the cell state."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Vector
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine import recurrent
from problems.engine.activations import sigmoid


@dataclass(frozen=True)
class Params:
    """The output gate and the two cell states, all of length `hidden`."""

    hidden: int = param("length of the hidden state", 1, 16)
    o: Array = param("output gate o_t, shape (hidden,)", 0, 1)
    c: Array = param("new cell state c_t, shape (hidden,)", -100, 100)
    c_prev: Array = param("previous cell state c_(t-1), shape (hidden,)", -100, 100)


VERSION = 1
PARTS = {"h": Vector(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw cell states small enough that tanh has something to say."""
    m = r.int("hidden", 2, 4)
    return Params(
        hidden=m,
        o=r.array("o", (m,), 0.1, 0.9, 2),
        c=r.array("c", (m,), -2, 2, 1),
        c_prev=r.array("c_prev", (m,), -2, 2, 1),
    )


def answer(p: Params) -> dict:
    """Compute the hidden state with the reference engine."""
    return {"h": recurrent.hidden_state(p.o, p.c)}


def witness(p: Params) -> dict:
    """Run torch.nn.LSTMCell with forget gate 1, input gate 0 and the given output gate."""
    import torch

    cell = torch.nn.LSTMCell(1, p.hidden, dtype=torch.float64)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.zero_()
        i, f, _, o = cell.bias_ih.chunk(4)  # PyTorch stacks i, f, g, o
        i.fill_(-1000)  # sigmoid(-1000) is 0, sigmoid(1000) is 1
        f.fill_(1000)
        o.copy_(torch.logit(torch.tensor(p.o)))
        c = torch.tensor(p.c)[None]
        h, _ = cell(torch.zeros(1, 1, dtype=torch.float64), (torch.zeros_like(c), c))
    return {"h": h[0].numpy()}


MISTAKES = (
    Mistake(
        "no-tanh",
        "The cell state goes through tanh before the output gate filters it.",
        lambda p: {"h": p.o * p.c},
    ),
    Mistake(
        "old-cell",
        "This uses the previous cell state; the hidden state shows the new one.",
        lambda p: {"h": recurrent.hidden_state(p.o, p.c_prev)},
    ),
    Mistake(
        "sigmoid-for-tanh",
        "This is the sigmoid of the cell state; it goes through tanh.",
        lambda p: {"h": p.o * sigmoid(p.c)},
    ),
    Mistake(
        "output-gate-dropped",
        "This is tanh of the cell state; the output gate still has to filter it.",
        lambda p: {"h": np.tanh(p.c)},
    ),
    Mistake(
        "cell-given",
        "This is the cell state itself; the hidden state is what the output gate lets out of it.",
        lambda p: {"h": p.c},
    ),
    Mistake(
        "tanh-of-product",
        "This takes tanh of the product; the gate multiplies after tanh.",
        lambda p: {"h": np.tanh(p.o * p.c)},
    ),
)


def steps(p: Params) -> dict:
    """Return tanh of the cell state."""
    return {"squashed": np.tanh(p.c)}
