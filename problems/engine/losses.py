"""Losses. Logarithms are natural unless a base is given."""

import math

import numpy as np

from problems.core import Array

BASES = {"e": math.e, "2": 2.0, "10": 10.0}


def softmax(logits: Array, temperature: float = 1.0) -> Array:
    """Return e^(z/T) divided by its sum over the last axis, of the logits' shape."""
    return np.exp(log_softmax(np.asarray(logits) / temperature))


def log_softmax(logits: Array) -> Array:
    """Return log(softmax(logits)) over the last axis, of the logits' shape."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def cross_entropy(
    logits: Array, labels: Array, *, reduction: str = "mean", base: float = math.e
) -> float:
    """Return the cross-entropy of logits (batch, classes) against labels (batch,).

    `reduction` is "mean" or "sum" over the batch; the unit is nats for base e, bits for base 2.
    """
    rows = np.arange(len(labels))
    losses = -log_softmax(logits)[rows, labels.astype(int)] / math.log(base)
    return float(losses.sum() if reduction == "sum" else losses.mean())


def entropy(p: Array, base: float = math.e) -> float:
    """Return H(p) = -sum p log p of a distribution (classes,), with 0 log 0 = 0."""
    return distribution_cross_entropy(p, p, base)


def distribution_cross_entropy(p: Array, q: Array, base: float = math.e) -> float:
    """Return H(p, q) = -sum p log q, shapes (classes,); infinite where q = 0 and p > 0."""
    seen = p > 0
    with np.errstate(divide="ignore"):
        return float(-(p[seen] * np.log(q[seen])).sum() / math.log(base)) + 0.0


def kl_divergence(p: Array, q: Array, base: float = math.e) -> float:
    """Return KL(p || q) = sum p log(p / q), shapes (classes,) (Kullback & Leibler 1951)."""
    return distribution_cross_entropy(p, q, base) - entropy(p, base)


def binary_cross_entropy(
    p: Array, y: Array, *, positive_weight: float = 1.0, base: float = math.e
) -> Array:
    """Return -(w y log p + (1 - y) log(1 - p)) for each example, shape (batch,).

    p are probabilities strictly between 0 and 1, y targets between 0 and 1; w is the weight of
    the positive class (torch's pos_weight).
    """
    return -(positive_weight * y * np.log(p) + (1 - y) * np.log(1 - p)) / math.log(base)


def squared_errors(y: Array, predicted: Array) -> Array:
    """Return (predicted - y)^2, element by element."""
    return (predicted - y) ** 2


def hinge_terms(scores: Array, label: int, margin: float = 1.0) -> Array:
    """Return max(0, s_j - s_label + margin) for each class but the label's, shape (classes - 1,).

    Their sum is the multi-class hinge loss (Weston & Watkins 1999; CS231n); torch divides it by
    the number of classes.
    """
    return np.maximum(0.0, np.delete(scores, label) - scores[label] + margin)


def softmax_cross_entropy_gradient(logits: Array, targets: Array) -> Array:
    """Return softmax(z) - y, the gradient by the logits of each row's loss, (batch, classes).

    targets are distributions of the same shape; the mean over a batch divides this by its size.
    """
    return softmax(logits) - targets
