"""Overlap of boxes, and non-maximum suppression."""

from collections.abc import Sequence

import numpy as np

from problems.core import Array


def intersection(a: Array, b: Array) -> Array:
    """Return the area that boxes (..., 4) of (x1, y1, x2, y2) share, pair by pair, shape (...)."""
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    return np.maximum(0.0, high - low).prod(axis=-1)


def area(box: Array) -> Array:
    """Return the area of boxes (..., 4) of (x1, y1, x2, y2), shape (...)."""
    return (box[..., 2:] - box[..., :2]).prod(axis=-1)


def iou(a: Array, b: Array) -> Array:
    """Return intersection over union of boxes (..., 4) of (x1, y1, x2, y2), shape (...).

    Boxes a[:, None] and b[None] give every pair, as torchvision.ops.box_iou.
    """
    shared = intersection(a, b)
    return shared / (area(a) + area(b) - shared)


def suppress(boxes: Array, scores: Sequence[float], threshold: float) -> list[int]:
    """Return the indices that greedy non-maximum suppression keeps, the best score first.

    A box falls to a kept one with a higher score if their IoU is above the threshold.
    """
    kept: list[int] = []
    for index in sorted(range(len(scores)), key=lambda i: -scores[i]):
        if all(iou(boxes[index], boxes[other]) <= threshold for other in kept):
            kept.append(index)
    return kept
