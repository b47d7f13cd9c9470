"""The gradient of the mean cross-entropy by the logits: (softmax(z) - one-hot) / batch."""

from __future__ import annotations

import numpy as np

from grader.core import AnyArray, Framework, InputKind, Mutant
from grader.drawing import logits, plans, sizes
from problems.core import Array
from problems.engine.losses import softmax
from problems.engine.losses import softmax_cross_entropy_gradient as gradient

VERSION = 1
FUNCTION = "softmax_cross_entropy_gradient"
ARGUMENTS = {"logits": "(batch, classes)", "labels": "(batch,) int64"}
RETURNS = {"gradient": "(batch, classes)"}
FRAMEWORKS: tuple[Framework, ...] = ("numpy",)
PLANS = plans()


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray]:
    """Draw logits and labels."""
    batch, classes = sizes(kind, rng, 2)
    labels = rng.integers(classes, size=batch)
    return {"logits": logits(kind, rng, batch, classes), "labels": labels}


def _one_hot(z: Array, labels: AnyArray) -> Array:
    return np.eye(z.shape[1], dtype=z.dtype)[labels]


def reference(z: Array, labels: AnyArray) -> Array:
    """Return (softmax(z) - one-hot(labels)) / batch, shape (batch, classes)."""
    return gradient(z, _one_hot(z, labels)) / len(z)


@np.errstate(all="ignore")
def _naive(z: Array, labels: AnyArray) -> Array:
    e = np.exp(z)
    return (e / e.sum(axis=1, keepdims=True) - _one_hot(z, labels)) / len(z)


def _labels_of_all_rows(z: Array, labels: AnyArray) -> Array:
    p = softmax(z)
    p[:, labels] -= 1.0
    return p / len(z)


def _diagonal(z: Array, _: AnyArray) -> Array:
    p = softmax(z)
    return p * (1.0 - p) / len(z)


def _right_class_alone(z: Array, labels: AnyArray) -> Array:
    return _one_hot(z, labels) * reference(z, labels)


MUTANTS = (
    Mutant(
        "sum-for-mean",
        "This is the gradient of the sum over the batch. Divide by the batch: the loss is a mean.",
        lambda z, y: reference(z, y) * len(z),
    ),
    Mutant(
        "mean-over-classes",
        "This divides by the number of classes. Divide by the size of the batch.",
        lambda z, y: reference(z, y) * len(z) / z.shape[1],
    ),
    Mutant(
        "sign",
        "This has the wrong sign: it points down the loss, not up.",
        lambda z, y: -reference(z, y),
    ),
    Mutant(
        "no-label",
        "This is the softmax alone. At the right class 1 is subtracted from it.",
        lambda z, _: softmax(z) / len(z),
    ),
    Mutant(
        "no-softmax",
        "This subtracts from the logits themselves. Subtract from their softmax.",
        lambda z, y: (z - _one_hot(z, y)) / len(z),
    ),
    Mutant(
        "diagonal-of-the-jacobian",
        "This is p (1 - p), the softmax's own derivative on the diagonal. The loss comes in too.",
        _diagonal,
    ),
    Mutant(
        "right-class-alone",
        "This is 0 but at the right class. The logits of the other classes have a gradient too.",
        _right_class_alone,
    ),
    Mutant(
        "labels-of-all-rows",
        "This subtracts at the classes of all labels in every row. Each row has one label.",
        _labels_of_all_rows,
    ),
    Mutant(
        "softmax-over-batch",
        "The softmax goes over the batch here. It goes over the classes of each row.",
        lambda z, y: gradient(z.T, _one_hot(z, y).T).T / len(z),
    ),
    Mutant(
        "labels-from-one",
        "The labels are taken to count from 1 here. They count from 0.",
        lambda z, y: reference(z, y - 1),
    ),
    Mutant(
        "naive-softmax",
        "This takes e^z as it is, which overflows. Subtract each row's largest logit first.",
        _naive,
    ),
    Mutant(
        "one-maximum-for-all",
        "This subtracts the largest logit of the whole batch. Each row needs its own.",
        lambda z, y: _naive(z - z.max(), y),
    ),
)
