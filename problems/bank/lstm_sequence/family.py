"""Hidden and cell states of an LSTM over several steps, from packed weight matrices.

One bias a gate and no peepholes (Gers et al. 2000). The order in which the gates are stacked is a
parameter: frameworks differ (PyTorch and Keras i, f, g, o; TensorFlow's old cell i, g, f, o).
"""

from dataclasses import dataclass

import numpy as np

from problems.answers import Matrix
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine import recurrent
from problems.engine.activations import sigmoid

ORDERS = ("ifgo", "ifog", "iofg", "igfo")
NAMES = {"i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate"}


@dataclass(frozen=True)
class Params:
    """The inputs, the first states, and the packed weights."""

    inputs: int = param("length of each input x", 1, 8)
    hidden: int = param("length of the hidden state h", 1, 8)
    steps: int = param("time steps", 1, 16)
    order: str = param("order in which the gates are stacked", options=ORDERS)
    x: Array = param("inputs, shape (steps, inputs)", -100, 100)
    h_0: Array = param("first hidden state, shape (hidden,)", -100, 100)
    c_0: Array = param("first cell state, shape (hidden,)", -100, 100)
    W: Array = param("input weights, shape (4*hidden, inputs)", -100, 100)
    U: Array = param("recurrent weights, shape (4*hidden, hidden)", -100, 100)
    b: Array = param("biases, shape (4*hidden,)", -100, 100)

    def __post_init__(self) -> None:
        """Refuse a sequence that no page could show."""
        if self.steps * self.hidden > 64:
            raise ParamError("steps", "steps * hidden may be at most 64.")


