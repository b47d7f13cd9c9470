"""Hidden states of a simple RNN (Elman 1990): the same weights at each step, h fed to the next."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Matrix
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine import recurrent

ACTIVATIONS = ("tanh", "relu", "sigmoid", "linear")
FORMULAS = {"tanh": r"\tanh", "relu": r"\operatorname{ReLU}", "sigmoid": r"\sigma", "linear": ""}


@dataclass(frozen=True)
class Params:
    """The inputs, the first state, the encoder's weights and, unused, the decoder's."""

    inputs: int = param("length of each input x", 1, 16)
    hidden: int = param("length of the hidden state h", 1, 16)
    steps: int = param("time steps", 1, 16)
    activation: str = param("activation of the hidden units", options=ACTIVATIONS)
    x: Array = param("inputs, shape (steps, inputs)", -100, 100)
    h_0: Array = param("first hidden state, shape (hidden,)", -100, 100)
    W: Array = param("input weights, shape (hidden, inputs)", -100, 100)
    U: Array = param("recurrent weights, shape (hidden, hidden)", -100, 100)
    b: Array = param("bias, shape (hidden,)", -100, 100)
    W_d: Array = param("decoder's input weights, shape (hidden, inputs)", -100, 100)
    U_d: Array = param("decoder's recurrent weights, shape (hidden, hidden)", -100, 100)
    b_d: Array = param("decoder's bias, shape (hidden,)", -100, 100)

    def __post_init__(self) -> None:
        """Refuse a sequence that no page could show, or that grows beyond all numbers."""
        if self.steps * self.hidden > 64:
            raise ParamError("steps", "steps * hidden may be at most 64.")


VERSION = 1
PARTS = {"h": Matrix(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw two steps of one or two units."""
    n, m = r.int("inputs", 1, 2), r.int("hidden", 1, 2)
    steps = r.int("steps", 2, 3 if m == 1 else 2)
    return Params(
        inputs=n,
        hidden=m,
        steps=steps,
        activation=r.choice("activation", ("tanh", "tanh", "tanh", "sigmoid", "relu")),
        x=r.array("x", (steps, n), -2, 2, 1),
        h_0=r.array("h_0", (m,), -0.9, 0.9, 1),
        W=r.array("W", (m, n), -1, 1, 1),
        U=r.array("U", (m, m), -1, 1, 1),
        b=r.array("b", (m,), 0.1, 1, 1),
        W_d=r.array("W_d", (m, n), -1, 1, 1),
        U_d=r.array("U_d", (m, m), -1, 1, 1),
        b_d=r.array("b_d", (m,), 0.1, 1, 1),
    )


def answer(p: Params) -> dict:
    """Run the reference RNN over the steps."""
    return {"h": _run(p, [(p.W, p.U, p.b)] * p.steps)}


def _run(p: Params, weights: list[tuple[Array, Array, Array]], activation: str = "") -> Array:
    """Return the states, shape (steps, hidden), for a triple of weights a step."""
    h, states = p.h_0[None], []
    for x, (W, U, b) in zip(p.x, weights, strict=True):
        h = recurrent.rnn_step(x[None], h, W, U, b, activation or p.activation)
        states.append(h[0])
    return np.stack(states)


def witness(p: Params) -> dict:
    """Run torch.nn.RNN; its step by hand for activations that it does not have."""
    import torch

    weights = [torch.tensor(w) for w in (p.W, p.U, p.b)]
    x, h = torch.tensor(p.x), torch.tensor(p.h_0)
    if p.activation in ("tanh", "relu"):
        rnn = torch.nn.RNN(p.inputs, p.hidden, nonlinearity=p.activation, dtype=torch.float64)
        with torch.no_grad():
            *packed, second_bias = rnn.parameters()
            for parameter, value in zip(packed, weights, strict=True):
                parameter.copy_(value)
            second_bias.zero_()
            return {"h": rnn(x, h[None])[0].numpy()}
    squash = torch.sigmoid if p.activation == "sigmoid" else torch.nn.Identity()
    states = []
    for row in x:
        h = squash(torch.addmv(torch.addmv(weights[2], weights[0], row), weights[1], h))
        states.append(h)
    return {"h": torch.stack(states).numpy()}


