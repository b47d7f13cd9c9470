"""How a gradient shrinks or grows over time: a simple RNN against the LSTM's additive path.

One unit each (Bengio et al. 1994; Hochreiter & Schmidhuber 1997). The LSTM's path is the direct one
through the cell state, with the gates held fixed.
"""

import math
from dataclasses import dataclass

import numpy as np

from problems.answers import Choice, Real
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.activations import sigmoid
from problems.engine.recurrent import activation_slope

FATES = {
    "vanishes": "it goes to 0 (the gradient vanishes)",
    "explodes": "it grows without bound (the gradient explodes)",
    "stays": "its size stays the same",
}


@dataclass(frozen=True)
class Params:
    """The recurrent weight, the activation at work, the LSTM's forget gate, and the time."""

    steps: int = param("time steps T from the first state to the last", 1, 200)
    weight: float = param("recurrent weight w", -5, 5)
    activation: str = param("activation of the RNN", options=("tanh", "sigmoid", "relu", "linear"))
    z: float = param("pre-activation of the RNN at every step", -5, 5)
    forget: float = param("forget gate of the LSTM at every step", 0.01, 0.999)

    def __post_init__(self) -> None:
        """Refuse what has no derivative, or none worth following."""
        if self.weight == 0:
            raise ParamError("weight", "it must not be 0.")
        if self.activation == "relu" and self.z <= 0:
            raise ParamError("z", "it must be above 0 for a ReLU: its derivative is 0 or none.")
        if self.steps * abs(math.log10(abs(_factor(self)))) > 250:
            raise ParamError("steps", "the gradient leaves the range of numbers: take fewer.")


def _slope(p: Params) -> float:
    return float(activation_slope(p.activation, np.array(p.z)))


def _factor(p: Params) -> float:
    """Return what one step multiplies the gradient by."""
    return p.weight * _slope(p)


VERSION = 1
PARTS = {"rnn": Real(digits=3), "fate": Choice(options=FATES), "lstm": Real(digits=3)}


def draw(r: Draw) -> Params:
    """Draw factors on both sides of 1."""
    activation = r.choice("activation", ("tanh", "tanh", "sigmoid", "sigmoid", "relu", "linear"))
    centre = r.choice("at_centre", (False, True)) and activation in ("tanh", "sigmoid")
    low, high = {"tanh": (0.6, 3.0), "sigmoid": (0.8, 5.0)}.get(activation, (0.5, 1.6))
    return Params(
        steps=r.int("steps", 4, 20),
        weight=r.real("weight", low, high, 1),
        activation=activation,
        z=r.real("z", 0, 0, 1) if centre else r.real("z", 0.2, 0.9, 1),
        forget=r.real("forget", 0.8, 0.99, 2),
    )


def answer(p: Params) -> dict:
    """Take the power of one step's factor."""
    factor = _factor(p)
    return {"rnn": factor**p.steps, "fate": _fate(factor), "lstm": p.forget**p.steps}


def _fate(factor: float) -> str:
    if math.isclose(abs(factor), 1, rel_tol=1e-12):
        return "stays"
    return "vanishes" if abs(factor) < 1 else "explodes"


def witness(p: Params) -> dict:
    """Let autograd go back through the steps of an RNN and of a real LSTM cell."""
    import torch

    squash = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}
    phi = squash.get(p.activation, lambda z: z)

    def run(steps: int) -> float:
        first = torch.ones((), dtype=torch.float64, requires_grad=True)
        h = first
        for _ in range(steps):
            z = p.weight * h
            h = phi(z - z.detach() + p.z)  # the input holds the pre-activation at z
        return torch.autograd.grad(h, first)[0].item()

    cell = torch.nn.LSTMCell(1, 1, dtype=torch.float64)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.zero_()
        cell.bias_ih[1] = torch.logit(torch.tensor(p.forget, dtype=torch.float64))
    first = torch.ones(1, 1, dtype=torch.float64, requires_grad=True)
    h, c = torch.zeros_like(first), first
    for _ in range(p.steps):
        h, c = cell(torch.zeros_like(first), (h, c))
    one, two = abs(run(1)), abs(run(2))
    fate = "stays" if abs(two - one) < 1e-12 else ("vanishes" if two < one else "explodes")
    return {"rnn": run(p.steps), "fate": fate, "lstm": torch.autograd.grad(c, first)[0].item()}


def _both(p: Params, power: int) -> dict:
    """Return both gradients with another number of factors."""
    return {"rnn": _factor(p) ** power, "lstm": p.forget**power}


def _rnn(p: Params, slope: float) -> dict:
    """Return the RNN's gradient with another derivative, where that leads elsewhere."""
    factor = p.weight * slope
    if math.isclose(factor, _factor(p)):
        return {}
    fate = _fate(factor)
    return {"rnn": factor**p.steps} | ({} if fate == _fate(_factor(p)) else {"fate": fate})


MISTAKES = (
    Mistake(
        "added-for-multiplied",
        "Each step multiplies the gradient by its factor; nothing is added up.",
        lambda p: {"rnn": p.steps * _factor(p), "lstm": p.steps * p.forget} if p.steps > 1 else {},
    ),
    Mistake(
        "one-factor-too-many",
        "From the first state to the last there are T steps: one factor for each.",
        lambda p: {} if _fate(_factor(p)) == "stays" else _both(p, p.steps + 1),
    ),
    Mistake(
        "one-factor-too-few",
        "From the first state to the last there are T steps: one factor for each.",
        lambda p: {} if _fate(_factor(p)) == "stays" else _both(p, p.steps - 1),
    ),
    Mistake(
        "derivative-forgotten",
        "Each step also multiplies by the derivative of the activation at $z$"
        " (for the sigmoid it is never above 0.25).",
        lambda p: _rnn(p, 1.0),
    ),
    Mistake(
        "value-for-derivative",
        "This multiplies by the activation's value; the gradient needs its derivative.",
        lambda p: (
            _rnn(p, float(np.tanh(p.z) if p.activation == "tanh" else sigmoid(np.array(p.z))))
            if p.activation in ("tanh", "sigmoid") and p.z != 0
            else {}
        ),
    ),
    Mistake(
        "weight-forgotten",
        "Each step also multiplies by the recurrent weight.",
        lambda p: {"rnn": _slope(p) ** p.steps} if p.weight != 1 else {},
    ),
    Mistake(
        "one-step-only",
        "This is the factor of one step.",
        lambda p: (
            {"rnn": _factor(p), "lstm": p.forget}
            if p.steps > 1 and _fate(_factor(p)) != "stays"
            else {}
        ),
    ),
    Mistake(
        "forget-gate-reversed",
        "The forget gate is the share of the cell state that is kept.",
        lambda p: {"lstm": (1 - p.forget) ** p.steps} if p.forget != 0.5 else {},
    ),
    Mistake(
        "no-forgetting",
        "The path is additive, but the forget gate still scales it at every step.",
        lambda p: {"lstm": 1.0},
    ),
)


def steps(p: Params) -> dict:
    """Return the derivative and the factor of one step."""
    names = {"tanh": r"\tanh", "sigmoid": r"\sigma", "relu": r"\operatorname{ReLU}", "linear": ""}
    derivatives = {
        "tanh": r"1 - \tanh^2(z)",
        "sigmoid": r"\sigma(z) (1 - \sigma(z))",
        "relu": r"1 \text{ for } z > 0",
        "linear": "1",
    }
    return {
        "slope": _slope(p),
        "factor": _factor(p),
        "phi": names[p.activation],
        "derivative": derivatives[p.activation],
    }
