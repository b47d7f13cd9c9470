"""Metrics of a classifier: from its confusion counts (Powers 2011), and from its scores."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from problems.core import Array

Labels: TypeAlias = NDArray[np.int64]


def accuracy(tp: int, fp: int, fn: int, tn: int) -> float:
    """Return the share of all cases that are classified rightly."""
    return (tp + tn) / (tp + fp + fn + tn)


def precision(tp: int, fp: int) -> float:
    """Return the share of the alarms that are right, TP / (TP + FP)."""
    return tp / (tp + fp)


def recall(tp: int, fn: int) -> float:
    """Return the share of the positive cases that are found, TP / (TP + FN)."""
    return tp / (tp + fn)


def specificity(tn: int, fp: int) -> float:
    """Return the share of the negative cases that are passed, TN / (TN + FP)."""
    return tn / (tn + fp)


def f1(tp: int, fp: int, fn: int) -> float:
    """Return the harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN)."""
    return 2 * tp / (2 * tp + fp + fn)


def confusion_matrix(truth: Labels, predicted: Labels, classes: int) -> Array:
    """Return how often each pair occurs, shape (true classes, predicted classes).

    truth and predicted hold classes from 0, shapes (cases,).
    """
    counts = np.bincount(truth * classes + predicted, minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.float64)


def class_counts(confusion: Array) -> tuple[Array, Array, Array]:
    """Return (TP, FP, FN) of each class, shapes (classes,), from counts (true, predicted)."""
    tp = np.diagonal(confusion).astype(np.float64)
    return tp, confusion.sum(axis=0) - tp, confusion.sum(axis=1) - tp


def averaged(confusion: Array, metric: str, average: str) -> float:
    """Return "precision", "recall", "f1" or "iou" of counts (true classes, predicted classes).

    average "macro": mean over the classes; "weighted": weighted with each class's true cases;
    "micro": from the counts summed over the classes. A class without a denominator counts 0, as
    in scikit-learn.
    """
    tp, fp, fn = class_counts(confusion)
    if average == "micro":
        tp, fp, fn = (np.array([counts.sum()]) for counts in (tp, fp, fn))
    above = 2 * tp if metric == "f1" else tp
    below = above + {"precision": fp, "recall": fn, "f1": fp + fn, "iou": fp + fn}[metric]
    values = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return float(np.average(values, weights=tp + fn if average == "weighted" else None))


def binary_counts(truth: Labels, predicted: Labels) -> tuple[int, int, int, int]:
    """Return (TP, FP, FN, TN) of two arrays of 0 and 1, shapes (cases,); 1 is positive."""
    return (
        int(((truth == 1) & (predicted == 1)).sum()),
        int(((truth == 0) & (predicted == 1)).sum()),
        int(((truth == 1) & (predicted == 0)).sum()),
        int(((truth == 0) & (predicted == 0)).sum()),
    )


def binary_metrics(truth: Labels, predicted: Labels) -> tuple[float, float, float, float]:
    """Return (accuracy, precision, recall, F1); one with the denominator 0 is 0.

    truth and predicted hold 0 and 1, shapes (cases,).
    """
    tp, fp, fn, tn = binary_counts(truth, predicted)
    return (
        accuracy(tp, fp, fn, tn),
        precision(tp, fp) if tp + fp else 0.0,
        recall(tp, fn) if tp + fn else 0.0,
        f1(tp, fp, fn) if tp + fp + fn else 0.0,
    )


def roc_auc(truth: Labels, scores: Array) -> float:
    """Return the area under the ROC curve; truth holds 0 and 1 (both), shapes (cases,).

    It is the share of pairs (positive, negative) in which the positive case has the higher score,
    a tie counting one half (Fawcett 2006): the mean rank of the positive cases, shifted and scaled.
    """
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    positive = truth == 1
    found = int(positive.sum())
    pairs = found * (len(truth) - found)
    return float((ranks[positive].sum() - found * (found + 1) / 2) / pairs)