def _with(p: Params, W: Array, U: Array, b: Array) -> dict:
    return {"h": _run(p, [(W, U, b)] * p.steps)}


MISTAKES = (
    Mistake("bias-forgotten", "The bias is missing.", lambda p: _with(p, p.W, p.U, 0 * p.b)),
    Mistake(
        "no-activation",
        "These are the sums before the activation.",
        lambda p: {"h": _run(p, [(p.W, p.U, p.b)] * p.steps, "linear")} if _bends(p) else {},
    ),
    Mistake(
        "new-weights-each-step",
        "This takes other weights after the first step: an RNN uses the same ones at every step.",
        lambda p: (
            {"h": _run(p, [(p.W, p.U, p.b)] + [(p.W_d, p.U_d, p.b_d)] * (p.steps - 1))}
            if p.steps > 1 and not _dead(p)
            else {}
        ),
    ),
    Mistake(
        "weights-swapped",
        "This multiplies the input by the recurrent weights, and the hidden state by the input's.",
        lambda p: (
            _with(p, p.U, p.W, p.b)
            if p.inputs == p.hidden and (p.W != p.U).any() and not _dead(p)
            else {}
        ),
    ),
    Mistake(
        "state-not-carried",
        "Each step reads the hidden state of the step before; this starts afresh every time.",
        lambda p: (
            {"h": np.concatenate([_run(_only(p, t), [(p.W, p.U, p.b)]) for t in range(p.steps)])}
            if p.steps > 1
            else {}
        ),
    ),
    Mistake(
        "no-recurrent-term",
        "The previous hidden state counts too: its term is missing.",
        lambda p: _with(p, p.W, 0 * p.U, p.b),
    ),
    Mistake(
        "other-activation",
        "This uses another activation than the one stated.",
        lambda p: (
            {"h": _run(p, [(p.W, p.U, p.b)] * p.steps, "sigmoid")}
            if p.activation == "tanh"
            else {"h": _run(p, [(p.W, p.U, p.b)] * p.steps, "tanh")}
        ),
    ),
    Mistake(
        "recurrent-transposed",
        "The recurrent matrix is transposed: row k belongs to unit k.",
        lambda p: _with(p, p.W, p.U.T, p.b) if (p.U != p.U.T).any() and not _dead(p) else {},
    ),
)


def _only(p: Params, t: int) -> Params:
    """Return the parameters with the one input of step t, from the first state."""
    return Params(**{**vars(p), "steps": 1, "x": p.x[t : t + 1]})


def _bends(p: Params) -> bool:
    """Return whether the activation changes any sum: ReLU need not."""
    straight = _run(p, [(p.W, p.U, p.b)] * p.steps, "linear")
    return p.activation in ("tanh", "sigmoid") or (
        p.activation == "relu" and bool((straight < 0).any())
    )


def _dead(p: Params) -> bool:
    """Return whether ReLU cuts a state to 0, so that a wrong weight may go unseen."""
    return p.activation == "relu" and bool((answer(p)["h"] == 0).any())


def steps(p: Params) -> dict:
    """Return the terms of each unit's sum at each step."""
    h = answer(p)["h"]
    before = np.concatenate([p.h_0[None], h[:-1]])
    rows = [
        {
            "t": t + 1,
            "unit": k + 1,
            "Wx": p.W[k] @ p.x[t],
            "Uh": p.U[k] @ before[t],
            "z": p.W[k] @ p.x[t] + p.U[k] @ before[t] + p.b[k],
            "b": p.b[k],
            "h": h[t, k],
        }
        for t in range(p.steps)
        for k in range(p.hidden)
    ]
    return {"rows": rows, "phi": FORMULAS[p.activation]}
