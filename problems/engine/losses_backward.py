"""Gradients of the softmax and of the losses; shapes are those of `problems.engine.losses`.

dy or dloss, of the result's shape, is the gradient by the result: 1 for a loss that is one number,
and 1/n throughout for the mean of n terms. A gradient has the shape of what it is by.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from problems.core import Array
from problems.engine.activations import sigmoid
from problems.engine.losses import softmax, target_shares


def softmax_backward(dy: Array, logits: Array, temperature: float = 1.0) -> Array:
    """Return the gradient of `softmax` by the logits (..., classes)."""
    p = softmax(logits, temperature)
    return p * (dy - (dy * p).sum(axis=-1, keepdims=True)) / temperature


def log_softmax_backward(dy: Array, logits: Array) -> Array:
    """Return the gradient of `log_softmax` by the logits (..., classes)."""
    return dy - softmax(logits) * dy.sum(axis=-1, keepdims=True)


def cross_entropy_backward(
    dloss: Array | float,
    logits: Array,
    targets: NDArray[Any],
    *,
    weights: Array | None = None,
    ignored: int | None = None,
    reduction: str = "mean",
) -> Array:
    """Return the gradient of `cross_entropy`, in nats, by the logits (..., classes)."""
    shares, divisor = target_shares(logits, targets, weights, ignored)
    each = softmax(logits) * shares.sum(axis=-1, keepdims=True) - shares
    return np.asarray(dloss)[..., None] * each / (divisor if reduction == "mean" else 1)


def binary_cross_entropy_backward(
    dloss: Array, p: Array, y: Array, *, positive_weight: float = 1.0
) -> Array:
    """Return the gradient of `binary_cross_entropy`, in nats, by p."""
    return dloss * ((1 - y) / (1 - p) - positive_weight * y / p)


def binary_cross_entropy_logits_backward(
    dloss: Array, z: Array, y: Array, *, positive_weight: float = 1.0
) -> Array:
    """Return the gradient of `binary_cross_entropy_logits` by z."""
    return dloss * ((1 - y) * sigmoid(z) - positive_weight * y * sigmoid(-z))


def kl_divergence_backward(dloss: Array, p: Array, q: Array) -> tuple[Array, Array]:
    """Return the gradients of `kl_divergence`, in nats, by p and q (..., classes), both positive.

    Their numbers count as independent: that they sum to 1 is what a softmax before them sees to.
    """
    d = np.asarray(dloss)[..., None]
    return d * (np.log(p / q) + 1), -d * p / q


def squared_errors_backward(dloss: Array, y: Array, predicted: Array) -> tuple[Array, Array]:
    """Return the gradients of `squared_errors` by y and by what was predicted."""
    d = 2 * dloss * (predicted - y)
    return -d, d


def hinge_backward(dloss: Array, scores: Array, y: Array, margin: float = 1.0) -> Array:
    """Return the gradient of `hinge` by the scores; 0 at the kink."""
    return np.where(y * scores < margin, -dloss * y, 0.0)


def multiclass_hinge_backward(
    dloss: Array, scores: Array, labels: NDArray[np.int64], margin: float = 1.0
) -> Array:
    """Return the gradient of `multiclass_hinge` by the scores (batch, classes); dloss (batch,)."""
    rows = np.arange(len(scores))
    active = (scores - scores[rows, labels][:, None] + margin > 0).astype(np.float64)
    active[rows, labels] = 0.0
    active[rows, labels] = -active.sum(axis=1)
    return dloss[:, None] * active
