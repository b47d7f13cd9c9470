"""Cross-entropy of a model that gives every class the same probability."""

import math
from dataclasses import dataclass

import numpy as np

from problems.answers import Real
from problems.core import Mistake, param
from problems.drawing import Draw
from problems.engine import losses


@dataclass(frozen=True)
class Params:
    """The classes, and how the loss is reported."""

    classes: int = param("number of classes, or words of the vocabulary", 2, 1_000_000)
    batch: int = param("examples in the batch", 1, 256)
    base: str = param("base of the logarithm", options=("e", "2", "10"))
    reduction: str = param("how the losses of the batch are put together", options=("mean", "sum"))


VERSION = 1
PARTS = {"loss": Real(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw a classifier or a small language model; most losses are in nats and averaged."""
    return Params(
        classes=r.int("classes", 3, 1200),
        batch=r.int("batch", 2, 64),
        base=r.choice("base", ("e", "e", "e", "2", "10")),
        reduction=r.choice("reduction", ("mean", "mean", "sum")),
    )


def answer(p: Params) -> dict:
    """Compute the cross-entropy of equal logits with the reference engine."""
    logits, labels = np.zeros((1, p.classes)), np.zeros(1)
    loss = losses.cross_entropy(logits, labels, base=losses.BASES[p.base])
    return {"loss": loss * (p.batch if p.reduction == "sum" else 1)}


def witness(p: Params) -> dict:
    """Run PyTorch's cross-entropy on equal logits of the whole batch, in chunks of one example."""
    import torch

    logits = torch.full((1, p.classes), 0.5, dtype=torch.float64)
    labels = [torch.tensor([i % p.classes]) for i in range(p.batch)]
    each = torch.stack([torch.nn.functional.cross_entropy(logits, label) for label in labels])
    total = each.sum() if p.reduction == "sum" else each.mean()
    return {"loss": total.item() / math.log(losses.BASES[p.base])}


def _loss(p: Params, base: str) -> float:
    per_example = math.log(p.classes) / math.log(losses.BASES[base])
    return per_example * (p.batch if p.reduction == "sum" else 1)


def _other_base(base: str, message: str) -> Mistake:
    name = {"e": "natural-log", "2": "log-2", "10": "log-10"}[base]
    return Mistake(name, message, lambda p: {} if p.base == base else {"loss": _loss(p, base)})


MISTAKES = (
    _other_base("e", "This is in nats: another base of the logarithm is asked for."),
    _other_base("2", "This takes the logarithm to base 2, which is not the base asked for."),
    _other_base("10", "This takes the logarithm to base 10, which is not the base asked for."),
    Mistake(
        "probability-given",
        "This is the probability of the right class; the loss is minus its logarithm.",
        lambda p: {"loss": 1 / p.classes},
    ),
    Mistake(
        "classes-given",
        "This is the number of classes; the loss is its logarithm.",
        lambda p: {"loss": p.classes},
    ),
    Mistake(
        "summed",
        "This is the sum over the batch; the mean is asked for, whatever the size of the batch.",
        lambda p: {"loss": p.batch * _loss(p, p.base)} if p.reduction == "mean" else {},
    ),
    Mistake(
        "averaged",
        "This is the loss of one example; the sum over the batch is asked for.",
        lambda p: {"loss": _loss(p, p.base) / p.batch} if p.reduction == "sum" else {},
    ),
    Mistake(
        "sign",
        "The logarithm of a probability is negative; the loss is minus that, and positive.",
        lambda p: {"loss": -_loss(p, p.base)},
    ),
)


def steps(p: Params) -> dict:
    """Return the loss of one example, and the name of the logarithm."""
    one = math.log(p.classes) / math.log(losses.BASES[p.base])
    return {"one": one, "log": {"e": r"\ln", "2": r"\log_2", "10": r"\log_{10}"}[p.base]}
