"""Binary cross-entropy from probabilities or logits, with a weight for the positive class."""

import math
from dataclasses import dataclass

import numpy as np

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.activations import sigmoid
from problems.engine.losses import BASES, binary_cross_entropy


@dataclass(frozen=True)
class Params:
    """What the model gives, the targets, and how the loss is taken."""

    examples: int = param("number of examples", 1, 16)
    given: str = param("what the model gives", options=("probabilities", "logits"))
    outputs: Array = param("its output for each example, shape (examples,)", -12, 12)
    targets: Array = param("the target of each example, shape (examples,)", 0, 1)
    positive_weight: float = param("weight of the positive class", 0.01, 1000)
    base: str = param("base of the logarithm", options=tuple(BASES))
    reduction: str = param("what is taken over the examples", options=("mean", "sum"))

    def __post_init__(self) -> None:
        """Refuse outputs that are no probabilities, and lists of other lengths."""
        for name, values in (("outputs", self.outputs), ("targets", self.targets)):
            if values.shape != (self.examples,):
                raise ParamError(name, f"give {self.examples} numbers, one for each example.")
        if self.given == "probabilities" and not ((self.outputs > 0) & (self.outputs < 1)).all():
            raise ParamError("outputs", "a probability lies between 0 and 1, both left out.")


VERSION = 1
PARTS = {"loss": Real(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw two or three examples, of which the first is positive."""
    n, given = r.int("examples", 2, 3), r.choice("given", ("probabilities", "logits"))
    bounds = (0.08, 0.95, 2) if given == "probabilities" else (-2.5, 2.5, 1)
    weights = (1.0, 1.0, 2.0, 3.0, 5.0)
    return Params(
        examples=n,
        given=given,
        outputs=r.array("outputs", (n,), *bounds),
        targets=np.array(
            r.choice("targets", TARGETS[n]) if n in TARGETS else r.sample("targets", (0.0, 1.0), n)
        ),
        positive_weight=r.choice("positive_weight", weights),
        base=r.choice("base", ("e", "e", "e", "2")),
        reduction=r.choice("reduction", ("mean", "mean", "sum")),
    )


TARGETS = {
    2: ((1.0, 0.0), (0.0, 1.0)),
    3: ((1.0, 0.0, 0.0), (1.0, 1.0, 0.0), (0.0, 1.0, 0.0), (1.0, 0.0, 1.0), (0.0, 1.0, 1.0)),
}


def _probabilities(p: Params) -> Array:
    return p.outputs if p.given == "probabilities" else sigmoid(p.outputs)


def _terms(
    p: Params,
    q: Array | None = None,
    y: Array | None = None,
    weight: float | None = None,
    base: str | None = None,
) -> Array:
    return binary_cross_entropy(
        _probabilities(p) if q is None else q,
        p.targets if y is None else y,
        positive_weight=p.positive_weight if weight is None else weight,
        base=BASES[base or p.base],
    )


def _loss(p: Params, terms: Array) -> dict:
    return {"loss": float(terms.mean() if p.reduction == "mean" else terms.sum())}


def answer(p: Params) -> dict:
    """Compute with the reference engine."""
    return _loss(p, _terms(p))


def witness(p: Params) -> dict:
    """Run torch's binary_cross_entropy_with_logits, pos_weight and all."""
    import torch

    logits = torch.tensor(p.outputs)
    if p.given == "probabilities":
        logits = logits.logit()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        logits,
        torch.tensor(p.targets),
        pos_weight=torch.tensor(p.positive_weight, dtype=torch.float64),
        reduction=p.reduction,
    )
    return {"loss": loss.item() / math.log(BASES[p.base])}


def _one_half(p: Params) -> dict:
    """Return the loss with the term of the negatives left out."""
    terms = -p.positive_weight * p.targets * np.log(_probabilities(p)) / math.log(BASES[p.base])
    return _loss(p, terms) if (p.targets < 1).any() else {}


def _weighted_mean(p: Params) -> dict:
    weights = np.where(p.targets > 0.5, p.positive_weight, 1.0)
    same = p.positive_weight == 1 or p.reduction == "sum"
    return {} if same else {"loss": float(_terms(p).sum() / weights.sum())}


MISTAKES = (
    Mistake(
        "negatives-lost",
        "A negative example costs too: its term is $-\\log(1 - p)$.",
        _one_half,
    ),
    Mistake(
        "logit-as-probability",
        "These are logits: they go through the sigmoid first.",
        lambda p: (
            _loss(p, _terms(p, q=p.outputs))
            if p.given == "logits" and ((p.outputs > 0) & (p.outputs < 1)).all()
            else {}
        ),
    ),
    Mistake(
        "sigmoid-again",
        "These are probabilities already: no sigmoid is needed.",
        lambda p: _loss(p, _terms(p, q=sigmoid(p.outputs))) if p.given == "probabilities" else {},
    ),
    Mistake(
        "log-2",
        "This takes the logarithm to base 2.",
        lambda p: _loss(p, _terms(p, base="2")) if p.base != "2" else {},
    ),
    Mistake(
        "natural-log",
        "This takes the natural logarithm.",
        lambda p: _loss(p, _terms(p, base="e")) if p.base != "e" else {},
    ),
    Mistake(
        "log-10",
        "This takes the logarithm to base 10.",
        lambda p: _loss(p, _terms(p, base="10")) if p.base != "10" else {},
    ),
    Mistake(
        "targets-swapped",
        "The output is the probability of target 1: a positive example costs $-\\log p$.",
        lambda p: _loss(p, _terms(p, y=1 - p.targets)),
    ),
    Mistake(
        "weight-forgotten",
        "The terms of the positive examples are multiplied by their weight.",
        lambda p: _loss(p, _terms(p, weight=1.0)) if p.positive_weight != 1 else {},
    ),
    Mistake(
        "weight-on-all",
        "The weight multiplies the terms of the positive examples alone.",
        lambda p: (
            _loss(p, p.positive_weight * _terms(p, weight=1.0)) if p.positive_weight != 1 else {}
        ),
    ),
    Mistake(
        "divided-by-weights",
        "The mean divides by the number of examples, not by the sum of the weights.",
        _weighted_mean,
    ),
    Mistake(
        "other-reduction",
        "The mean over the examples and the sum are two things: look at which one is asked for.",
        lambda p: (
            {"loss": float(_terms(p).sum() if p.reduction == "mean" else _terms(p).mean())}
            if p.examples > 1
            else {}
        ),
    ),
    Mistake(
        "sign",
        "The logarithm of a probability is negative, and the loss its negative.",
        lambda p: _loss(p, -_terms(p)),
    ),
)


def steps(p: Params) -> dict:
    """Return the probabilities and the terms."""
    signs = {"e": r"\ln", "2": r"\log_2", "10": r"\log_{10}"}
    terms = _terms(p)
    return {"p": _probabilities(p), "terms": terms, "sum": float(terms.sum()), "log": signs[p.base]}
