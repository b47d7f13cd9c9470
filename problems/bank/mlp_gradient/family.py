"""Gradients of a squared error through a network with one hidden layer."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Matrix, Real, Vector
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine.activations import activation_gradient
from problems.engine.network import activate, forward, gradients

ACTIVATIONS = ("relu", "tanh", "sigmoid")
NAMES = {"relu": r"\operatorname{ReLU}", "tanh": r"\tanh", "sigmoid": r"\sigma"}


@dataclass(frozen=True)
class Params:
    """The network, one example, and whether the loss has the factor one half."""

    inputs: int = param("numbers of the input", 1, 6)
    hidden: int = param("units of the hidden layer", 1, 6)
    x: Array = param("input, shape (inputs,)", -10, 10)
    target: float = param("what the output should be", -100, 100)
    W1: Array = param("weights, shape (hidden, inputs)", -10, 10)
    b1: Array = param("biases, shape (hidden,)", -10, 10)
    w2: Array = param("weights of the output, shape (hidden,)", -10, 10)
    b2: float = param("bias of the output", -10, 10)
    activation: str = param("activation of the hidden layer", options=ACTIVATIONS)
    half: bool = param("whether the loss is half the squared error")


VERSION = 1
PARTS = {"prediction": Real(decimals=3), "w2": Vector(decimals=3), "W1": Matrix(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw two inputs and two hidden units."""
    inputs, hidden = r.int("inputs", 2, 2), r.int("hidden", 2, 2)
    return Params(
        inputs=inputs,
        hidden=hidden,
        x=r.array("x", (inputs,), -2, 3, 0),
        target=r.real("target", -3, 3, 0),
        W1=r.array("W1", (hidden, inputs), -0.9, 0.9, 1),
        b1=r.array("b1", (hidden,), -0.9, 0.9, 1),
        w2=r.array("w2", (hidden,), -2, 2, 1),
        b2=r.real("b2", -1, 1, 1),
        activation=r.choice("activation", ACTIVATIONS),
        half=r.bool("half"),
    )


def answer(p: Params) -> dict:
    """Apply the chain rule with the reference engine."""
    return {"prediction": _prediction(p), **_gradients(p)}


def witness(p: Params) -> dict:
    """Let PyTorch differentiate."""
    import torch

    first = torch.tensor(p.W1, requires_grad=True)
    second = torch.tensor(p.w2, requires_grad=True)
    functions = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
    hidden = functions[p.activation](first @ torch.tensor(p.x) + torch.tensor(p.b1))
    prediction = second @ hidden + p.b2
    loss = (prediction - p.target) ** 2 / (2 if p.half else 1)
    by_first, by_second = torch.autograd.grad(loss, (first, second))
    return {"prediction": prediction.item(), "w2": by_second.numpy(), "W1": by_first.numpy()}


def _prediction(p: Params) -> float:
    return forward(p.x, p.W1, p.b1, p.w2[None], np.array([p.b2]), p.activation).item()


def _error(p: Params) -> float:
    """Return the derivative of the loss by the prediction."""
    return (_prediction(p) - p.target) * (1 if p.half else 2)


def _gradients(p: Params, factor: float = 1.0) -> dict:
    by_first, _, by_second = gradients(p.x, p.W1, p.b1, p.w2, factor * _error(p), p.activation)
    return {"w2": by_second, "W1": by_first}


def _z(p: Params) -> Array:
    return p.W1 @ p.x + p.b1


def _slope(p: Params) -> Array:
    return activation_gradient(p.activation, _z(p))


def _first(p: Params, slope: Array) -> dict:
    """Return the gradient by W1 for a wrong derivative of the activation."""
    return {"W1": np.outer(_error(p) * p.w2 * slope, p.x)}


MISTAKES = (
    Mistake(
        "sign",
        "The sign is turned round: the error is prediction minus target.",
        lambda p: _gradients(p, -1.0),
    ),
    Mistake(
        "factor-forgotten",
        "The derivative of a square brings down a factor 2, and nothing halves it here.",
        lambda p: {} if p.half else _gradients(p, 0.5),
    ),
    Mistake(
        "half-forgotten",
        "The factor one half of the loss cancels the 2 of the square.",
        lambda p: _gradients(p, 2.0) if p.half else {},
    ),
    Mistake(
        "slope-forgotten",
        "On the way to the first layer the error also passes the activation: use its derivative.",
        lambda p: (
            _first(p, np.ones(p.hidden)) if p.activation != "relu" or not _slope(p).all() else {}
        ),
    ),
    Mistake(
        "slope-at-the-output-of-the-unit",
        "The derivative is taken at what goes into the activation, not at what comes out.",
        lambda p: (
            {}
            if p.activation == "relu"
            else _first(p, activation_gradient(p.activation, activate(p.activation, _z(p))))
        ),
    ),
    Mistake(
        "output-weights-forgotten",
        "The error reaches hidden unit $i$ through its weight in $w_2$.",
        lambda p: {"W1": np.outer(_error(p) * _slope(p), p.x)},
    ),
    Mistake(
        "transposed",
        "Row $i$ belongs to hidden unit $i$, as in $W_1$ itself; here it is a column.",
        lambda p: {"W1": _gradients(p)["W1"].T} if p.hidden == p.inputs > 1 else {},
    ),
    Mistake(
        "forward-value",
        "This is the hidden layer; the gradient also has the error as a factor.",
        lambda p: {"w2": activate(p.activation, _z(p))},
    ),
    Mistake(
        "activation-forgotten",
        "The hidden layer has an activation before the second layer.",
        lambda p: (
            {"prediction": float(p.w2 @ _z(p) + p.b2)}
            if p.activation != "relu" or not _slope(p).all()
            else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return every number on the way forward and back."""
    return {
        "name": NAMES[p.activation],
        "z": _z(p),
        "h": activate(p.activation, _z(p)),
        "error": _error(p),
        "slope": _slope(p),
        "delta": _error(p) * p.w2 * _slope(p),
    }
