"""The natural logarithm of the softmax over the last axis, for logits of any size."""

from __future__ import annotations

import numpy as np

from grader.core import InputKind, Mutant
from grader.drawing import logits, plans, sizes
from problems.core import Array
from problems.engine.losses import log_softmax, softmax

VERSION = 1
FUNCTION = "log_softmax"
FRAMEWORKS = ("numpy",)
ARGUMENTS = {"z": "(batch, classes)"}
RETURNS = {"l": "(batch, classes)"}
PLANS = plans()


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw logits; for `large`, rows of which e^z overflows and of which it is 0."""
    batch, classes = sizes(kind, rng, 2)
    return {"z": logits(kind, rng, batch, classes)}


reference = log_softmax


def _shifted(z: Array, axis: int | None = -1) -> Array:
    return z - z.max(axis=axis, keepdims=True)


def _log_sum(z: Array) -> Array:
    return np.log(np.exp(z).sum(axis=-1, keepdims=True))


MUTANTS = (
    Mutant(
        "naive",
        "This takes e^z as it is, which overflows for large z. "
        "Subtract each row's maximum first: the result stays the same.",
        lambda z: z - _log_sum(z),
    ),
    Mutant(
        "naive-log-of-softmax",
        "This takes the logarithm of shares of e^z as it is, which overflows for large z. "
        "Subtract each row's maximum, and then the logarithm of the sum of e^z.",
        lambda z: np.log(np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)),
    ),
    Mutant(
        "log-of-softmax",
        "This takes the logarithm of shares, which is -infinity for those that underflow to 0. "
        "Subtract the logarithm of the sum from z instead.",
        lambda z: np.log(softmax(z)),
    ),
    Mutant(
        "one-maximum",
        "This subtracts one maximum from all rows: rows far below it lose everything. "
        "Subtract each row's own.",
        lambda z: _shifted(z, None) - _log_sum(_shifted(z, None)),
    ),
    Mutant(
        "maximum-forgotten",
        "This subtracts the maximum within the sum, but not from z. It must be the same in both.",
        lambda z: z - _log_sum(_shifted(z)),
    ),
    Mutant(
        "over-batch",
        "This is a log-softmax over the batch, the first axis. "
        "Each row is a distribution of its own.",
        lambda z: log_softmax(z.T).T,
    ),
    Mutant(
        "over-everything",
        "This sums over the whole array. Each row is a distribution of its own.",
        lambda z: log_softmax(z.reshape(-1)).reshape(z.shape),
    ),
    Mutant(
        "no-logarithm",
        "This is the softmax: the logarithm is missing.",
        softmax,
    ),
    Mutant(
        "no-sum",
        "This is z below its row's maximum: the logarithm of the sum is missing.",
        _shifted,
    ),
    Mutant(
        "log-of-mean",
        "This subtracts the logarithm of the mean of e^z. It should be that of the sum.",
        lambda z: log_softmax(z) + np.log(z.shape[1]),
    ),
    Mutant(
        "sign",
        "This is the negative, as in a loss. The logarithm of a share is never positive.",
        lambda z: -log_softmax(z),
    ),
    Mutant(
        "base-two",
        "This is the logarithm to base 2. The natural logarithm was asked for.",
        lambda z: log_softmax(z) / np.log(2.0),
    ),
    Mutant(
        "base-ten",
        "This is the logarithm to base 10. The natural logarithm was asked for.",
        lambda z: log_softmax(z) / np.log(10.0),
    ),
    Mutant(
        "log-sigmoid",
        "This is the logarithm of a sigmoid of each logit by itself. "
        "The softmax sums over the classes.",
        lambda z: -np.logaddexp(0.0, -z),
    ),
)
