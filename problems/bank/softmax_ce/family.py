"""Softmax cross-entropy from logits, over a small batch, with a base and a reduction."""

import math
from dataclasses import dataclass

import numpy as np

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.losses import BASES, log_softmax, softmax


@dataclass(frozen=True)
class Params:
    """The logits, the right classes, and how the loss is taken."""

    batch: int = param("number of examples", 1, 16)
    classes: int = param("number of classes", 2, 20)
    logits: Array = param("logits, shape (batch, classes)", -700, 700)
    labels: tuple[int, ...] = param("the right class of each example, from 1", 1, 20)
    base: str = param("base of the logarithm", options=tuple(BASES))
    reduction: str = param("what is taken over the batch", options=("mean", "sum"))

    def __post_init__(self) -> None:
        """Refuse labels that are no class, or another number of them."""
        if len(self.labels) != self.batch or max(self.labels) > self.classes:
            raise ParamError("labels", f"give {self.batch} class numbers from 1 to {self.classes}.")


VERSION = 1
PARTS = {"loss": Real(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw one or two examples of three classes."""
    n, m = r.choice("batch", (1, 2, 2)), r.int("classes", 3, 3)
    return Params(
        batch=n,
        classes=m,
        logits=r.array("logits", (n, m), -2, 3, 1),
        labels=r.ints("labels", n, 1, m),
        base=r.choice("base", ("e", "e", "e", "2")),
        reduction=r.choice("reduction", ("mean", "sum")),
    )


def _reduced(p: Params, losses: Array) -> float:
    return float(losses.mean() if p.reduction == "mean" else losses.sum())


def _log_p(p: Params, logits: Array | None = None, shift: int = 0) -> Array:
    """Return ln p of each right class, or of the class `shift` places after it."""
    chosen = (np.array(p.labels) - 1 + shift) % p.classes
    return log_softmax(p.logits if logits is None else logits)[np.arange(p.batch), chosen]


def _loss(p: Params, log_p: Array, base: str | None = None) -> dict:
    return {"loss": _reduced(p, -log_p / math.log(BASES[base or p.base]))}


def answer(p: Params) -> dict:
    """Compute with the reference engine."""
    return _loss(p, _log_p(p))


def witness(p: Params) -> dict:
    """Run torch.nn.CrossEntropyLoss; another base only changes the unit."""
    import torch

    loss = torch.nn.CrossEntropyLoss(reduction=p.reduction)
    nats = loss(torch.tensor(p.logits), torch.tensor(p.labels) - 1)
    return {"loss": nats.item() / math.log(BASES[p.base])}


def _chosen(p: Params) -> Array:
    return p.logits[np.arange(p.batch), np.array(p.labels) - 1]


MISTAKES = (
    Mistake(
        "probability-given",
        "This is the probability of the right class; the loss is minus its logarithm.",
        lambda p: {"loss": _reduced(p, np.exp(_log_p(p)))},
    ),
    Mistake(
        "log-2",
        "This takes the logarithm to base 2.",
        lambda p: _loss(p, _log_p(p), "2") if p.base != "2" else {},
    ),
    Mistake(
        "natural-log",
        "This takes the natural logarithm.",
        lambda p: _loss(p, _log_p(p), "e") if p.base != "e" else {},
    ),
    Mistake(
        "log-10",
        "This takes the logarithm to base 10.",
        lambda p: _loss(p, _log_p(p), "10") if p.base != "10" else {},
    ),
    Mistake(
        "next-class",
        "This takes another class than the right one; the classes are numbered from 1.",
        lambda p: _loss(p, _log_p(p, shift=1)),
    ),
    Mistake(
        "largest-logit",
        "The loss looks at the right class, not at the one with the largest logit.",
        lambda p: (
            _loss(p, log_softmax(p.logits).max(axis=-1))
            if (_chosen(p) < p.logits.max(axis=-1)).any()
            else {}
        ),
    ),
    Mistake(
        "softmax-twice",
        "The softmax is applied twice: the loss takes the logits, not their softmax.",
        lambda p: _loss(p, _log_p(p, softmax(p.logits))),
    ),
    Mistake(
        "other-reduction",
        "The mean over the batch and the sum are two things: look at which one is asked for.",
        lambda p: (
            {"loss": answer(p)["loss"] * (p.batch if p.reduction == "mean" else 1 / p.batch)}
            if p.batch > 1
            else {}
        ),
    ),
    Mistake(
        "sign",
        "The logarithm of a probability is negative, and the loss its negative.",
        lambda p: {"loss": -answer(p)["loss"]},
    ),
    Mistake(
        "margin-to-the-largest",
        "The loss compares the right logit with the log-sum-exp of all logits, not with the "
        "largest one.",
        lambda p: (
            _loss(p, _chosen(p) - p.logits.max(axis=-1))
            if (_chosen(p) < p.logits.max(axis=-1)).any()
            else {}
        ),
    ),
    Mistake(
        "all-classes",
        "Only the right class's logarithm counts; the others' targets are 0.",
        lambda p: _loss(p, log_softmax(p.logits).sum(axis=-1)),
    ),
)


def steps(p: Params) -> dict:
    """Return each example's right logit, log-sum-exp and loss."""
    high = p.logits.max(axis=-1)
    lse = high + np.log(np.exp(p.logits - high[:, None]).sum(axis=-1))
    losses = -_log_p(p) / math.log(BASES[p.base])
    signs = {"e": r"\ln", "2": r"\log_2", "10": r"\log_{10}"}
    rows = zip(_chosen(p), lse, np.exp(_log_p(p)), losses, strict=True)
    return {
        "rows": [{"z": z, "lse": s, "p": q, "loss": loss} for z, s, q, loss in rows],
        "sum": float(losses.sum()),
        "log": signs[p.base],
    }
