"""Accuracy, precision, recall and F1 of a binary classifier, 0 where a denominator is 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from grader.core import AnyArray, InputKind, Mutant
from grader.drawing import planned, unequal
from problems.engine.metrics import binary_counts, binary_metrics, specificity

VERSION = 1
FUNCTION = "confusion_metrics"
ARGUMENTS = dict.fromkeys(("y_true", "y_pred"), "(examples,) int64")
RETURNS = dict.fromkeys(("accuracy", "precision", "recall", "f1"), "() float")
PLANS = planned(
    ("ordinary", "distinct", "edge"),
    ("ordinary", "ordinary", "ordinary", "distinct", "distinct", "edge", "edge"),
)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray]:
    """Draw counts that are all different, and the examples in any order.

    In `distinct` negatives are many, and in `edge` nothing is predicted to be positive.
    """
    tp, fp, fn, tn = unequal(rng, 4, 1, 7)
    if kind == "distinct":
        tn += 30
    if kind == "edge":
        tp = fp = 0
    order = rng.permutation(tp + fp + fn + tn)
    truth = np.repeat([1, 0, 1, 0], [tp, fp, fn, tn])[order]
    predicted = np.repeat([1, 1, 0, 0], [tp, fp, fn, tn])[order]
    return {"y_true": truth, "y_pred": predicted}


reference = binary_metrics

Metrics: TypeAlias = tuple[float, float, float, float]
Counts: TypeAlias = tuple[int, int, int, int]


def _changed(change: Callable[[Metrics, Counts], Metrics]) -> Callable[..., Metrics]:
    """Return what someone gives who makes another thing of the right metrics, (TP, FP, FN, TN)."""
    return lambda truth, predicted: change(
        binary_metrics(truth, predicted), binary_counts(truth, predicted)
    )


def _share(part: float, whole: float) -> float:
    """Return part / whole, and 0 where the whole is 0."""
    return part / whole if whole else 0.0


def _undefined(truth: AnyArray, predicted: AnyArray) -> Metrics:
    a, p, r, f = binary_metrics(truth, predicted)
    return (a, p, r, f) if predicted.any() else (a, math.nan, r, math.nan)


def _precision_undefined(truth: AnyArray, predicted: AnyArray) -> Metrics:
    a, p, r, f = binary_metrics(truth, predicted)
    return a, p if predicted.any() else math.nan, r, f


def _raising(truth: AnyArray, predicted: AnyArray) -> Metrics:
    if not predicted.any():
        raise ValueError
    return binary_metrics(truth, predicted)


MUTANTS = (
    Mutant(
        "precision-and-recall-swapped",
        "Precision and recall are swapped. Precision is the share of the positive predictions "
        "that are right.",
        _changed(lambda m, _: (m[0], m[2], m[1], m[3])),
    ),
    Mutant(
        "specificity-for-recall",
        "The recall is the share of negatives found here. It is that of the positives.",
        _changed(lambda m, c: (m[0], m[1], specificity(c[3], c[1]), m[3])),
    ),
    Mutant(
        "negatives-as-positives",
        "Class 0 is taken to be the positive one here. It is class 1.",
        lambda truth, predicted: binary_metrics(1 - truth, 1 - predicted),
    ),
    Mutant(
        "arithmetic-mean",
        "F1 is the arithmetic mean of precision and recall here. It is the harmonic one.",
        _changed(lambda m, _: (*m[:3], (m[1] + m[2]) / 2)),
    ),
    Mutant(
        "geometric-mean",
        "F1 is the geometric mean of precision and recall here. It is the harmonic one.",
        _changed(lambda m, _: (*m[:3], math.sqrt(m[1] * m[2]))),
    ),
    Mutant(
        "half-f1",
        "F1 is P R / (P + R) here: the factor 2 is missing.",
        _changed(lambda m, _: (*m[:3], m[3] / 2)),
    ),
    Mutant(
        "jaccard-for-f1",
        "F1 is TP / (TP + FP + FN) here, the Jaccard index. It is the harmonic mean of precision "
        "and recall.",
        _changed(lambda m, c: (*m[:3], _share(c[0], sum(c[:3])))),
    ),
    Mutant(
        "accuracy-for-f1",
        "F1 is the accuracy here. It is the harmonic mean of precision and recall.",
        _changed(lambda m, _: (*m[:3], m[0])),
    ),
    Mutant(
        "true-negatives-forgotten",
        "The accuracy counts true positives alone. True negatives are right too.",
        _changed(lambda m, c: (c[0] / sum(c), *m[1:])),
    ),
    Mutant(
        "error-rate",
        "This is the share of wrong predictions. The accuracy is that of the right ones.",
        _changed(lambda m, _: (1.0 - m[0], *m[1:])),
    ),
    Mutant(
        "positives-counted-twice",
        "The recall is TP / (2 TP + FN) here: TP stands twice below. All positives are TP + FN.",
        _changed(lambda m, c: (*m[:2], _share(c[0], 2 * c[0] + c[2]), m[3])),
    ),
    Mutant(
        "share-of-all",
        "Precision and recall are shares of all examples here. Divide by the positive "
        "predictions, and by the positives.",
        _changed(lambda m, c: (m[0], c[0] / sum(c), c[0] / sum(c), m[3])),
    ),
    Mutant(
        "divided-by-zero",
        "Where nothing is predicted to be positive this divides 0 by 0. Precision and F1 are 0.",
        _undefined,
    ),
    Mutant(
        "precision-undefined",
        "Where nothing is predicted to be positive the precision divides 0 by 0. It is 0.",
        _precision_undefined,
    ),
    Mutant(
        "division-raises",
        "Where nothing is predicted to be positive this divides by 0, and raises an exception. "
        "Precision and F1 are 0.",
        _raising,
    ),
    Mutant(
        "one-for-undefined",
        "Where nothing is predicted to be positive the precision is 1 here. It is 0.",
        _changed(lambda m, c: (m[0], m[1] if c[0] + c[1] else 1.0, *m[2:])),
    ),
)
