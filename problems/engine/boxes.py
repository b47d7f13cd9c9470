"""Overlap of boxes, and non-maximum suppression."""

from collections.abc import Sequence

from problems.core import Array


def intersection(a: Array, b: Array) -> float:
    """Return the area that two boxes (x1, y1, x2, y2) share."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return float(max(0.0, width) * max(0.0, height))


def area(box: Array) -> float:
    """Return the area of a box (x1, y1, x2, y2)."""
    return float((box[2] - box[0]) * (box[3] - box[1]))


def iou(a: Array, b: Array) -> float:
    """Return intersection over union of two boxes (x1, y1, x2, y2)."""
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
