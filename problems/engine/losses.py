"""Softmax, and losses. Logarithms are natural unless a base is given: losses in nats.

Labels are class numbers from 0. A loss that has no reduction of its own gives each example's (or
each number's), and `reduced` their mean or sum.
"""

import math
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from problems.core import Array
from problems.engine.activations import softplus

BASES = {"e": math.e, "2": 2.0, "10": 10.0}


def softmax(logits: Array, temperature: float = 1.0) -> Array:
    """Return e^(z/T) divided by its sum over the last axis, of the logits' shape."""
    return np.exp(log_softmax(np.asarray(logits) / temperature))


def log_softmax(logits: Array) -> Array:
    """Return log(softmax(logits)) over the last axis, of the logits' shape."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def reduced(terms: Array, reduction: str) -> Array:
    """Return the "mean" or "sum" of all terms, shape (), or with "none" the terms themselves."""
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](terms)


@overload
def cross_entropy(
    logits: Array,
    targets: NDArray[Any],
    *,
    weights: Array | None = None,
    ignored: int | None = None,
    reduction: Literal["mean", "sum"] = "mean",
    base: float = math.e,
) -> float: ...
@overload
def cross_entropy(
    logits: Array,
    targets: NDArray[Any],
    *,
    weights: Array | None = None,
    ignored: int | None = None,
    reduction: Literal["none"],
    base: float = math.e,
) -> Array: ...
def cross_entropy(
    logits: Array,
    targets: NDArray[Any],
    *,
    weights: Array | None = None,
    ignored: int | None = None,
    reduction: Literal["mean", "sum", "none"] = "mean",
    base: float = math.e,
) -> float | Array:
    """Return the cross-entropy of logits (..., classes), as torch.nn.functional.cross_entropy.

    targets are labels (...,), or distributions of the logits' shape. `weights` (classes,) multiply
    each class's part; examples with the label `ignored` count nothing. `reduction` "none" gives
    shape (...,), "sum" their sum, and "mean" the sum over the number of examples or, for labels,
    over their weights (nan where all are ignored). The unit is nats for base e, bits for base 2.
    """
    shares, divisor = target_shares(logits, targets, weights, ignored)
    parts = np.zeros_like(shares)
    np.multiply(shares, log_softmax(logits), out=parts, where=shares != 0)
    losses = -parts.sum(axis=-1) / math.log(base)
    if reduction == "none":
        return losses
    total = float(losses.sum())
    if reduction == "sum":
        return total
    return total / divisor if divisor else math.nan


def target_shares(
    logits: Array, targets: NDArray[Any], weights: Array | None, ignored: int | None
) -> tuple[Array, float]:
    """Return what multiplies each -log p, of the logits' shape, and the mean's divisor."""
    classes = logits.shape[-1]
    scale = np.ones(classes) if weights is None else weights
    if targets.ndim == logits.ndim:
        return targets * scale, targets[..., 0].size
    labels = np.asarray(targets).astype(int)
    kept = np.ones(labels.shape, dtype=bool) if ignored is None else labels != ignored
    places = np.where(kept, labels, 0)[..., None]
    own = scale[places] * kept[..., None]
    shares = np.zeros(logits.shape)
    np.put_along_axis(shares, places, own, axis=-1)
    return shares, float(own.sum())


def entropy(p: Array, base: float = math.e) -> Array:
    """Return H(p) = -sum p log p of distributions (..., classes), shape (...), with 0 log 0 = 0."""
    return distribution_cross_entropy(p, p, base)


def distribution_cross_entropy(p: Array, q: Array, base: float = math.e) -> Array:
    """Return H(p, q) = -sum p log q, shape (...) for (..., classes); infinite for q = 0 < p."""
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(p > 0, p * np.log(q), 0.0)
    return -parts.sum(axis=-1) / math.log(base) + 0.0


def kl_divergence(p: Array, q: Array, base: float = math.e) -> Array:
    """Return KL(p || q) = sum p log(p / q), shape (...) for (..., classes) (Kullback & Leibler)."""
    return distribution_cross_entropy(p, q, base) - entropy(p, base)


def binary_cross_entropy(
    p: Array, y: Array, *, positive_weight: float = 1.0, base: float = math.e
) -> Array:
    """Return -(w y log p + (1 - y) log(1 - p)) for each example, shape (batch,).

    p are probabilities strictly between 0 and 1, y targets between 0 and 1; w is the weight of
    the positive class (torch's pos_weight).
    """
    return -(positive_weight * y * np.log(p) + (1 - y) * np.log(1 - p)) / math.log(base)


def binary_cross_entropy_logits(z: Array, y: Array, *, positive_weight: float = 1.0) -> Array:
    """Return `binary_cross_entropy` of sigmoid(z), of z's shape, without overflow."""
    return positive_weight * y * softplus(-z) + (1 - y) * softplus(z)


def squared_errors(y: Array, predicted: Array) -> Array:
    """Return (predicted - y)^2, element by element; their mean is the MSE."""
    return (predicted - y) ** 2


def hinge(scores: Array, y: Array, margin: float = 1.0) -> Array:
    """Return max(0, margin - y s), element by element, for targets y of -1 and 1."""
    return np.maximum(0.0, margin - y * scores)


def multiclass_hinge(scores: Array, labels: NDArray[np.int64], margin: float = 1.0) -> Array:
    """Return the sum of `hinge_terms` of each example, shape (batch,).

    scores (batch, classes), labels (batch,).
    """
    own = np.take_along_axis(scores, labels[:, None], axis=1)
    return np.maximum(0.0, scores - own + margin).sum(axis=1) - max(0.0, margin)


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
