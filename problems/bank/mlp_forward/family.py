"""The forward pass of a perceptron with one hidden layer, by hand."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Vector
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine.network import activate

ACTIVATIONS = ("relu", "tanh", "sigmoid")
NAMES = {
    "none": "",
    "relu": r"\operatorname{ReLU}",
    "tanh": r"\tanh",
    "sigmoid": r"\sigma",
}


@dataclass(frozen=True)
class Params:
    """The input, both layers, and their activations."""

    inputs: int = param("numbers of the input", 1, 8)
    hidden: int = param("units of the hidden layer", 1, 8)
    outputs: int = param("units of the output layer", 1, 8)
    x: Array = param("input, shape (inputs,)", -100, 100)
    W1: Array = param("weights, shape (hidden, inputs)", -100, 100)
    b1: Array = param("biases, shape (hidden,)", -100, 100)
    W2: Array = param("weights, shape (outputs, hidden)", -100, 100)
    b2: Array = param("biases, shape (outputs,)", -100, 100)
    activation: str = param("activation of the hidden layer", options=ACTIVATIONS)
    output: str = param("activation of the output", options=("none", "sigmoid"))


VERSION = 1
PARTS = {"hidden": Vector(decimals=3), "output": Vector(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw two inputs and small numbers."""
    inputs, hidden = r.int("inputs", 2, 2), r.choice("hidden", (2, 2, 3))
    outputs = r.choice("outputs", (1, 2))
    return Params(
        inputs=inputs,
        hidden=hidden,
        outputs=outputs,
        x=r.array("x", (inputs,), -3, 3, 0),
        W1=r.array("W1", (hidden, inputs), -1, 1, 1),
        b1=r.array("b1", (hidden,), -1, 1, 1),
        W2=r.array("W2", (outputs, hidden), -1.5, 1.5, 1),
        b2=r.array("b2", (outputs,), -1, 1, 1),
        activation=r.choice("activation", ACTIVATIONS),
        output=r.choice("output", ("none", "none", "sigmoid")),
    )


def answer(p: Params) -> dict:
    """Compute layer by layer."""
    return _values(p)


def witness(p: Params) -> dict:
    """Put the weights into PyTorch's layers and run them."""
    import torch

    layers = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}
    first = torch.nn.Linear(p.inputs, p.hidden, dtype=torch.float64)
    second = torch.nn.Linear(p.hidden, p.outputs, dtype=torch.float64)
    with torch.no_grad():
        for layer, weight, bias in ((first, p.W1, p.b1), (second, p.W2, p.b2)):
            layer.weight.copy_(torch.tensor(weight))
            layer.bias.copy_(torch.tensor(bias))
        hidden = layers[p.activation]()(first(torch.tensor(p.x)))
        output = second(hidden)
        output = torch.sigmoid(output) if p.output == "sigmoid" else output
    return {"hidden": hidden.numpy(), "output": output.numpy()}


def _values(p: Params, **other: Array | str) -> dict:
    """Return both layers' values, with weights, biases or activations replaced."""
    given = {name: getattr(p, name) for name in ("W1", "b1", "W2", "b2", "activation", "output")}
    given |= other
    hidden = activate(given["activation"], given["W1"] @ p.x + given["b1"])
    return {
        "hidden": hidden,
        "output": activate(given["output"], given["W2"] @ hidden + given["b2"]),
    }


def _if_negative(p: Params, values: dict) -> dict:
    """Give the mistake where ReLU changes anything."""
    changes = p.activation != "relu" or bool((p.W1 @ p.x + p.b1 < 0).any())
    return values if changes else {}


MISTAKES = (
    Mistake(
        "activation-forgotten",
        "The hidden layer has an activation: apply it before the second layer.",
        lambda p: _if_negative(p, _values(p, activation="none")),
    ),
    Mistake(
        "first-biases-forgotten",
        "Each hidden unit has a bias, which is added before its activation.",
        lambda p: _values(p, b1=np.zeros(p.hidden)) if p.b1.all() else {},
    ),
    Mistake(
        "second-biases-forgotten",
        "Each output unit has a bias as well.",
        lambda p: {"output": _values(p, b2=np.zeros(p.outputs))["output"]} if p.b2.all() else {},
    ),
    Mistake(
        "weights-transposed",
        "Row $i$ of the first matrix holds the weights of hidden unit $i$: multiply rows by x.",
        lambda p: _values(p, W1=p.W1.T) if p.hidden == p.inputs > 1 else {},
    ),
    Mistake(
        "relu-on-the-output",
        "ReLU belongs to the hidden layer; an output may be negative.",
        lambda p: (
            {"output": _values(p, output="relu")["output"]}
            if p.output == "none" and (_values(p)["output"] < 0).any()
            else {}
        ),
    ),
    Mistake(
        "output-sigmoid-forgotten",
        "The output goes through a sigmoid as well.",
        lambda p: {"output": _values(p, output="none")["output"]} if p.output == "sigmoid" else {},
    ),
    Mistake(
        "sigmoid-added",
        "Nothing follows the second layer here.",
        lambda p: {"output": _values(p, output="sigmoid")["output"]} if p.output == "none" else {},
    ),
    Mistake(
        "other-activation",
        "This is tanh or the sigmoid where the other one is asked for.",
        lambda p: (
            {}
            if p.activation == "relu"
            else _values(p, activation="tanh" if p.activation == "sigmoid" else "sigmoid")
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return what goes into the activations, and their names."""
    values = _values(p, output="none")
    return {
        "z1": p.W1 @ p.x + p.b1,
        "z2": values["output"],
        "name": NAMES[p.activation],
        "head": NAMES[p.output],
    }
