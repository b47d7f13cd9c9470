"""Precision, recall and F1 from a confusion matrix; micro, macro and weighted averages."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.metrics import averaged, class_counts

METRICS = ("precision", "recall", "f1")
MISTAKEN = (1, 2, 3, 4, 6, 8, 12, 18, 30)
AVERAGES = ("macro", "micro", "weighted")


@dataclass(frozen=True)
class Params:
    """A confusion matrix, the class to look at, and the average."""

    counts: Array = param(
        "cases, one row a true class, one column a predicted class", 0, 1_000_000, max_length=8
    )
    positive: int = param("the class whose precision, recall and F1 are asked for, from 1", 1, 8)
    average: str = param("how F1 is averaged over the classes", options=AVERAGES)

    def __post_init__(self) -> None:
        """Refuse a table that is not square, and a class that is never found."""
        rows = self.counts.shape[0]
        if self.counts.shape != (rows, rows) or rows < 2 or (self.counts % 1).any():
            raise ParamError("counts", "give whole numbers in 2 to 8 rows, as many as columns.")
        if self.positive > rows:
            raise ParamError("positive", f"give a class from 1 to {rows}.")
        if self.counts[self.positive - 1, self.positive - 1] == 0:
            raise ParamError("positive", "no case of this class is found; F1 has no value there.")


VERSION = 1
PARTS = {
    "precision": Real(decimals=4),
    "recall": Real(decimals=4),
    "f1": Real(decimals=4),
    "averaged": Real(decimals=4),
}


def draw(r: Draw) -> Params:
    """Draw two or three classes of unequal sizes, mostly predicted rightly."""
    n = r.choice("classes", (2, 3, 3))
    mistaken = np.reshape(r.sample("mistaken", MISTAKEN, n * n), (n, n))
    right = r.array("right", (n,), 4, 60, 0)
    counts = np.where(np.eye(n, dtype=bool), right, mistaken).astype(np.float64)
    return Params(
        counts=r.choice("counts", (counts,)),
        positive=r.int("positive", 1, n),
        average=r.choice("average", AVERAGES),
    )


def _single(p: Params) -> tuple[float, float, float]:
    """Return TP, FP and FN of the class that is asked for."""
    tp, fp, fn = (float(counts[p.positive - 1]) for counts in class_counts(p.counts))
    return tp, fp, fn


def answer(p: Params) -> dict:
    """Compute from the counts."""
    tp, fp, fn = _single(p)
    return {
        "precision": tp / (tp + fp),
        "recall": tp / (tp + fn),
        "f1": 2 * tp / (2 * tp + fp + fn),
        "averaged": averaged(p.counts, "f1", p.average),
    }


def witness(p: Params) -> dict:
    """Compute in PyTorch from shares of rows and columns, F1 as a harmonic mean."""
    import torch

    counts = torch.tensor(p.counts)
    right = counts.diagonal()
    precision = (right / counts.sum(0)).nan_to_num()
    recall = (right / counts.sum(1)).nan_to_num()
    f1 = (2 / (1 / precision + 1 / recall)).nan_to_num()
    sizes = counts.sum(1)
    mean = {
        "macro": f1.mean(),
        "weighted": (f1 * sizes).sum() / sizes.sum(),
        "micro": right.sum() / counts.sum(),  # each error is one FP and one FN
    }[p.average]
    k = p.positive - 1
    return {
        "precision": precision[k].item(),
        "recall": recall[k].item(),
        "f1": f1[k].item(),
        "averaged": mean.item(),
    }


def _other_average(p: Params, average: str) -> dict:
    return {} if p.average == average else {"averaged": averaged(p.counts, "f1", average)}


MISTAKES = (
    Mistake(
        "swapped",
        "Precision divides by all that are called the class, recall by all that belong to it.",
        lambda p: {"precision": answer(p)["recall"], "recall": answer(p)["precision"]},
    ),
    Mistake(
        "found-counted-twice",
        "The cases of the class are TP + FN; the found ones are counted twice here.",
        lambda p: {"recall": _single(p)[0] / (2 * _single(p)[0] + _single(p)[2])},
    ),
    Mistake(
        "accuracy",
        "This is the accuracy over all classes; the question asks about one class.",
        lambda p: dict.fromkeys(METRICS, _accuracy(p)),
    ),
    Mistake(
        "arithmetic-mean",
        "F1 is the harmonic mean of precision and recall, not the arithmetic one.",
        lambda p: {"f1": (answer(p)["precision"] + answer(p)["recall"]) / 2},
    ),
    Mistake(
        "product",
        "The harmonic mean has a factor 2.",
        lambda p: {"f1": answer(p)["f1"] / 2},
    ),
    Mistake(
        "macro-average",
        "This is the plain mean of the classes' F1 scores, the macro average.",
        lambda p: _other_average(p, "macro"),
    ),
    Mistake(
        "micro-average",
        "This is F1 from the summed counts, the micro average.",
        lambda p: _other_average(p, "micro"),
    ),
    Mistake(
        "weighted-average",
        "This weights each class's F1 with its size.",
        lambda p: _other_average(p, "weighted"),
    ),
    Mistake(
        "f1-of-the-means",
        "Take F1 for each class first, and the mean of those then.",
        lambda p: {"averaged": _f1_of_means(p)} if p.average == "macro" else {},
    ),
    Mistake(
        "share-of-all",
        "Precision and recall divide by cases of this class, not by all cases.",
        lambda p: {
            "precision": _single(p)[0] / float(p.counts.sum()),
            "recall": _single(p)[0] / float(p.counts.sum()),
        },
    ),
)


def _accuracy(p: Params) -> float:
    return float(np.trace(p.counts) / p.counts.sum())


def _f1_of_means(p: Params) -> float:
    a, b = averaged(p.counts, "precision", "macro"), averaged(p.counts, "recall", "macro")
    return 2 * a * b / (a + b)


def steps(p: Params) -> dict:
    """Return each class's counts and F1."""
    tp, fp, fn = class_counts(p.counts)
    f1 = np.divide(2 * tp, 2 * tp + fp + fn, out=np.zeros_like(tp), where=2 * tp + fp + fn > 0)
    rows = [
        {"tp": a, "fp": b, "fn": c, "size": a + c, "f1": f}
        for a, b, c, f in zip(tp, fp, fn, f1, strict=True)
    ]
    return {
        "rows": rows,
        "own": rows[p.positive - 1],
        "total": float(p.counts.sum()),
        "right": float(tp.sum()),
        "wrong": float(fp.sum()),
    }
