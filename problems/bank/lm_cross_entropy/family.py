"""Cross-entropy of a language model against the true continuation, with padding left out."""

import math
from dataclasses import dataclass

import numpy as np

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.losses import BASES
from problems.engine.text import token_losses

WORDS = ("the", "cat", "sat", "on", "a", "mat", "dog", "ran", "to", "home", "old", "red")


@dataclass(frozen=True)
class Params:
    """The true tokens, what the model gives them, and how the loss is taken."""

    length: int = param("tokens that are predicted, without padding", 1, 64)
    padding: int = param("positions of padding after them", 0, 64)
    tokens: tuple[str, ...] = param("the true tokens, one for each position")
    true: Array = param("the model's probability of each true token", 1e-6, 1)
    best: Array = param("the model's probability of the token that it would generate", 1e-6, 1)
    pad: Array = param(
        "the model's probability at the padding (one at least, even if unused)", 0, 1
    )
    base: str = param("base of the logarithm", options=tuple(BASES))
    reduction: str = param("what is taken over the tokens", options=("mean", "sum"))

    def __post_init__(self) -> None:
        """Refuse lists of other lengths, and a best token that is less likely than the true."""
        if len(self.tokens) != self.length:
            raise ParamError("tokens", f"give {self.length} tokens, one for each position.")
        if (self.best < self.true).any():
            raise ParamError("best", "the token that is generated is the most likely one.")
        if (self.pad <= 0).any():
            raise ParamError("pad", "each probability must be above 0.")


VERSION = 1
PARTS = {"loss": Real(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw three to five tokens, some followed by padding."""
    n, padding = r.int("length", 3, 5), r.choice("padding", (0, 1, 2, 2))
    return Params(
        length=n,
        padding=padding,
        tokens=r.sample("tokens", WORDS, n),
        true=r.array("true", (n,), 0.05, 0.45, 2),
        best=r.array("best", (n,), 0.46, 0.55, 2),
        pad=r.array("pad", (max(padding, 1),), 0.6, 0.99, 2),
        base=r.choice("base", ("e", "e", "2", "10")),
        reduction=r.choice("reduction", ("mean", "mean", "sum")),
    )


def answer(p: Params) -> dict:
    """Take -log of the true tokens' probabilities."""
    return {"loss": _reduced(p, token_losses(p.true, BASES[p.base]))}


def _reduced(p: Params, losses: Array) -> float:
    return float(losses.mean() if p.reduction == "mean" else losses.sum())


def witness(p: Params) -> dict:
    """Run torch's cross_entropy on logits over (true token, another one), padding ignored."""
    import torch

    true = torch.cat([torch.tensor(p.true), torch.tensor(p.pad)[: p.padding]])
    logits = torch.stack([true, 1 - true], dim=1).log()
    targets = torch.zeros(len(true), dtype=torch.long)
    targets[p.length :] = -100
    loss = torch.nn.functional.cross_entropy(logits, targets, reduction=p.reduction)
    return {"loss": loss.item() / math.log(BASES[p.base])}


def _in_base(p: Params, base: str) -> dict:
    return {} if p.base == base else {"loss": _reduced(p, token_losses(p.true, BASES[base]))}


def _losses(p: Params) -> Array:
    return token_losses(p.true, BASES[p.base])


MISTAKES = (
    Mistake(
        "other-reduction",
        "The mean over the tokens and their sum are two things: look at which one is asked for.",
        lambda p: (
            {"loss": float(_losses(p).sum() if p.reduction == "mean" else _losses(p).mean())}
            if p.length > 1
            else {}
        ),
    ),
    Mistake("natural-log", "This takes the natural logarithm.", lambda p: _in_base(p, "e")),
    Mistake("log-2", "This takes the logarithm to base 2.", lambda p: _in_base(p, "2")),
    Mistake("log-10", "This takes the logarithm to base 10.", lambda p: _in_base(p, "10")),
    Mistake(
        "log-of-mean",
        "Take the logarithm of each probability first, and the mean of those then.",
        lambda p: (
            {"loss": float(token_losses(p.true.mean(), BASES[p.base]))}
            if p.reduction == "mean" and p.length > 1
            else {}
        ),
    ),
    Mistake(
        "first-token-dropped",
        "The first token is predicted too, from the start token: its loss is missing.",
        lambda p: {"loss": _reduced(p, _losses(p)[1:])} if p.length > 1 else {},
    ),
    Mistake(
        "start-token-counted",
        "Nothing predicts the start token: divide by the number of predicted tokens.",
        lambda p: (
            {"loss": float(_losses(p).sum() / (p.length + 1))} if p.reduction == "mean" else {}
        ),
    ),
    Mistake(
        "padding-counted",
        "Padding is no text: it counts neither in the sum nor in the number of tokens.",
        lambda p: (
            {
                "loss": _reduced(
                    p, token_losses(np.concatenate([p.true, p.pad[: p.padding]]), BASES[p.base])
                )
            }
            if p.padding
            else {}
        ),
    ),
    Mistake(
        "generated-for-true",
        "This takes the token that the model would generate; the loss asks for the true one.",
        lambda p: {"loss": _reduced(p, token_losses(p.best, BASES[p.base]))},
    ),
    Mistake(
        "probability-given",
        "This is a probability; the loss is the negative logarithm.",
        lambda p: {
            "loss": float(p.true.mean() if p.reduction == "mean" else p.true.prod()),
        },
    ),
    Mistake(
        "sign",
        "The logarithm of a probability is negative, and the loss its negative.",
        lambda p: {"loss": -_reduced(p, _losses(p))},
    ),
)


def steps(p: Params) -> dict:
    """Return each token's loss, their sum, and the sign of the logarithm."""
    losses = _losses(p)
    signs = {"e": r"\ln", "2": r"\log_2", "10": r"\log_{10}"}
    return {"losses": losses, "sum": losses.sum(), "log": signs[p.base]}
