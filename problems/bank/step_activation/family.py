"""A hidden unit with a step function: its gradient is zero, and no optimiser helps."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Real, YesNo
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.activations import activation_gradient
from problems.engine.optimisers import Adam

ACTIVATIONS = {
    "step": "the step function, 1 for $z > 0$ and 0 otherwise",
    "sigmoid": "the sigmoid",
    "relu": "ReLU",
    "tanh": "tanh",
}
OPTIMISERS = {"sgd": "plain SGD", "momentum": "SGD with momentum 0.9", "adam": "Adam"}


@dataclass(frozen=True)
class Params:
    """One hidden unit, the gradient that comes back to it, and the optimiser."""

    activation: str = param("the unit's activation", options=tuple(ACTIVATIONS))
    optimiser: str = param("the optimiser, in its first step", options=tuple(OPTIMISERS))
    x: Array = param("the unit's inputs, shape (2,)", -100, 100)
    w: Array = param("the unit's weights, shape (2,)", -100, 100)
    b: float = param("the unit's bias", -100, 100)
    upstream: float = param("derivative of the loss by the unit's output", -100, 100)
    lr: float = param("learning rate", 0.0001, 1)

    def __post_init__(self) -> None:
        """Refuse the point where step and ReLU have no derivative."""
        if abs(float(self.w @ self.x) + self.b) < 1e-9:
            raise ParamError("b", "z = w x + b must not be 0, where there is no derivative.")


VERSION = 1
PARTS = {
    "slope": Real(decimals=3),
    "gradient": Real(decimals=3),
    "change": Real(decimals=4),
    "learns": YesNo(),
}


def draw(r: Draw) -> Params:
    """Draw a unit whose pre-activation is small; in about half of the draws it is a step."""
    return Params(
        activation=r.choice("activation", ("step", "step", "sigmoid", "relu", "tanh")),
        optimiser=r.choice("optimiser", ("adam", "adam", "sgd", "momentum")),
        x=r.array("x", (2,), -2, 2, 1),
        w=r.array("w", (2,), -1, 1, 1),
        b=r.real("b", -1, 1, 1),
        upstream=r.choice("upstream", (-2.0, -1.5, -0.8, -0.6, 0.6, 0.7, 1.4, 2.5)),
        lr=r.choice("lr", (0.01, 0.02, 0.05, 0.1)),
    )


def _z(p: Params) -> float:
    return float(p.w @ p.x) + p.b


def _slope(p: Params, activation: str | None = None) -> float:
    return float(activation_gradient(activation or p.activation, np.array(_z(p))))


def _change(p: Params, gradient: float) -> float:
    if p.optimiser != "adam":
        return -p.lr * gradient + 0.0  # no minus before a zero
    return float(Adam(p.lr).step(0.0, 0.0, 0.0, gradient, 1)[0]) + 0.0


def _parts(p: Params, slope: float) -> dict:
    gradient = p.upstream * slope * float(p.x[0]) + 0.0
    return {
        "slope": slope,
        "gradient": gradient,
        "change": _change(p, gradient),
        "learns": gradient != 0,
    }


def answer(p: Params) -> dict:
    """Apply the chain rule, then one step of the optimiser."""
    return _parts(p, _slope(p))


def witness(p: Params) -> dict:
    """Let autograd go back through the unit, and run the torch optimiser; step is x > 0."""
    import torch

    w = torch.tensor(p.w, requires_grad=True)
    z = (w * torch.tensor(p.x)).sum() + p.b
    h = {
        "step": lambda: (z > 0).to(z.dtype) + 0 * z,
        "sigmoid": z.sigmoid,
        "relu": z.relu,
        "tanh": z.tanh,
    }[p.activation]()
    slope = torch.autograd.grad(h, z, retain_graph=True)[0]
    (p.upstream * h).backward()
    assert w.grad is not None  # noqa: S101 (backward has just filled it)
    gradient = w.grad[0].item()
    optimiser = {
        "sgd": lambda: torch.optim.SGD([w], lr=p.lr),
        "momentum": lambda: torch.optim.SGD([w], lr=p.lr, momentum=0.9),
        "adam": lambda: torch.optim.Adam([w], lr=p.lr),
    }[p.optimiser]()
    optimiser.step()
    moved = torch.tensor(p.w)
    change = (w.detach() - moved)[0].item()
    return {
        "slope": slope.item(),
        "gradient": gradient,
        "change": change,
        "learns": bool((w.grad != 0).any()),
    }


def _only(values: dict, *parts: str) -> dict:
    return {part: values[part] for part in parts}


MISTAKES = (
    Mistake(
        "slope-one-above",
        "The step function is flat on both sides of 0: its value there is 1, its slope is not.",
        lambda p: _parts(p, 1.0) if p.activation == "step" and _z(p) > 0 else {},
    ),
    Mistake(
        "slope-of-the-sigmoid",
        "This is the derivative of the sigmoid; the unit has another activation.",
        lambda p: (
            _parts(p, _slope(p, "sigmoid"))
            if p.activation == "step"
            else _only(_parts(p, _slope(p, "sigmoid")), "slope")
            if p.activation == "tanh"
            else {}
        ),
    ),
    Mistake(
        "optimiser-rescues",
        "An optimiser only rescales gradients: from gradients of 0 it makes a change of 0.",
        lambda p: (
            {"change": -p.lr * float(np.sign(p.upstream * p.x[0])), "learns": True}
            if p.activation == "step"
            else {}
        ),
    ),
    Mistake(
        "all-activations-flat",
        "Here the slope is not zero, so a gradient comes through, and the weights change.",
        lambda p: {"learns": False} if _slope(p) else {},
    ),
    Mistake(
        "output-for-slope",
        "This is the unit's output; backward goes the derivative at $z$.",
        lambda p: {"slope": _output(p)} if p.activation in ("sigmoid", "tanh") else {},
    ),
    Mistake(
        "input-forgotten",
        "The gradient of a weight has the weight's input as a factor.",
        lambda p: {"gradient": p.upstream * _slope(p)} if _slope(p) else {},
    ),
    Mistake(
        "upstream-forgotten",
        "What backpropagation has brought, $\\partial L / \\partial h$, is a factor too.",
        lambda p: {"gradient": _slope(p) * float(p.x[0])} if _slope(p) else {},
    ),
    Mistake(
        "plain-sgd-step",
        "Adam's first step has the size of the learning rate, whatever the gradient's size.",
        lambda p: (
            {"change": -p.lr * _parts(p, _slope(p))["gradient"]}
            if p.optimiser == "adam" and _slope(p)
            else {}
        ),
    ),
    Mistake(
        "change-uphill",
        "A step goes against the gradient: look at the sign.",
        lambda p: {"change": -_parts(p, _slope(p))["change"]} if _slope(p) else {},
    ),
)


def _output(p: Params) -> float:
    z = _z(p)
    return float(np.tanh(z)) if p.activation == "tanh" else float(1 / (1 + np.exp(-z)))


def steps(p: Params) -> dict:
    """Return z and the optimiser's names."""
    return {
        "z": _z(p),
        "activation": ACTIVATIONS[p.activation],
        "optimiser": OPTIMISERS[p.optimiser],
    }
