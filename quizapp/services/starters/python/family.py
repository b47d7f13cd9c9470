"""Parameters of one fully connected layer."""

from dataclasses import dataclass

from problems.answers import Integer
from problems.core import Mistake, param
from problems.drawing import Draw


@dataclass(frozen=True)
class Params:
    """What is drawn; each field with its meaning, and the least and greatest value of a pin."""

    inputs: int = param("features of the input", 1, 10_000)
    outputs: int = param("neurons of the layer", 1, 10_000)


VERSION = 1
PARTS = {"total": Integer()}


def draw(r: Draw) -> Params:
    """Choose the numbers; each has a name of its own."""
    return Params(inputs=r.int("inputs", 3, 40), outputs=r.int("outputs", 2, 30))


def answer(p: Params) -> dict:
    """Compute the key of each part, with NumPy or plain Python."""
    return {"total": p.inputs * p.outputs + p.outputs}


def witness(p: Params) -> dict:
    """Find the same another way: build the layer in PyTorch, and count."""
    import torch

    layer = torch.nn.Linear(p.inputs, p.outputs, device="meta")
    return {"total": sum(weights.numel() for weights in layer.parameters())}


MISTAKES = (
    Mistake(
        "biases-forgotten",
        "Each neuron has a bias besides its weights.",
        lambda p: {"total": p.inputs * p.outputs},
    ),
    Mistake(
        "one-bias",
        "There is one bias for each neuron, not one for the layer.",
        lambda p: {"total": p.inputs * p.outputs + 1},
    ),
)


def steps(p: Params) -> dict:
    """Return the numbers between, for the worked solution."""
    return {"weights": p.inputs * p.outputs}
