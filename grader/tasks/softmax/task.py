"""The softmax over the last axis, for logits of any size."""

from __future__ import annotations

import numpy as np

from grader.core import InputKind, Mutant
from grader.drawing import logits, plans, sizes
from problems.core import Array
from problems.engine.activations import sigmoid
from problems.engine.losses import log_softmax, softmax

VERSION = 1
FUNCTION = "softmax"
FRAMEWORKS = ("numpy",)
ARGUMENTS = {"z": "(batch, classes)"}
RETURNS = {"p": "(batch, classes)"}
PLANS = plans()


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw logits; for `large`, rows of which e^z overflows and of which it is 0."""
    batch, classes = sizes(kind, rng, 2)
    return {"z": logits(kind, rng, batch, classes)}


reference = softmax


def _share(e: Array, axis: int | None = -1) -> Array:
    return e / e.sum(axis=axis, keepdims=True)


def _below_maximum(z: Array, axis: int | None = -1) -> Array:
    """Return e^(z - maximum) over this axis."""
    return np.exp(z - z.max(axis=axis, keepdims=True))


MUTANTS = (
    Mutant(
        "naive",
        "This takes e^z as it is, which overflows for large z. "
        "Subtract each row's maximum first: the shares stay the same.",
        lambda z: _share(np.exp(z)),
    ),
    Mutant(
        "one-maximum",
        "This subtracts one maximum from all rows: rows far below it lose everything. "
        "Subtract each row's own.",
        lambda z: _share(_below_maximum(z, None)),
    ),
    Mutant(
        "maximum-over-batch",
        "This subtracts the maximum of each column, which changes the shares within a row. "
        "Subtract each row's maximum.",
        lambda z: _share(_below_maximum(z, 0)),
    ),
    Mutant(
        "over-batch",
        "This is a softmax over the batch, the first axis. Each row is a distribution of its own.",
        lambda z: softmax(z.T).T,
    ),
    Mutant(
        "over-everything",
        "This divides by the sum of the whole array. Each row is a distribution of its own.",
        lambda z: _share(_below_maximum(z, None), None),
    ),
    Mutant(
        "not-normalised",
        "This is e^z below each row's maximum: the division by the sum is missing.",
        _below_maximum,
    ),
    Mutant(
        "no-exponential",
        "This is z divided by its sum: the exponential is missing.",
        _share,
    ),
    Mutant(
        "logarithm",
        "This is the logarithm of the softmax. The softmax itself was asked for.",
        log_softmax,
    ),
    Mutant(
        "sigmoid",
        "This is a sigmoid of each logit, which does not sum to one over the classes.",
        sigmoid,
    ),
    Mutant(
        "sign",
        "This is the softmax of -z. The largest logit has the largest share.",
        lambda z: softmax(-z),
    ),
    Mutant(
        "base-two",
        "This takes powers of 2. The softmax takes powers of e.",
        lambda z: softmax(z * np.log(2.0)),
    ),
    Mutant(
        "hard",
        "This is 1 for the largest logit and 0 for the others. The softmax gives shares.",
        lambda z: np.eye(z.shape[1])[z.argmax(axis=1)],
    ),
)
