"""The cross-entropy of a model that gives each of K classes the same probability: ln K."""

from __future__ import annotations

import math

import numpy as np

from grader.core import Framework, InputKind, Mutant
from grader.drawing import planned
from problems.engine.losses import cross_entropy

VERSION = 1
FUNCTION = "random_model_loss"
ARGUMENTS = {"classes": "() int"}
RETURNS = {"loss": "() float"}
FRAMEWORKS: tuple[Framework, ...] = ("numpy",)
PLANS = planned(
    ("ordinary", "ordinary", "edge"),
    ("ordinary", "ordinary", "ordinary", "edge", "distinct", "large", "large"),
)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, int]:
    """Draw the number of classes: `edge` has 2, `distinct` 1, and `large` a vocabulary."""
    ranges = {"edge": (2, 3), "distinct": (1, 2), "large": (10_000, 1_000_001)}
    low, high = ranges.get(kind, (3, 200))
    return {"classes": int(rng.integers(low, high))}


def reference(classes: int) -> float:
    """Return the loss of logits that are all the same, ln K."""
    return cross_entropy(np.zeros((1, classes)), np.zeros(1))


MUTANTS = (
    Mutant(
        "base-2",
        "This is the logarithm to base 2; the natural one was asked for.",
        math.log2,
    ),
    Mutant(
        "base-10",
        "This is the logarithm to base 10; the natural one was asked for.",
        math.log10,
    ),
    Mutant(
        "probability",
        "This is the probability of the right class. The loss is its negative logarithm.",
        lambda k: 1 / k,
    ),
    Mutant(
        "number-of-classes",
        "This is the perplexity, which is the number of classes. The loss is its logarithm.",
        float,
    ),
    Mutant(
        "sign",
        "This is the log-probability. The loss is its negative, which is never below 0.",
        lambda k: -math.log(k),
    ),
    Mutant(
        "sum-over-classes",
        "This adds the loss up over all classes. Only the right class has a part in it.",
        lambda k: k * math.log(k),
    ),
    Mutant(
        "one-term-of-the-entropy",
        "This weights the loss with the probability once more. The loss is -ln p, not -p ln p.",
        lambda k: math.log(k) / k,
    ),
    Mutant(
        "error-rate",
        "This is how often a random guess is wrong. The loss is the cross-entropy.",
        lambda k: 1 - 1 / k,
    ),
    Mutant(
        "yes-or-no",
        "This is ln 2, the loss of a guess between two classes, whatever their number is.",
        lambda _: math.log(2),
    ),
    Mutant(
        "one-class-fewer",
        "This guesses between one class fewer than there are.",
        lambda k: math.log(max(1, k - 1)),
    ),
    Mutant(
        "one-class-more",
        "This guesses between one class more than there are.",
        lambda k: math.log(k + 1),
    ),
)
