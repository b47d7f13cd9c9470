"""Metrics of a binary classifier from its confusion counts (Powers 2011)."""


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
