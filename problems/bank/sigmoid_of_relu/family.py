"""A cat detector that ends in sigmoid(ReLU(z)): its output is never below one half."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Integer, Vector, YesNo
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine.activations import relu, sigmoid


@dataclass(frozen=True)
class Params:
    """The last pre-activations of some images, and from where on an output means "cat"."""

    images: int = param("number of images", 1, 12)
    z: Array = param("pre-activation of each image, shape (images,)", -100, 100)
    threshold: float = param("smallest output that is called a cat", 0.01, 0.99)


VERSION = 1
PARTS = {"outputs": Vector(decimals=3), "cats": Integer(), "always": YesNo()}


def draw(r: Draw) -> Params:
    """Draw images of which about half have a negative pre-activation."""
    n = r.int("images", 3, 5)
    return Params(
        images=n,
        z=r.array("z", (n,), -3, 3, 1),
        threshold=r.choice("threshold", (0.5, 0.5, 0.4, 0.45, 0.55, 0.6, 0.7)),
    )


def answer(p: Params) -> dict:
    """Compute the outputs with the reference engine; the smallest possible one is sigmoid(0)."""
    outputs = sigmoid(relu(p.z))
    return {
        "outputs": outputs,
        "cats": int((outputs >= p.threshold).sum()),
        "always": p.threshold <= 0.5,
    }


def witness(p: Params) -> dict:
    """Run the activations in PyTorch; "always" is tried on pre-activations far and near."""
    import torch

    head = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Sigmoid())
    outputs = head(torch.tensor(p.z))
    tried = head(torch.linspace(-100, 100, 2001, dtype=torch.float64))
    return {
        "outputs": outputs.numpy(),
        "cats": int((outputs >= p.threshold).sum()),
        "always": bool((tried >= p.threshold).all()),
    }


def _called_cats(p: Params, outputs: Array) -> dict:
    """Return the part "cats" for wrong outputs, where they change it at all by the threshold."""
    return {"cats": int((outputs >= p.threshold).sum())} if p.threshold <= 0.5 else {}


MISTAKES = (
    Mistake(
        "half-are-negative",
        "A negative z does not give a “no”: ReLU makes it 0, and sigmoid(0) is 0.5.",
        lambda p: {"cats": int((p.z > 0).sum()), "always": False} if p.threshold <= 0.5 else {},
    ),
    Mistake(
        "relu-forgotten",
        "This is the sigmoid of z itself; z goes through ReLU first.",
        lambda p: {"outputs": sigmoid(p.z), **_called_cats(p, sigmoid(p.z))},
    ),
    Mistake(
        "zero-for-negative",
        "ReLU gives 0 for a negative z, but then comes the sigmoid, and sigmoid(0) is 0.5.",
        lambda p: {"outputs": np.where(p.z > 0, sigmoid(p.z), 0.0)},
    ),
    Mistake(
        "sigmoid-forgotten",
        "This is ReLU(z); the sigmoid comes after it.",
        lambda p: {"outputs": relu(p.z)},
    ),
    Mistake(
        "always-a-cat",
        "The output is never below 0.5, but this threshold is higher than that.",
        lambda p: {"cats": p.images, "always": True} if p.threshold > 0.5 else {},
    ),
)


def steps(p: Params) -> dict:
    """Return what ReLU gives."""
    return {"relu": relu(p.z)}
