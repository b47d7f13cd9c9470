"""The mean cross-entropy of logits against labels, in nats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.core import AnyArray, Framework, InputKind, Mutant
from grader.drawing import logits, plans, sizes
from problems.core import Array
from problems.engine.losses import cross_entropy, log_softmax, softmax

VERSION = 1
FUNCTION = "cross_entropy"
ARGUMENTS = {"logits": "(batch, classes)", "labels": "(batch,) int64"}
RETURNS = {"loss": "() float"}
FRAMEWORKS: tuple[Framework, ...] = ("numpy",)
PLANS = plans()


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray]:
    """Draw logits and labels; in `large` the right class of one row has the least logit."""
    batch, classes = sizes(kind, rng, 2)
    z = logits(kind, rng, batch, classes)
    labels = rng.integers(classes, size=batch)
    if kind == "large":
        labels[0] = z[0].argmin()
    return {"logits": z, "labels": labels}


reference = cross_entropy


def _taken(values: Array, labels: AnyArray) -> Array:
    """Return the entry of each row that its label points to."""
    return values[np.arange(len(labels)), labels]


def _by_log_probabilities(change: Callable[[Array], Array]) -> Callable[[Array, AnyArray], float]:
    """Return the loss of someone who reads it off a changed log-softmax."""
    return lambda z, labels: float(-_taken(change(z), labels).mean())


@np.errstate(all="ignore")
def _naive(z: Array, labels: AnyArray) -> float:
    e = np.exp(z)
    return float(-np.log(_taken(e / e.sum(axis=1, keepdims=True), labels)).mean())


@np.errstate(all="ignore")
def _log_of_softmax(z: Array, labels: AnyArray) -> float:
    return float(-np.log(_taken(softmax(z), labels)).mean())


MUTANTS = (
    Mutant(
        "sum-for-mean",
        "This is the sum over the batch; the mean was asked for.",
        lambda z, y: cross_entropy(z, y, reduction="sum"),
    ),
    Mutant(
        "mean-over-classes",
        "This divides by batch and classes. Each example has one loss: divide by the batch alone.",
        lambda z, y: cross_entropy(z, y) / z.shape[1],
    ),
    Mutant(
        "base-2",
        "This has the logarithm to base 2; the natural one was asked for.",
        lambda z, y: cross_entropy(z, y, base=2.0),
    ),
    Mutant(
        "base-10",
        "This has the logarithm to base 10; the natural one was asked for.",
        lambda z, y: cross_entropy(z, y, base=10.0),
    ),
    Mutant(
        "sign",
        "This is the mean log-probability. The loss is its negative.",
        lambda z, y: -cross_entropy(z, y),
    ),
    Mutant(
        "probability",
        "This is the mean probability of the right class; its negative logarithm is missing.",
        lambda z, y: _taken(softmax(z), y).mean(),
    ),
    Mutant(
        "log-of-mean",
        "This takes the mean of the probabilities first. Take each logarithm, then the mean.",
        lambda z, y: -np.log(_taken(softmax(z), y).mean()),
    ),
    Mutant(
        "naive-softmax",
        "This takes e^z as it is, which overflows. Subtract each row's largest logit first.",
        _naive,
    ),
    Mutant(
        "log-of-softmax",
        "This takes the logarithm of a probability that may be 0. Compute the log-softmax itself: "
        "the logit less the log of the sum of exponentials.",
        _log_of_softmax,
    ),
    Mutant(
        "softmax-twice",
        "This takes the softmax twice. The logits go through it once.",
        _by_log_probabilities(lambda z: log_softmax(softmax(z))),
    ),
    Mutant(
        "softmax-over-batch",
        "The softmax goes over the batch here. It goes over the classes of each row.",
        _by_log_probabilities(lambda z: log_softmax(z.T).T),
    ),
    Mutant(
        "no-normalisation",
        "This is the mean of -z: the log of the sum of exponentials is missing.",
        _by_log_probabilities(lambda z: z),
    ),
    Mutant(
        "predicted-class",
        "This is the loss of the class with the largest logit. It goes by the labels.",
        lambda z, _: -log_softmax(z).max(axis=1).mean(),
    ),
    Mutant(
        "labels-from-one",
        "The labels are taken to count from 1 here. They count from 0.",
        lambda z, y: cross_entropy(z, y - 1),
    ),
    Mutant(
        "all-classes",
        "This is the mean over all classes. Of each row only the right class counts.",
        lambda z, _: -log_softmax(z).mean(),
    ),
)
