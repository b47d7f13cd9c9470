"""Trainable parameters of a multi-layer perceptron with fully connected layers."""

from dataclasses import dataclass
from itertools import pairwise

from problems.answers import Integer
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine import counting


@dataclass(frozen=True)
class Params:
    """The widths of the layers, and whether units have biases."""

    layers: tuple[int, ...] = param("widths of all layers, the input first", 1, 1_000_000)
    bias: bool = param("whether hidden and output units have a bias")

    def __post_init__(self) -> None:
        """Refuse a network without a weight matrix."""
        if len(self.layers) < 2:
            raise ParamError("layers", "give at least two widths: the input's and the output's.")


VERSION = 1
PARTS = {"total": Integer()}


def draw(r: Draw) -> Params:
    """Draw one to three hidden layers of widths that multiply by hand."""
    hidden = r.choice("hidden_layers", (1, 1, 2, 2, 3))
    return Params(
        layers=r.ints("layers", hidden + 2, 2, 12), bias=r.choice("bias", (True,) * 4 + (False,))
    )


def answer(p: Params) -> dict:
    """Count by the formula."""
    return {"total": counting.mlp_params(p.layers, bias=p.bias)}


def witness(p: Params) -> dict:
    """Build the network in PyTorch and count its parameters (shapes alone, no memory)."""
    import torch

    layers = [torch.nn.Linear(n, m, bias=p.bias, device="meta") for n, m in pairwise(p.layers)]
    return {"total": sum(w.numel() for w in torch.nn.Sequential(*layers).parameters())}


def _weights(p: Params) -> int:
    return counting.mlp_params(p.layers, bias=False)


MISTAKES = (
    Mistake(
        "biases-forgotten",
        "These are the weights alone: each hidden and output unit also has a bias.",
        lambda p: {"total": _weights(p)} if p.bias else {},
    ),
    Mistake(
        "biases-added",
        "This counts biases, and the network has none.",
        lambda p: {} if p.bias else {"total": counting.mlp_params(p.layers)},
    ),
    Mistake(
        "one-bias-per-layer",
        "Every unit has its own bias, not every layer one.",
        lambda p: {"total": _weights(p) + len(p.layers) - 1} if p.bias else {},
    ),
    Mistake(
        "input-biases",
        "The units of the input layer only hold the input: they have no biases.",
        lambda p: {"total": counting.mlp_params(p.layers) + p.layers[0]} if p.bias else {},
    ),
    Mistake(
        "neurons-counted",
        "This is the number of units; the parameters are on the connections between them.",
        lambda p: {"total": sum(p.layers)},
    ),
    Mistake(
        "first-matrix-only",
        "This is the first weight matrix (with its biases); the later layers have theirs too.",
        lambda p: (
            {"total": counting.mlp_params(p.layers[:2], bias=p.bias)} if len(p.layers) > 2 else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the count of each pair of layers."""
    rows = [
        {"inputs": n, "outputs": m, "weights": n * m, "biases": m if p.bias else 0}
        for n, m in pairwise(p.layers)
    ]
    return {"rows": rows}
