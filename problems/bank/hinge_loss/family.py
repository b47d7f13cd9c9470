"""The multi-class hinge loss of one example (Weston & Watkins 1999)."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Integer, Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.losses import hinge_terms


@dataclass(frozen=True)
class Params:
    """The scores, the right class and the margin."""

    classes: int = param("number of classes", 2, 20)
    scores: Array = param("score of each class, shape (classes,)", -1000, 1000)
    label: int = param("the right class, from 1", 1, 20)
    margin: float = param("margin delta", 0.1, 100)

    def __post_init__(self) -> None:
        """Refuse a label that is no class."""
        if self.label > self.classes:
            raise ParamError("label", f"give a class from 1 to {self.classes}.")


VERSION = 1
PARTS = {"loss": Real(decimals=2), "slope": Integer()}


def draw(r: Draw) -> Params:
    """Draw scores of which some beat the margin and some do not."""
    n = r.int("classes", 3, 5)
    return Params(
        classes=n,
        scores=r.array("scores", (n,), -3, 5, 1),
        label=r.int("label", 1, n),
        margin=r.choice("margin", (1.0, 1.0, 0.5, 2.0)),
    )


def _terms(p: Params, margin: float | None = None) -> Array:
    return hinge_terms(p.scores, p.label - 1, p.margin if margin is None else margin)


def _raw(p: Params) -> Array:
    """Return s_j - s_y + margin without the maximum."""
    others = np.delete(p.scores, p.label - 1)
    return others - p.scores[p.label - 1] + p.margin


def answer(p: Params) -> dict:
    """Add the terms; the slope by the right score is minus the number of active terms."""
    terms = _terms(p)
    return {"loss": float(terms.sum()), "slope": -int((terms > 1e-9).sum())}


def witness(p: Params) -> dict:
    """Run torch's multi_margin_loss, which divides by the classes, and autograd."""
    import torch

    scores = torch.tensor(p.scores)[None].requires_grad_()
    target = torch.tensor([p.label - 1])
    loss = torch.nn.functional.multi_margin_loss(scores, target, margin=p.margin) * p.classes
    # Nudged by far less than a score's last digit, so that a term of exactly 0 counts as none.
    nudged = torch.tensor(p.scores)[None] + 1e-9 * torch.eye(p.classes)[p.label - 1].double()
    nudged.requires_grad_()
    (torch.nn.functional.multi_margin_loss(nudged, target, margin=p.margin) * p.classes).backward()
    assert nudged.grad is not None  # noqa: S101 (backward has just filled it)
    return {"loss": loss.item(), "slope": round(nudged.grad[0, p.label - 1].item())}


MISTAKES = (
    Mistake(
        "right-class-included",
        "The sum leaves out the right class; its own term would always add the margin.",
        lambda p: {"loss": float(_terms(p).sum()) + p.margin},
    ),
    Mistake(
        "no-maximum",
        "A class that is behind by more than the margin costs 0, not less than 0.",
        lambda p: {"loss": float(_raw(p).sum())} if (_raw(p) < 0).any() else {},
    ),
    Mistake(
        "no-margin",
        "The right score has to lead by the margin; to lead is not enough.",
        lambda p: {"loss": float(_terms(p, 0.0).sum())} if answer(p)["loss"] else {},
    ),
    Mistake(
        "mean-over-classes",
        "Here the terms are added, not averaged over the classes.",
        lambda p: {"loss": float(_terms(p).sum()) / p.classes} if answer(p)["loss"] else {},
    ),
    Mistake(
        "largest-term-only",
        "All classes that come too close cost something, not only the best of them.",
        lambda p: {"loss": float(_terms(p).max())} if (_terms(p) > 0).sum() > 1 else {},
    ),
    Mistake(
        "difference-reversed",
        "A wrong class costs when **its** score comes close: $s_j - s_y$.",
        lambda p: {"loss": float(np.maximum(0, 2 * p.margin - _raw(p)).sum())},
    ),
    Mistake(
        "slope-sign",
        "A larger score of the right class makes the loss smaller.",
        lambda p: {"slope": -answer(p)["slope"]} if answer(p)["slope"] else {},
    ),
    Mistake(
        "slope-of-all-terms",
        "Only the terms that are above 0 change with the score.",
        lambda p: {"slope": 1 - p.classes} if -answer(p)["slope"] < p.classes - 1 else {},
    ),
    Mistake(
        "slope-minus-one",
        "The right score stands in the term of every wrong class that is above 0.",
        lambda p: {"slope": -1} if answer(p)["slope"] < -1 else {},
    ),
)


def steps(p: Params) -> dict:
    """Return each wrong class's term."""
    wrong = [k for k in range(p.classes) if k != p.label - 1]
    rows = [
        {"number": k + 1, "score": p.scores[k], "raw": raw, "term": term}
        for k, raw, term in zip(wrong, _raw(p), _terms(p), strict=True)
    ]
    return {"rows": rows, "right": p.scores[p.label - 1]}
