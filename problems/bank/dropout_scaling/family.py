"""Dropout in training and evaluation, inverted or in the original form (Srivastava et al. 2014)."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Real, Vector
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw


@dataclass(frozen=True)
class Params:
    """The activations, the mask, and how the layer is used."""

    units: int = param("number of activations", 1, 16)
    x: Array = param("activations, shape (units,)", -1000, 1000)
    mask: Array = param("1 for a unit that is kept, 0 for one that is dropped", 0, 1)
    probability: float = param("the probability that is stated", 0.01, 0.99)
    means: str = param("what that is the probability of", options=("drop", "keep"))
    form: str = param(
        "scaled in training (inverted) or in evaluation (original)",
        options=("inverted", "original"),
    )
    mode: str = param("how the layer is used", options=("training", "evaluation"))

    def __post_init__(self) -> None:
        """Refuse masks of other lengths or numbers, and those that keep nothing."""
        if self.mask.shape != (self.units,):
            raise ParamError("mask", f"give {self.units} numbers, 0 or 1.")
        if not np.isin(self.mask, (0, 1)).all() or not (self.mask * self.x).any():
            raise ParamError("mask", "give 0 or 1 for each unit, and keep one that is not 0.")


VERSION = 1
PARTS = {"y": Vector(decimals=3), "expected": Real(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw four activations of which one or two are dropped."""
    masks = ((1, 0, 1, 1), (0, 1, 1, 0), (1, 1, 0, 1), (0, 1, 0, 1), (1, 0, 0, 1), (1, 1, 1, 0))
    n = r.int("units", 4, 4)
    mask = r.choice("mask", masks) if n == len(masks[0]) else r.sample("mask", (0, 1), n)
    return Params(
        units=n,
        x=r.array("x", (n,), -3, 5, 1),
        mask=np.array(mask, dtype=np.float64),
        probability=r.choice("probability", (0.2, 0.25, 0.3, 0.4, 0.6, 0.75, 0.8)),
        means=r.choice("means", ("drop", "drop", "keep")),
        form=r.choice("form", ("inverted", "inverted", "original")),
        mode=r.choice("mode", ("training", "training", "evaluation")),
    )


def _keep(p: Params, *, swapped: bool = False) -> float:
    return p.probability if (p.means == "keep") != swapped else 1 - p.probability


def _output(p: Params, keep: float) -> Array:
    if p.mode == "training":
        return np.where(p.mask, p.x, 0.0) / (keep if p.form == "inverted" else 1.0)
    return p.x * (1.0 if p.form == "inverted" else keep)


def _expected(p: Params, keep: float) -> float:
    """Return the mean of the first unit's output in training over all masks."""
    return float(p.x[0]) * (1.0 if p.form == "inverted" else keep)


def answer(p: Params) -> dict:
    """Apply the mask and the scale."""
    return {"y": _output(p, _keep(p)), "expected": _expected(p, _keep(p))}


def witness(p: Params) -> dict:
    """Use torch: dropout in evaluation, its mask written as a hook in training, both outcomes."""
    import torch

    keep = 1 - p.probability if p.means == "drop" else p.probability
    x = torch.tensor(p.x)
    scale = torch.distributions.Bernoulli(probs=torch.tensor(keep, dtype=torch.float64))
    share = scale.mean if p.form == "inverted" else torch.ones((), dtype=torch.float64)
    if p.mode == "training":
        y = x.masked_fill(torch.tensor(p.mask) == 0, 0.0) / share
    else:
        layer = torch.nn.Dropout(1 - keep).eval()
        y = layer(x) * (scale.mean if p.form == "original" else 1.0)
    outcomes = scale.enumerate_support()
    chances = scale.log_prob(outcomes).exp()
    return {"y": y.numpy(), "expected": (chances * outcomes * x[0] / share).sum().item()}


def _training(p: Params) -> bool:
    return p.mode == "training"


MISTAKES = (
    Mistake(
        "keep-drop-swapped",
        "Is the number the probability to be dropped, or to be kept?",
        lambda p: (
            {"y": _output(p, _keep(p, swapped=True))}
            if p.probability != 0.5 and _training(p) == (p.form == "inverted")
            else {}
        ),
    ),
    Mistake(
        "scaled-in-evaluation",
        "Inverted dropout scales in training, so that evaluation uses the activations as they are.",
        lambda p: {"y": p.x * _keep(p)} if not _training(p) and p.form == "inverted" else {},
    ),
    Mistake(
        "not-scaled-in-training",
        "Inverted dropout divides what is kept, so that the expected output stays the same.",
        lambda p: {"y": p.mask * p.x} if _training(p) and p.form == "inverted" else {},
    ),
    Mistake(
        "scaled-in-training",
        "The original form leaves what is kept as it is in training, and scales in evaluation.",
        lambda p: {"y": p.mask * p.x / _keep(p)} if _training(p) and p.form == "original" else {},
    ),
    Mistake(
        "not-scaled-in-evaluation",
        "The original form makes up in evaluation for the units that were missing in training.",
        lambda p: {"y": p.x} if not _training(p) and p.form == "original" else {},
    ),
    Mistake(
        "random-in-evaluation",
        "In evaluation nothing is dropped: the mask is for training.",
        lambda p: {"y": p.mask * p.x} if not _training(p) and (p.mask == 0).any() else {},
    ),
    Mistake(
        "multiplied-for-divided",
        "Units are missing, so the others have to become larger: divide.",
        lambda p: {"y": p.mask * p.x * _keep(p)} if _training(p) and p.form == "inverted" else {},
    ),
    Mistake(
        "mask-forgotten",
        "In training the dropped units give 0.",
        lambda p: (
            {"y": p.x / (_keep(p) if p.form == "inverted" else 1.0)}
            if _training(p) and (p.mask * p.x != p.x).any()
            else {}
        ),
    ),
    Mistake(
        "expectation-shrinks",
        "The division in training makes up for the dropped units: the expected output is not "
        "smaller.",
        lambda p: {"expected": float(p.x[0]) * _keep(p)} if p.form == "inverted" and p.x[0] else {},
    ),
    Mistake(
        "expectation-unchanged",
        "Nothing is scaled in training here, and the unit is sometimes 0: the expected output is "
        "smaller.",
        lambda p: {"expected": float(p.x[0])} if p.form == "original" and p.x[0] else {},
    ),
    Mistake(
        "kept-value",
        "This is the output when the unit is kept; the times when it is dropped count too.",
        lambda p: {"expected": float(p.x[0]) / _keep(p)} if p.form == "inverted" and p.x[0] else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the probability that a unit is kept, and the scale in force."""
    keep = _keep(p)
    if _training(p):
        scale = 1 / keep if p.form == "inverted" else 1.0
    else:
        scale = 1.0 if p.form == "inverted" else keep
    return {"keep": keep, "scale": scale}
