"""Perplexity from a cross-entropy (in nats or bits), or from the tokens' probabilities."""

import math
from dataclasses import dataclass

import numpy as np

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine import text
from problems.engine.losses import BASES

UNITS = {"e": "nats", "2": "bits", "10": "decimal digits"}


@dataclass(frozen=True)
class Params:
    """What is known of the text: its loss, or the probability of each token."""

    given: str = param("what is given", options=("mean", "sum", "probabilities"))
    base: str = param("base of the logarithm in the loss", options=tuple(BASES))
    tokens: int = param("tokens of the text", 1, 1_000_000)
    loss: float = param("cross-entropy, as the mean or the sum over the tokens", 0, 10_000_000)
    probabilities: Array = param("probability of each token", 1e-6, 1)

    def __post_init__(self) -> None:
        """Refuse a loss that no model has: above 30 nats a token."""
        if self.given != "probabilities" and _nats(self) > 30:
            raise ParamError("loss", "it must be at most 30 nats for each token.")


def _nats(p: Params) -> float:
    """Return the mean loss of a token in nats, from the loss that is given."""
    return p.loss * math.log(BASES[p.base]) / (p.tokens if p.given == "sum" else 1)


VERSION = 1
PARTS = {"perplexity": Real(digits=4)}


def draw(r: Draw) -> Params:
    """Draw a text of a model that is fairly sure of it."""
    given = r.choice("given", ("mean", "sum", "probabilities"))
    tokens = r.int("tokens", 3, 5) if given == "probabilities" else r.int("tokens", 6, 40)
    base = r.choice("base", ("e", "2", "2", "10"))
    mean = r.real("mean", 1.2, 4, 2) / {"e": 1.0, "2": math.log(2), "10": math.log(10)}[base]
    loss = round(mean * tokens if given == "sum" else mean, 2)
    return Params(
        given=given,
        base=base,
        tokens=tokens,
        loss=r.choice("loss", (loss,)),
        probabilities=r.array(
            "probabilities", (tokens if given == "probabilities" else 1,), 0.05, 0.9, 2
        ),
    )


def answer(p: Params) -> dict:
    """Take the exponential of the mean loss, in the loss's own base."""
    if p.given == "probabilities":
        return {"perplexity": text.perplexity(p.probabilities)}
    return {"perplexity": math.exp(_nats(p))}


def witness(p: Params) -> dict:
    """Invert the geometric mean, or raise the base to the loss, in PyTorch."""
    import torch

    if p.given == "probabilities":
        probabilities = torch.tensor(p.probabilities)
        return {"perplexity": (1 / probabilities).prod().pow(1 / len(probabilities)).item()}
    base = torch.tensor(BASES[p.base], dtype=torch.float64)
    mean = torch.full((p.tokens,), p.loss, dtype=torch.float64)
    return {
        "perplexity": torch.pow(
            base, mean.mean() if p.given == "mean" else mean[0] / p.tokens
        ).item()
    }


def _power(base: float, exponent: float) -> dict:
    """Return a perplexity, where it is still a number to write."""
    size = exponent * math.log10(base)
    return {"perplexity": base**exponent} if size < 15 else {}


def _mean(p: Params) -> float:
    """Return the mean loss in the base that is given; of probabilities, in nats."""
    if p.given == "probabilities":
        return float(text.token_losses(p.probabilities).mean())
    return p.loss / (p.tokens if p.given == "sum" else 1)


def _other_base(p: Params, base: str) -> dict:
    offered = p.given != "probabilities" and base != p.base and p.loss > 0
    return _power(BASES[base], _mean(p)) if offered else {}


MISTAKES = (
    Mistake(
        "two-to-the-loss",
        "This raises 2 to the loss; the loss is not in bits.",
        lambda p: _power(2.0, _mean(p)) if p.given == "probabilities" else _other_base(p, "2"),
    ),
    Mistake(
        "e-to-the-loss",
        "This raises $e$ to the loss; the loss is not in nats.",
        lambda p: _other_base(p, "e"),
    ),
    Mistake(
        "ten-to-the-loss",
        "This raises 10 to the loss; its logarithm is not decimal.",
        lambda p: _other_base(p, "10"),
    ),
    Mistake(
        "sum-in-exponent",
        "Perplexity is per token: the exponent is the **mean** over the tokens, not the sum.",
        lambda p: (
            {}
            if p.given == "mean" or p.tokens == 1
            else _power(BASES[p.base], p.loss)
            if p.given == "sum"
            else {"perplexity": float(1 / p.probabilities.prod())}
        ),
    ),
    Mistake(
        "divided-again",
        "The loss is already the mean over the tokens.",
        lambda p: (
            _power(BASES[p.base], p.loss / p.tokens) if p.given == "mean" and p.tokens > 1 else {}
        ),
    ),
    Mistake(
        "mean-of-inverses",
        "Average the logarithms, not the inverse probabilities.",
        lambda p: (
            {"perplexity": float((1 / p.probabilities).mean())}
            if p.given == "probabilities" and len(p.probabilities) > 1
            else {}
        ),
    ),
    Mistake(
        "inverse-of-mean",
        "Average the logarithms, not the probabilities.",
        lambda p: (
            {"perplexity": float(1 / p.probabilities.mean())}
            if p.given == "probabilities" and len(p.probabilities) > 1
            else {}
        ),
    ),
    Mistake(
        "loss-given",
        "This is the cross-entropy; perplexity is its exponential.",
        lambda p: {"perplexity": _mean(p)},
    ),
    Mistake(
        "inverse-given",
        "This is the geometric mean of the probabilities; perplexity is its inverse.",
        lambda p: {"perplexity": 1 / answer(p)["perplexity"]},
    ),
)


def steps(p: Params) -> dict:
    """Return the mean loss, and each token's."""
    losses = text.token_losses(p.probabilities)
    return {
        "mean": _mean(p),
        "losses": losses,
        "sum": losses.sum(),
        "unit": UNITS[p.base],
        "base": p.base,
        "product": float(np.prod(p.probabilities)),
    }
