"""Losses. Logarithms are natural unless a base is given."""

import math

import numpy as np

from problems.core import Array

BASES = {"e": math.e, "2": 2.0, "10": 10.0}


def log_softmax(logits: Array) -> Array:
    """Return log(softmax(logits)) over the last axis, shape (batch, classes)."""
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
