"""Batch normalisation of a small batch, in training or in evaluation (Ioffe & Szegedy 2015)."""

from dataclasses import dataclass, replace

import numpy as np

from problems.answers import Vector
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine.normalisation import batch_norm, batch_norm_eval, normalise, running


@dataclass(frozen=True)
class Params:
    """The batch, the layer's parameters and its running statistics."""

    batch: int = param("number of examples", 2, 16)
    features: int = param("number of features", 1, 8)
    mode: str = param("how the layer is used", options=("training", "evaluation"))
    x: Array = param("the batch, shape (batch, features)", -1000, 1000)
    gamma: Array = param("scale, shape (features,)", -100, 100)
    beta: Array = param("shift, shape (features,)", -100, 100)
    running_mean: Array = param("running mean before, shape (features,)", -1000, 1000)
    running_var: Array = param("running variance before, shape (features,)", 0, 1_000_000)
    momentum: float = param("share of the NEW statistics, as in PyTorch", 0, 1)
    eps: float = param("epsilon, added to the variance", 1e-8, 1)


VERSION = 1
PARTS = {"first": Vector(decimals=3), "running_mean": Vector(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw four examples of two features with running statistics that differ from the batch's."""
    n, m = r.int("batch", 3, 4), r.int("features", 2, 2)
    return Params(
        batch=n,
        features=m,
        mode=r.choice("mode", ("training", "training", "evaluation")),
        x=r.array("x", (n, m), -4, 8, 0),
        gamma=r.array("gamma", (m,), 0.5, 2, 1),
        beta=r.array("beta", (m,), -1, 1, 1),
        running_mean=r.array("running_mean", (m,), -2, 3, 1),
        running_var=r.array("running_var", (m,), 0.5, 5, 1),
        momentum=r.choice("momentum", (0.1, 0.1, 0.2, 0.3)),
        eps=r.choice("eps", (1e-5, 1e-5, 0.01)),
    )


def _training(p: Params) -> bool:
    return p.mode == "training"


def answer(p: Params) -> dict:
    """Normalise with the reference engine; give the first example's output."""
    if _training(p):
        out = batch_norm(p.x, p.gamma, p.beta, p.eps)
        mean = running(p.running_mean, p.x.mean(axis=0), p.momentum)
    else:
        out = batch_norm_eval(p.x, p.running_mean, p.running_var, p.gamma, p.beta, p.eps)
        mean = p.running_mean
    return {"first": out[0], "running_mean": mean}


def witness(p: Params) -> dict:
    """Run torch.nn.BatchNorm1d and read its running mean."""
    import torch

    layer = torch.nn.BatchNorm1d(p.features, p.eps, p.momentum, dtype=torch.float64)
    layer.load_state_dict(
        {
            "weight": torch.tensor(p.gamma),
            "bias": torch.tensor(p.beta),
            "running_mean": torch.tensor(p.running_mean),
            "running_var": torch.tensor(p.running_var),
            "num_batches_tracked": torch.tensor(0),
        }
    )
    layer.train(_training(p))
    with torch.no_grad():
        out = layer(torch.tensor(p.x))
    mean = layer.running_mean
    assert mean is not None  # noqa: S101 (the layer tracks its statistics)
    return {"first": out[0].numpy(), "running_mean": mean.numpy()}


def _shifted(p: Params, normal: Array) -> dict:
    return {"first": p.gamma * normal + p.beta} if np.isfinite(normal).all() else {}


def _constant(p: Params) -> bool:
    """Return whether some feature is the same in all examples."""
    return bool((np.ptp(p.x, axis=0) == 0).any())


def _eps_outside(p: Params) -> dict:
    if not _training(p) or p.eps < 0.005 or _constant(p):
        return {}
    return _shifted(p, (p.x[0] - p.x.mean(axis=0)) / (p.x.std(axis=0) + p.eps))


def _by_variance(p: Params) -> dict:
    if _training(p):
        return _shifted(p, (p.x[0] - p.x.mean(axis=0)) / (p.x.var(axis=0) + p.eps))
    return _shifted(p, (p.x[0] - p.running_mean) / (p.running_var + p.eps))


def _other_mode(p: Params) -> dict:
    return answer(replace(p, mode="evaluation" if _training(p) else "training"))


def _without(p: Params, gamma: Array, beta: Array) -> dict:
    return {"first": answer(replace(p, gamma=gamma, beta=beta))["first"]}


MISTAKES = (
    Mistake(
        "unbiased-variance",
        "The variance divides by the number of examples, not by one less.",
        lambda p: _shifted(p, normalise(p.x, 0, p.eps, ddof=1)[0]) if _training(p) else {},
    ),
    Mistake(
        "running-in-training",
        "In training the batch's own mean and variance are used, and the running mean moves.",
        lambda p: _other_mode(p) if _training(p) else {},
    ),
    Mistake(
        "batch-in-evaluation",
        "In evaluation the running statistics are used, and they stay as they are.",
        lambda p: {} if _training(p) else _other_mode(p),
    ),
    Mistake(
        "momentum-reversed",
        "Look at the convention: momentum is here the share of the new mean.",
        lambda p: (
            {"running_mean": running(p.running_mean, p.x.mean(axis=0), 1 - p.momentum)}
            if _training(p)
            else {}
        ),
    ),
    Mistake(
        "batch-mean-as-running",
        "The running mean moves only part of the way to the batch's mean.",
        lambda p: {"running_mean": p.x.mean(axis=0)} if _training(p) and p.momentum < 1 else {},
    ),
    Mistake(
        "over-the-features",
        "Mean and variance go over the examples, for each feature alone (a column, not a row).",
        lambda p: (
            _shifted(p, normalise(p.x, 1, p.eps)[0]) if _training(p) and p.features > 1 else {}
        ),
    ),
    Mistake(
        "over-everything",
        "Each feature has its own mean and variance.",
        lambda p: (
            _shifted(p, normalise(p.x, (0, 1), p.eps)[0]) if _training(p) and p.features > 1 else {}
        ),
    ),
    Mistake(
        "epsilon-outside-the-root",
        "Epsilon is added to the variance, under the root.",
        _eps_outside,
    ),
    Mistake(
        "variance-for-deviation",
        "Divide by the root of the variance.",
        _by_variance,
    ),
    Mistake(
        "no-scale-and-shift",
        "After normalising come the scale $\\gamma$ and the shift $\\beta$.",
        lambda p: (
            _without(p, np.ones(p.features), np.zeros(p.features))
            if (p.gamma != 1).any() or p.beta.any()
            else {}
        ),
    ),
    Mistake(
        "no-shift",
        "The shift $\\beta$ is missing.",
        lambda p: _without(p, p.gamma, np.zeros(p.features)) if p.beta.any() else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the statistics that are used, and the normalised first example."""
    mean = p.x.mean(axis=0) if _training(p) else p.running_mean
    variance = p.x.var(axis=0) if _training(p) else p.running_var
    normal = (p.x[0] - mean) / np.sqrt(variance + p.eps)
    return {"mean": mean, "variance": variance, "normal": normal, "batch_mean": p.x.mean(axis=0)}
