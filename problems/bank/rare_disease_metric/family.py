"""Which metric to trust when the disease is rare, and its value (Powers 2011)."""

from dataclasses import dataclass

from problems.answers import Choice, Real
from problems.core import Mistake, param
from problems.drawing import Draw
from problems.engine import metrics

NAMES = {
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall (sensitivity)",
    "specificity": "specificity",
    "f1": "F1 score",
}
WANTED = {"misses": "recall", "alarms": "precision", "both": "f1"}


@dataclass(frozen=True)
class Params:
    """The confusion counts of a test for a rare disease, and what its users care about."""

    tp: int = param("sick people that the test finds", 1, 1_000_000)
    fp: int = param("healthy people that the test calls sick", 0, 1_000_000)
    fn: int = param("sick people that the test misses", 0, 1_000_000)
    tn: int = param("healthy people that the test calls healthy", 1, 1_000_000)
    cost: str = param("what costs most", options=tuple(WANTED))


VERSION = 1
PARTS = {
    "metric": Choice(options=NAMES),
    "value": Real(decimals=3),
    "baseline": Real(decimals=3),
}


def draw(r: Draw) -> Params:
    """Draw a disease that at most one person in thirty has."""
    return Params(
        tp=r.int("tp", 8, 60),
        fp=r.int("fp", 5, 200),
        fn=r.int("fn", 3, 50),
        tn=r.int("tn", 3000, 9000),
        cost=r.choice("cost", tuple(WANTED)),
    )


def answer(p: Params) -> dict:
    """Compute the metric that fits the cost, and the accuracy of always saying healthy."""
    metric = WANTED[p.cost]
    return {"metric": metric, "value": _values(p)[metric], "baseline": (p.fp + p.tn) / _people(p)}


def witness(p: Params) -> dict:
    """Compute both from the single people: a truth and a verdict for each, in PyTorch."""
    import torch

    counts = torch.tensor([p.tp, p.fp, p.fn, p.tn])
    sick = torch.tensor([True, False, True, False]).repeat_interleave(counts)
    alarm = torch.tensor([True, True, False, False]).repeat_interleave(counts)
    recall = alarm[sick].double().mean()
    precision = sick[alarm].double().mean()
    value = {
        "misses": recall,
        "alarms": precision,
        "both": 2 / (1 / precision + 1 / recall),
    }[p.cost]
    metric = {"misses": "recall", "alarms": "precision", "both": "f1"}[p.cost]
    return {
        "metric": metric,
        "value": value.item(),
        "baseline": (sick == torch.zeros_like(sick)).double().mean().item(),
    }


def _people(p: Params) -> int:
    return p.tp + p.fp + p.fn + p.tn


def _values(p: Params) -> dict[str, float]:
    return {
        "accuracy": metrics.accuracy(p.tp, p.fp, p.fn, p.tn),
        "precision": metrics.precision(p.tp, p.fp),
        "recall": metrics.recall(p.tp, p.fn),
        "specificity": metrics.specificity(p.tn, p.fp),
        "f1": metrics.f1(p.tp, p.fp, p.fn),
    }


def _instead(p: Params, metric: str) -> dict:
    return {"metric": metric, "value": _values(p)[metric]}


MISTAKES = (
    Mistake(
        "accuracy",
        "Accuracy is high for any test of a rare disease, even for one that finds nobody.",
        lambda p: _instead(p, "accuracy"),
    ),
    Mistake(
        "precision-for-recall",
        "Precision asks how many alarms are right; here it matters how many of the sick are found.",
        lambda p: _instead(p, "precision") if p.cost == "misses" else {},
    ),
    Mistake(
        "recall-for-precision",
        "Recall asks how many of the sick are found; here it matters how many alarms are right.",
        lambda p: _instead(p, "recall") if p.cost == "alarms" else {},
    ),
    Mistake(
        "specificity-for-recall",
        "Specificity looks at the healthy people; what matters here are the sick ones.",
        lambda p: _instead(p, "specificity") if p.cost == "misses" else {},
    ),
    Mistake(
        "specificity-for-precision",
        "Specificity is a share of the healthy people; the question is about the alarms.",
        lambda p: _instead(p, "specificity") if p.cost == "alarms" else {},
    ),
    Mistake(
        "f1-for-one-share",
        "F1 mixes precision and recall; here one share alone is asked about.",
        lambda p: _instead(p, "f1") if p.cost != "both" else {},
    ),
    Mistake(
        "specificity-for-f1",
        "Specificity looks at the healthy people alone, and stays near 1 when the sick are few.",
        lambda p: _instead(p, "specificity") if p.cost == "both" else {},
    ),
    Mistake(
        "arithmetic-mean",
        "F1 is the harmonic mean of precision and recall, not the arithmetic one.",
        lambda p: (
            {"value": (_values(p)["precision"] + _values(p)["recall"]) / 2}
            if p.cost == "both"
            else {}
        ),
    ),
    Mistake(
        "recall-alone",
        "Recall only looks at the sick; here false alarms matter too.",
        lambda p: _instead(p, "recall") if p.cost == "both" else {},
    ),
    Mistake(
        "precision-alone",
        "Precision only looks at the alarms; here the sick who are missed matter too.",
        lambda p: _instead(p, "precision") if p.cost == "both" else {},
    ),
    Mistake(
        "accuracy-of-the-test",
        "This is the accuracy of the test itself; the question is about always saying “healthy”.",
        lambda p: {"baseline": _values(p)["accuracy"]},
    ),
    Mistake(
        "share-of-the-sick",
        "This is the share of the sick; always saying “healthy” is right for all the others.",
        lambda p: {"baseline": (p.tp + p.fn) / _people(p)},
    ),
)


def steps(p: Params) -> dict:
    """Return the sums that the metrics divide by, and all their values."""
    return {
        "people": _people(p),
        "sick": p.tp + p.fn,
        "healthy": p.fp + p.tn,
        "alarms": p.tp + p.fp,
        "values": _values(p),
        "name": NAMES[WANTED[p.cost]],
    }
