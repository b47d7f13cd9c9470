"""Squared-error loss: mean or sum, with or without the factor one half."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.losses import squared_errors


@dataclass(frozen=True)
class Params:
    """Targets and predictions, and the form of the loss."""

    y: Array = param("targets", -10_000, 10_000)
    predicted: Array = param("predictions, as many as targets", -10_000, 10_000)
    reduction: str = param("what is taken over the examples", options=("mean", "sum"))
    half: bool = param("whether the loss has the factor 1/2")

    def __post_init__(self) -> None:
        """Refuse lists of different lengths."""
        if self.y.ndim != 1 or self.y.shape != self.predicted.shape:
            raise ParamError("predicted", "give two lists of numbers of the same length.")


VERSION = 1
PARTS = {"loss": Real(decimals=3), "gradient": Real(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw three or four whole numbers and predictions within a few of them."""
    n = r.choice("count", (3, 4))
    return Params(
        y=r.choice("y", (r.array("drawn_y", (n,), -5, 9, 0),)),
        predicted=r.choice("predicted", (r.array("drawn_predicted", (n,), -5, 9, 0),)),
        reduction=r.choice("reduction", ("mean", "mean", "sum")),
        half=r.choice("half", (False, False, True)),
    )


def _scaled(
    p: Params, total: float, *, half: bool | None = None, mean: bool | None = None
) -> float:
    half = p.half if half is None else half
    mean = p.reduction == "mean" if mean is None else mean
    return total * (0.5 if half else 1.0) / (len(p.y) if mean else 1)


def _both(p: Params, **form: bool) -> dict:
    total = float(squared_errors(p.y, p.predicted).sum())
    slope = 2 * float(p.predicted[0] - p.y[0])
    return {"loss": _scaled(p, total, **form), "gradient": _scaled(p, slope, **form)}


def answer(p: Params) -> dict:
    """Compute loss and gradient with the reference engine."""
    return _both(p)


def witness(p: Params) -> dict:
    """Run torch's mse_loss, and autograd for the gradient."""
    import torch

    predicted = torch.tensor(p.predicted, requires_grad=True)
    loss = torch.nn.functional.mse_loss(predicted, torch.tensor(p.y), reduction=p.reduction)
    loss = loss / 2 if p.half else loss
    loss.backward()
    assert predicted.grad is not None  # noqa: S101 (backward has just filled it)
    return {"loss": loss.item(), "gradient": predicted.grad[0].item()}


def _differ(p: Params) -> bool:
    return bool((p.y != p.predicted).any())


def _kept(p: Params, values: dict) -> dict:
    """Leave the gradient out where it is 0 by any rule, and all where every error is 0."""
    if not _differ(p):
        return {}
    return values if p.y[0] != p.predicted[0] else {"loss": values["loss"]}


MISTAKES = (
    Mistake(
        "sum-for-mean",
        "The loss is the mean: divide by the number of examples.",
        lambda p: _kept(p, _both(p, mean=False)) if p.reduction == "mean" and len(p.y) > 1 else {},
    ),
    Mistake(
        "mean-for-sum",
        "The loss is the sum: do not divide by the number of examples.",
        lambda p: _kept(p, _both(p, mean=True)) if p.reduction == "sum" and len(p.y) > 1 else {},
    ),
    Mistake(
        "half-forgotten",
        "The factor one half is missing.",
        lambda p: _kept(p, _both(p, half=False)) if p.half else {},
    ),
    Mistake(
        "half-added",
        "This loss has no factor one half, so the factor 2 of the derivative stays.",
        lambda p: {} if p.half else _kept(p, _both(p, half=True)),
    ),
    Mistake(
        "root-taken",
        "This is a root mean square error; no root is asked for.",
        lambda p: (
            {"loss": float(np.sqrt(squared_errors(p.y, p.predicted).mean()))} if _differ(p) else {}
        ),
    ),
    Mistake(
        "absolute-errors",
        "These are absolute errors: square each difference.",
        lambda p: (
            {"loss": _scaled(p, float(np.abs(p.y - p.predicted).sum()), half=False)}
            if _differ(p)
            else {}
        ),
    ),
    Mistake(
        "square-of-the-sum",
        "Square each difference first and add then: errors of opposite signs do not cancel.",
        lambda p: (
            {"loss": _scaled(p, float((p.y - p.predicted).sum()) ** 2)}
            if _differ(p) and len(p.y) > 1
            else {}
        ),
    ),
    Mistake(
        "gradient-sign",
        "Where the prediction is too high, a higher one costs more: the gradient is positive.",
        lambda p: {"gradient": -_both(p)["gradient"]} if p.y[0] != p.predicted[0] else {},
    ),
    Mistake(
        "gradient-of-all",
        "Only one of the squares depends on the first prediction.",
        lambda p: (
            {"gradient": _scaled(p, 2 * float((p.predicted - p.y).sum()))} if len(p.y) > 1 else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the errors and their squares."""
    squares = squared_errors(p.y, p.predicted)
    below = (len(p.y) if p.reduction == "mean" else 1) * (2 if p.half else 1)
    return {
        "errors": p.predicted - p.y,
        "squares": squares,
        "sum": float(squares.sum()),
        "below": below,
    }
