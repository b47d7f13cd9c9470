"""The mean squared error of a batch."""

import numpy as np

from grader.core import InputKind, Mutant
from grader.drawing import numbers, plans, sizes
from problems.core import Array

VERSION = 1
FUNCTION = "mean_squared_error"
ARGUMENTS = {"prediction": "(batch, out)", "target": "(batch, out)"}
RETURNS = {"loss": "()"}
PLANS = plans()


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw the inputs of one case."""
    batch, out = sizes(kind, rng, 2)
    return {
        "prediction": numbers(kind, rng, batch, out),
        "target": numbers(kind, rng, batch, out),
    }


def reference(prediction: Array, target: Array) -> float:
    """Return what is right."""
    return float(np.mean((prediction - target) ** 2))


MUTANTS = (
    Mutant(
        "sum",
        "This is the sum of the squares. Divide it by how many there are.",
        lambda prediction, target: np.sum((prediction - target) ** 2),
    ),
    Mutant(
        "absolute",
        "This is the mean of the absolute errors. Square each before the mean.",
        lambda prediction, target: np.mean(np.abs(prediction - target)),
    ),
)
