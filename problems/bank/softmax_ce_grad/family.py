"""The gradient of the softmax cross-entropy by the logits: p - y, over a batch."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Matrix
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.losses import softmax, softmax_cross_entropy_gradient


@dataclass(frozen=True)
class Params:
    """The logits, the targets, and whether the loss is a mean."""

    batch: int = param("number of examples", 1, 8)
    classes: int = param("number of classes", 2, 10)
    logits: Array = param("logits, shape (batch, classes)", -700, 700)
    labels: tuple[int, ...] = param("the right class of each example, from 1", 1, 10)
    smoothing: float = param("label smoothing: share spread over all classes", 0, 0.9)
    reduction: str = param("what is taken over the batch", options=("mean", "sum"))

    def __post_init__(self) -> None:
        """Refuse labels that are no class, or another number of them."""
        if len(self.labels) != self.batch or max(self.labels) > self.classes:
            raise ParamError("labels", f"give {self.batch} class numbers from 1 to {self.classes}.")


VERSION = 1
PARTS = {"gradient": Matrix(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw one or two examples of three classes."""
    n, m = r.choice("batch", (1, 2, 2)), r.int("classes", 3, 3)
    return Params(
        batch=n,
        classes=m,
        logits=r.array("logits", (n, m), -2, 2, 1),
        labels=r.ints("labels", n, 1, m),
        smoothing=r.choice("smoothing", (0.0, 0.0, 0.0, 0.1, 0.3)),
        reduction=r.choice("reduction", ("mean", "mean", "sum")),
    )


def _targets(p: Params, smoothing: float | None = None) -> Array:
    share = p.smoothing if smoothing is None else smoothing
    one_hot = np.eye(p.classes)[np.array(p.labels) - 1]
    return (1 - share) * one_hot + share / p.classes


def _below(p: Params) -> int:
    return p.batch if p.reduction == "mean" else 1


def answer(p: Params) -> dict:
    """Compute softmax minus target with the reference engine."""
    return {"gradient": softmax_cross_entropy_gradient(p.logits, _targets(p)) / _below(p)}


def witness(p: Params) -> dict:
    """Let autograd go back through torch.nn.CrossEntropyLoss."""
    import torch

    logits = torch.tensor(p.logits, requires_grad=True)
    loss = torch.nn.CrossEntropyLoss(reduction=p.reduction, label_smoothing=p.smoothing)
    loss(logits, torch.tensor(p.labels) - 1).backward()
    assert logits.grad is not None  # noqa: S101 (backward has just filled it)
    return {"gradient": logits.grad.numpy()}


def _p(p: Params) -> Array:
    return softmax(p.logits)


def _given(p: Params, gradient: Array) -> dict:
    return {"gradient": gradient / _below(p)}


def _through_log(p: Params) -> Array:
    """Return the gradient by the probabilities, -y / p."""
    return -_targets(p) / np.maximum(_p(p), 1e-300)


MISTAKES = (
    Mistake(
        "sign",
        "A larger logit of the right class makes the loss smaller: its derivative is negative.",
        lambda p: _given(p, _targets(p) - _p(p)),
    ),
    Mistake(
        "probabilities-only",
        "These are the probabilities; subtract the target.",
        lambda p: _given(p, _p(p)),
    ),
    Mistake(
        "jacobian-diagonal",
        "$p(1 - p)$ is the derivative of each probability by its own logit; the loss brings the "
        "target in, and every logit moves every probability.",
        lambda p: _given(p, _p(p) * (1 - _p(p))),
    ),
    Mistake(
        "mean-forgotten",
        "The loss is the mean over the batch, so each row is divided by its size.",
        lambda p: (
            {"gradient": answer(p)["gradient"] * p.batch}
            if p.reduction == "mean" and p.batch > 1
            else {}
        ),
    ),
    Mistake(
        "mean-added",
        "The loss is the sum over the batch: no division.",
        lambda p: (
            {"gradient": answer(p)["gradient"] / p.batch}
            if p.reduction == "sum" and p.batch > 1
            else {}
        ),
    ),
    Mistake(
        "by-the-probabilities",
        "This is the derivative with respect to the probabilities, $-y/p$; go on through the "
        "softmax to the logits.",
        lambda p: _given(p, _through_log(p)) if np.abs(_through_log(p)).max() < 1e6 else {},
    ),
    Mistake(
        "right-class-only",
        "The logits of the wrong classes change the loss too, through the sum in the softmax.",
        lambda p: _given(p, (_p(p) - 1) * (_targets(p, 0.0) > 0)),
    ),
    Mistake(
        "smoothing-forgotten",
        "The target of the right class is not 1 here: part of it is spread over all classes.",
        lambda p: _given(p, _p(p) - _targets(p, 0.0)) if p.smoothing else {},
    ),
    Mistake(
        "logits-for-probabilities",
        "Subtract the target from the probabilities, not from the logits.",
        lambda p: _given(p, p.logits - _targets(p)),
    ),
)


def steps(p: Params) -> dict:
    """Return probabilities and targets."""
    return {"p": _p(p), "y": _targets(p), "below": _below(p), "raw": _p(p) - _targets(p)}
