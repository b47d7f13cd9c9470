"""Layer normalisation and RMSNorm of one example (Ba et al. 2016; Zhang & Sennrich 2019)."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Vector
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.normalisation import layer_norm, normalise, rms_norm


@dataclass(frozen=True)
class Params:
    """Two examples, of which the first is normalised, and the layer's parameters."""

    kind: str = param("the normalisation", options=("layer", "rms"))
    features: int = param("number of features", 2, 16)
    x: Array = param("the two examples, shape (2, features)", -1000, 1000)
    gamma: Array = param("scale, shape (features,)", -100, 100)
    beta: Array = param("shift of layer norm, shape (features,); RMSNorm has none", -100, 100)
    eps: float = param("epsilon, added under the root", 1e-8, 1)

    def __post_init__(self) -> None:
        """Refuse an example whose features are all the same."""
        if self.x.ndim == 2 and np.ptp(self.x[0]) == 0:
            raise ParamError("x", "the features of the first example must not all be equal.")


VERSION = 1
PARTS = {"y": Vector(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw four features of whole numbers."""
    n = r.int("features", 3, 4)
    return Params(
        kind=r.choice("kind", ("layer", "layer", "rms")),
        features=n,
        x=r.array("x", (2, n), -4, 8, 0),
        gamma=r.array("gamma", (n,), 0.5, 2, 1),
        beta=r.array("beta", (n,), -1, 1, 1),
        eps=r.choice("eps", (1e-5, 1e-5, 0.01)),
    )


def _layer(p: Params) -> bool:
    return p.kind == "layer"


def answer(p: Params) -> dict:
    """Normalise with the reference engine."""
    if _layer(p):
        return {"y": layer_norm(p.x, p.gamma, p.beta, p.eps)[0]}
    return {"y": rms_norm(p.x, p.gamma, p.eps)[0]}


def witness(p: Params) -> dict:
    """Run torch.nn.functional's layer_norm or rms_norm."""
    import torch

    x, gamma = torch.tensor(p.x), torch.tensor(p.gamma)
    if _layer(p):
        y = torch.nn.functional.layer_norm(x, (p.features,), gamma, torch.tensor(p.beta), p.eps)
    else:
        y = torch.nn.functional.rms_norm(x, (p.features,), gamma, p.eps)
    return {"y": y[0].numpy()}


def _scaled(p: Params, normal: Array) -> dict:
    if not np.isfinite(normal).all() or np.abs(normal).max() > 1e6:
        return {}
    return {"y": p.gamma * normal + (p.beta if _layer(p) else 0.0)}


def _mean_square(p: Params) -> float:
    return float((p.x[0] ** 2).mean())


def _off_centre(p: Params) -> bool:
    return abs(float(p.x[0].mean())) > 1e-9


def _by_variance(p: Params) -> dict:
    x = p.x[0]
    if _layer(p):
        return _scaled(p, (x - x.mean()) / (x.var() + p.eps))
    return _scaled(p, x / (_mean_square(p) + p.eps))


MISTAKES = (
    Mistake(
        "batch-axis",
        "Layer normalisation goes over the features of one example, not over the examples.",
        lambda p: _scaled(p, normalise(p.x, 0, p.eps)[0]) if _layer(p) else {},
    ),
    Mistake(
        "unbiased-variance",
        "The variance divides by the number of features, not by one less.",
        lambda p: _scaled(p, normalise(p.x, -1, p.eps, ddof=1)[0]) if _layer(p) else {},
    ),
    Mistake(
        "mean-not-subtracted",
        "This is RMSNorm; layer normalisation subtracts the mean.",
        lambda p: (
            _scaled(p, p.x[0] / np.sqrt(_mean_square(p) + p.eps))
            if _layer(p) and _off_centre(p)
            else {}
        ),
    ),
    Mistake(
        "mean-subtracted",
        "RMSNorm subtracts no mean: it divides by the root of the mean square.",
        lambda p: (
            {} if _layer(p) or not _off_centre(p) else _scaled(p, normalise(p.x, -1, p.eps)[0])
        ),
    ),
    Mistake(
        "shift-added",
        "RMSNorm has a scale, and no shift.",
        lambda p: {} if _layer(p) or not p.beta.any() else {"y": answer(p)["y"] + p.beta},
    ),
    Mistake(
        "sum-for-mean",
        "Take the mean of the squares, not their sum.",
        lambda p: {} if _layer(p) else _scaled(p, p.x[0] / np.sqrt((p.x[0] ** 2).sum() + p.eps)),
    ),
    Mistake(
        "variance-for-deviation",
        "Divide by the root.",
        _by_variance,
    ),
    Mistake(
        "no-scale",
        "After normalising comes the scale $\\gamma$, feature by feature.",
        lambda p: (
            {"y": (answer(p)["y"] - (p.beta if _layer(p) else 0)) / p.gamma}
            if p.gamma.all() and (p.gamma != 1).any()
            else {}
        ),
    ),
    Mistake(
        "no-shift",
        "The shift $\\beta$ is missing.",
        lambda p: {"y": answer(p)["y"] - p.beta} if _layer(p) and p.beta.any() else {},
    ),
)


def steps(p: Params) -> dict:
    """Return mean, variance or mean square, the root, and the normalised features."""
    x = p.x[0]
    mean = float(x.mean()) if _layer(p) else 0.0
    square = float(x.var()) if _layer(p) else _mean_square(p)
    root = float(np.sqrt(square + p.eps))
    return {"mean": mean, "square": square, "root": root, "normal": (x - mean) / root}