VERSION = 1
PARTS = {"h": Matrix(decimals=3), "c": Matrix(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw a cell of one or two units over two or three steps."""
    n, m = r.int("inputs", 1, 2), r.int("hidden", 1, 2)
    steps = r.int("steps", 2, 3 if m == 1 else 2)
    return Params(
        inputs=n,
        hidden=m,
        steps=steps,
        order=r.choice("order", ORDERS),
        x=r.array("x", (steps, n), -2, 2, 1),
        h_0=r.array("h_0", (m,), -0.9, 0.9, 1),
        c_0=r.array("c_0", (m,), -2, 2, 1),
        W=r.array("W", (4 * m, n), -1, 1, 1),
        U=r.array("U", (4 * m, m), -2, 2, 1),
        b=r.array("b", (4 * m,), -1, 1, 1),
    )


def _blocks(p: Params, order: str | None = None) -> list[Array]:
    """Return W, U and b with their blocks of rows in the order i, f, g, o."""
    order = order or p.order
    places = [order.index(gate) for gate in "ifgo"]
    return [
        np.concatenate([np.split(weights, 4)[place] for place in places])
        for weights in (p.W, p.U, p.b)
    ]


def answer(p: Params) -> dict:
    """Run the reference cell over the steps."""
    return _states(p)


def _states(p: Params, order: str | None = None, *, bias: bool = True) -> dict:
    W, U, b = _blocks(p, order)
    b = b if bias else np.zeros_like(b)
    hs, cs = recurrent.lstm_sequence(p.x[:, None], p.h_0[None], p.c_0[None], W, U, b)
    return {"h": hs[:, 0], "c": cs[:, 0]}


def witness(p: Params) -> dict:
    """Run torch.nn.LSTM on every beginning of the sequence, and read its last states."""
    import torch

    lstm = torch.nn.LSTM(p.inputs, p.hidden, dtype=torch.float64)
    rows = {gate: range(k * p.hidden, (k + 1) * p.hidden) for k, gate in enumerate(p.order)}
    places = [row for gate in "ifgo" for row in rows[gate]]  # PyTorch stacks i, f, g, o
    with torch.no_grad():
        weights = dict(lstm.named_parameters())
        weights["weight_ih_l0"].copy_(torch.tensor(p.W)[places])
        weights["weight_hh_l0"].copy_(torch.tensor(p.U)[places])
        weights["bias_ih_l0"].copy_(torch.tensor(p.b)[places])
        weights["bias_hh_l0"].zero_()
        first = (torch.tensor(p.h_0)[None], torch.tensor(p.c_0)[None])
        ends = [lstm(torch.tensor(p.x[: t + 1]), first)[1] for t in range(p.steps)]
    return {
        "h": torch.cat([h for h, _ in ends]).numpy(),
        "c": torch.cat([c for _, c in ends]).numpy(),
    }


def _variation(p: Params, *, h: str = "h", c: str = "c", last: str = "tanh") -> dict:
    """Return the states where each step reads something else as h or c, or ends differently."""
    W, U, b = _blocks(p)
    states = {"h": p.h_0, "c": p.c_0, "zero": np.zeros(p.hidden)}
    hs, cs = [], []
    for x in p.x:
        i, f, g, o = np.split(W @ x + U @ states[h] + b, 4)
        cell = sigmoid(f) * states[c] + sigmoid(i) * np.tanh(g)
        states["c"], states["h"] = cell, sigmoid(o) * (np.tanh(cell) if last == "tanh" else cell)
        hs.append(states["h"])
        cs.append(cell)
    return {"h": np.stack(hs), "c": np.stack(cs)}


def _in_order(p: Params, order: str) -> dict:
    return {} if p.order == order else _states(p, order)


MISTAKES = (
    Mistake(
        "cell-reset",
        "This starts every step from an empty cell state; it is carried from step to step.",
        lambda p: _variation(p, c="zero"),
    ),
    Mistake(
        "hidden-not-carried",
        "This reads no previous hidden state: each step must read that of the step before.",
        lambda p: _variation(p, h="zero"),
    ),
    Mistake(
        "cell-for-hidden",
        "This multiplies the recurrent weights by the cell state; they act on the hidden state.",
        lambda p: _variation(p, h="c"),
    ),
    Mistake(
        "gates-in-order-ifgo",
        "This takes the rows in the order $i, f, g, o$: look at the order stated here.",
        lambda p: _in_order(p, "ifgo"),
    ),
    Mistake(
        "gates-in-order-ifog",
        "This takes the rows in the order $i, f, o, g$: look at the order stated here.",
        lambda p: _in_order(p, "ifog"),
    ),
    Mistake(
        "gates-in-order-iofg",
        "This takes the rows in the order $i, o, f, g$: look at the order stated here.",
        lambda p: _in_order(p, "iofg"),
    ),
    Mistake(
        "input-and-forget-swapped",
        "The forget gate goes with the old cell state, the input gate with the candidate.",
        lambda p: _states(p, p.order.translate(str.maketrans("if", "fi"))),
    ),
    Mistake(
        "last-state-for-all",
        "This repeats the last state: each row is the state after its own step.",
        lambda p: (
            {part: np.repeat(v[-1:], p.steps, axis=0) for part, v in _states(p).items()}
            if p.steps > 1
            else {}
        ),
    ),
    Mistake(
        "no-tanh-of-cell",
        "The output gate filters tanh of the cell state, not the cell state itself.",
        lambda p: {"h": _variation(p, last="linear")["h"]},
    ),
    Mistake(
        "bias-forgotten",
        "The biases are missing.",
        lambda p: _states(p, bias=False),
    ),
    Mistake(
        "states-swapped",
        "These are the two states in each other's place.",
        lambda p: {"h": _states(p)["c"], "c": _states(p)["h"]},
    ),
)


def steps(p: Params) -> dict:
    """Return gates and states of each unit at each step."""
    W, U, b = _blocks(p)
    states = _states(p)
    rows, h, c_before = [], p.h_0, p.c_0
    for t in range(p.steps):
        z = W @ p.x[t] + U @ h + b
        i, f, g, o = np.split(z, 4)
        h, c = states["h"][t], states["c"][t]
        rows += [
            {
                "t": t + 1,
                "unit": k + 1,
                "z": [part[k] for part in (i, f, g, o)],
                "i": sigmoid(i[k]),
                "f": sigmoid(f[k]),
                "g": np.tanh(g[k]),
                "o": sigmoid(o[k]),
                "before": c_before[k],
                "c": c[k],
                "h": h[k],
            }
            for k in range(p.hidden)
        ]
        c_before = c
    return {"rows": rows, "names": [f"{NAMES[gate]} ${gate}$" for gate in p.order]}
