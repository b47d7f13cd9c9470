"""Backpropagation through time in an RNN of one unit (Werbos 1990)."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.recurrent import activation_slope, rnn_sequence


@dataclass(frozen=True)
class Params:
    """The RNN h_t = phi(w h_{t-1} + u x_t), its inputs and targets, and the loss."""

    steps: int = param("time steps T", 1, 16)
    activation: str = param("activation phi", options=("linear", "tanh"))
    w: float = param("recurrent weight", -5, 5)
    u: float = param("input weight", -5, 5)
    h_0: float = param("first hidden state", -10, 10)
    x: Array = param("inputs, shape (steps,)", -10, 10)
    y: Array = param("targets of the hidden states, shape (steps,)", -10, 10)
    loss: str = param("whether every step has a loss, or the last alone", options=("each", "last"))
    half: bool = param("whether a step's loss is half the squared error")

    def __post_init__(self) -> None:
        """Refuse arrays of other lengths."""
        if self.x.shape != (self.steps,) or self.y.shape != (self.steps,):
            raise ParamError("x", f"give {self.steps} inputs and as many targets.")


VERSION = 1
PARTS = {"state": Real(digits=3), "weight": Real(digits=3)}


def draw(r: Draw) -> Params:
    """Draw two or three steps; a linear unit as often as not."""
    steps = r.int("steps", 2, 3)
    return Params(
        steps=steps,
        activation=r.choice("activation", ("linear", "tanh")),
        w=r.choice("w", (-0.8, -0.5, 0.4, 0.5, 0.6, 0.8, 1.2, 1.5)),
        u=r.choice("u", (-1.0, 0.5, 1.0, 2.0)),
        h_0=r.choice("h_0", (-1.0, -0.5, 0.5, 1.0)),
        x=r.array("x", (steps,), -1, 1, 1),
        y=r.array("y", (steps,), -2, 2, 1),
        loss=r.choice("loss", ("each", "each", "last")),
        half=r.choice("half", (True, False)),
    )


def answer(p: Params) -> dict:
    """Go back through the steps by the chain rule."""
    _, total, _, before = _backwards(p)
    return {"state": total[0], "weight": float((total * _slopes(p) * before).sum())}


def _states(p: Params) -> Array:
    one = np.ones((1, 1))
    states = rnn_sequence(
        p.x[:, None, None], p.h_0 * one, p.u * one, p.w * one, np.zeros(1), p.activation
    )
    return states[:, 0, 0]


def _slopes(p: Params) -> Array:
    """Return the derivative of the activation at each step, shape (steps,)."""
    before = np.concatenate([[p.h_0], _states(p)[:-1]])
    return activation_slope(p.activation, p.w * before + p.u * p.x)


def _backwards(p: Params, *, slopes: Array | None = None) -> tuple[Array, Array, Array, Array]:
    """Return, for each step, dL_t/dh_t alone, dL/dh_t, h_t and h_{t-1}, each of shape (steps,)."""
    h = _states(p)
    slopes = _slopes(p) if slopes is None else slopes
    own = (1 if p.half else 2) * (h - p.y)
    if p.loss == "last":
        own[:-1] = 0
    total = own.copy()
    for t in range(p.steps - 2, -1, -1):
        total[t] += total[t + 1] * slopes[t + 1] * p.w
    return own, total, h, np.concatenate([[p.h_0], h[:-1]])


def witness(p: Params) -> dict:
    """Let autograd differentiate the loss."""
    import torch

    w = torch.tensor(p.w, dtype=torch.float64, requires_grad=True)
    states = [torch.tensor(p.h_0, dtype=torch.float64)]
    for x in p.x:
        z = w * states[-1] + p.u * x
        states.append(z.tanh() if p.activation == "tanh" else z)
    errors = (torch.stack(states[1:]) - torch.tensor(p.y)) ** 2
    loss = (errors.sum() if p.loss == "each" else errors[-1]) / (2 if p.half else 1)
    state, weight = torch.autograd.grad(loss, (states[1], w))
    return {"state": state.item(), "weight": weight.item()}


def _last_path(p: Params) -> dict:
    """Return the gradient of the last step's loss alone."""
    own, *_ = _backwards(p)
    return {"state": own[-1] * float(np.prod(_slopes(p)[1:] * p.w))}


def _weight(p: Params, of_states: Array) -> float:
    return float((of_states * _slopes(p) * _backwards(p)[3]).sum())


def _no_slopes(p: Params) -> dict:
    _, total, _, before = _backwards(p, slopes=np.ones(p.steps))
    state = {"state": total[0]} if p.steps > 1 else {}
    return state | {"weight": float((total * before).sum())}


MISTAKES = (
    Mistake(
        "last-loss-only",
        "Every step has a loss, and each of them counts, not the last alone.",
        lambda p: _last_path(p) if p.loss == "each" and p.steps > 1 else {},
    ),
    Mistake(
        "direct-path-only",
        "A state also acts on the later losses, through the states after it.",
        lambda p: (
            {"state": _backwards(p)[0][0], "weight": _weight(p, _backwards(p)[0])}
            if p.loss == "each" and p.steps > 1
            else {}
        ),
    ),
    Mistake(
        "single-term",
        "The weight is used at every step: its gradient has a term for each of them.",
        lambda p: (
            {"weight": float((_backwards(p)[1] * _slopes(p) * _backwards(p)[3])[-1])}
            if p.steps > 1
            else {}
        ),
    ),
    Mistake(
        "factor-of-the-square",
        "Look at whether the squared error is halved: its derivative has a factor 2 or none.",
        lambda p: {
            part: value * (2 if p.half else 0.5) for part, value in answer(p).items() if value
        },
    ),
    Mistake(
        "derivative-of-tanh-missing",
        "Each step back through tanh multiplies by $1 - h_t^2$.",
        lambda p: _no_slopes(p) if p.activation == "tanh" else {},
    ),
    Mistake(
        "sign",
        "The sign is reversed: the error is the state minus its target.",
        lambda p: {part: -value for part, value in answer(p).items() if value},
    ),
    Mistake(
        "own-state-for-previous",
        "At step $t$ the recurrent weight multiplies the state **before**, $h_{t-1}$.",
        lambda p: {"weight": float((_backwards(p)[1] * _slopes(p) * _backwards(p)[2]).sum())},
    ),
    Mistake(
        "recurrent-weight-missing",
        "Each step back multiplies by the recurrent weight.",
        lambda p: {"state": float(_without_weight(p)[0])} if p.w != 1 and p.steps > 1 else {},
    ),
)


def _without_weight(p: Params) -> Array:
    """Return dL/dh_t, shape (steps,), where the steps back leave the weight out."""
    total, slopes = _backwards(p)[0].copy(), _slopes(p)
    for t in range(p.steps - 2, -1, -1):
        total[t] += total[t + 1] * slopes[t + 1]
    return total


def steps(p: Params) -> dict:
    """Return each step's numbers, first step first."""
    own, total, h, before = _backwards(p)
    slopes = _slopes(p)
    rows = [
        {
            "t": t + 1,
            "before": before[t],
            "h": h[t],
            "slope": slopes[t],
            "own": own[t],
            "total": total[t],
            "term": total[t] * slopes[t] * before[t],
        }
        for t in range(p.steps)
    ]
    return {"rows": rows}
