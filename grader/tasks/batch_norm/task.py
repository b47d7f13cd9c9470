"""Batch normalisation with running statistics, in training and in evaluation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from grader.core import AnyArray, Framework, InputKind, Mutant
from grader.drawing import numbers, planned, shares, sizes
from problems.core import Array
from problems.engine.normalisation import batch_norm_step, normalise, running

VERSION = 1
FUNCTION = "batch_norm"
_FEATURES = "(features,)"
ARGUMENTS = {
    "x": "(batch, features)",
    **dict.fromkeys(("gamma", "beta", "running_mean", "running_var"), _FEATURES),
    "momentum": "() float",
    "eps": "() float",
    "training": "() bool",
}
RETURNS = {"y": "(batch, features)", "running_mean": _FEATURES, "running_var": _FEATURES}
FRAMEWORKS: tuple[Framework, ...] = ("numpy",)
PLANS = planned(
    ("ordinary", "batch of one", "square"),
    ("ordinary", "ordinary", "square", "distinct", "distinct", "batch of one", "edge"),
)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray | float]:
    """Draw a call; `batch of one` and `edge` are evaluation, all others training.

    eps is large enough to be seen in the result, and momentum is never 0.5.
    """
    batch, features = sizes(kind, rng, 2)
    return {
        "x": numbers(kind, rng, batch, features) + 2.0,
        "gamma": numbers(kind, rng, features),
        "beta": numbers(kind, rng, features),
        "running_mean": numbers(kind, rng, features),
        "running_var": 0.5 + shares(kind, rng, features),
        "momentum": float(rng.choice([0.1, 0.2, 0.3])),
        "eps": float(rng.choice([0.001, 0.01, 0.1])),
        "training": kind not in {"batch of one", "edge"},
    }


reference = batch_norm_step


@dataclass(frozen=True)
class Call:
    """The arguments of one call, by name."""

    x: Array
    gamma: Array
    beta: Array
    running_mean: Array
    running_var: Array
    momentum: float
    eps: float
    training: bool

    def right(self) -> tuple[Array, Array, Array]:
        """Return what the reference gives."""
        return reference(*vars(self).values())


Results: TypeAlias = tuple[Array, Array, Array]
Wrong: TypeAlias = Callable[[Call], Results]


def _mutant(name: str, message: str, wrong: Wrong) -> Mutant:
    return Mutant(name, message, lambda *arguments: wrong(Call(*arguments)))


def _training_y(normalised: Callable[[Call], Array]) -> Wrong:
    """Return a mistake in what x becomes in training before gamma and beta."""

    def wrong(call: Call) -> Results:
        y, mean, var = call.right()
        return call.gamma * normalised(call) + call.beta if call.training else y, mean, var

    return wrong


def _by(formula: Callable[[Array, Array, Array, float], Array]) -> Wrong:
    """Return a mistake in what x becomes by any mean and variance, formula(x, mean, var, eps)."""

    def wrong(call: Call) -> Results:
        mean, var = call.running_mean, call.running_var
        if call.training:
            mean, var = call.x.mean(axis=0), call.x.var(axis=0)
        y = call.gamma * formula(call.x, mean, var, call.eps) + call.beta
        return y, *call.right()[1:]

    return wrong


def _statistics(change: Callable[[Call, Results], tuple[Array, Array]]) -> Wrong:
    """Return a mistake in the running statistics that a training step leaves."""

    def wrong(call: Call) -> Results:
        results = call.right()
        return (results[0], *change(call, results)) if call.training else results

    return wrong


def _batch_in_evaluation(call: Call) -> Results:
    if call.training:
        return call.right()
    y = call.gamma * normalise(call.x, 0, call.eps) + call.beta
    return y, call.running_mean, call.running_var


def _moved_in_evaluation(call: Call) -> Results:
    if call.training:
        return call.right()
    var = running(call.running_var, call.x.var(axis=0), call.momentum)
    return call.right()[0], running(call.running_mean, call.x.mean(axis=0), call.momentum), var


MUTANTS = (
    _mutant(
        "unbiased-variance",
        "In training y is by the unbiased variance here. Normalise by the biased one.",
        _training_y(lambda c: normalise(c.x, 0, c.eps, ddof=1)),
    ),
    _mutant(
        "running-in-training",
        "In training y is by the running statistics here. Normalise by the batch's own.",
        _training_y(lambda c: (c.x - c.running_mean) / np.sqrt(c.running_var + c.eps)),
    ),
    _mutant(
        "over-the-features",
        "Mean and variance go over the features of each example here. They go over the batch, for "
        "each feature.",
        _training_y(lambda c: normalise(c.x, 1, c.eps)),
    ),
    _mutant(
        "over-everything",
        "This has one mean and one variance for all features. Each feature has its own.",
        _training_y(lambda c: normalise(c.x, (0, 1), c.eps)),
    ),
    _mutant(
        "eps-outside-the-root",
        "eps is added to the root here. Add it to the variance, under the root.",
        _by(lambda x, mean, var, eps: (x - mean) / (np.sqrt(var) + eps)),
    ),
    _mutant(
        "no-eps",
        "eps is missing: it is added to the variance.",
        _by(lambda x, mean, var, _: (x - mean) / np.sqrt(var)),
    ),
    _mutant(
        "variance-for-deviation",
        "This divides by the variance. Divide by its root.",
        _by(lambda x, mean, var, eps: (x - mean) / (var + eps)),
    ),
    _mutant(
        "mean-not-subtracted",
        "The mean is not subtracted.",
        _by(lambda x, _, var, eps: x / np.sqrt(var + eps)),
    ),
    _mutant(
        "no-scale-and-shift",
        "gamma and beta are missing: they scale and shift what is normalised.",
        lambda c: replace(c, gamma=np.ones_like(c.gamma), beta=np.zeros_like(c.beta)).right(),
    ),
    _mutant(
        "no-scale",
        "The scale gamma is missing.",
        lambda c: replace(c, gamma=np.ones_like(c.gamma)).right(),
    ),
    _mutant(
        "no-shift",
        "The shift beta is missing.",
        lambda c: replace(c, beta=np.zeros_like(c.beta)).right(),
    ),
    _mutant(
        "batch-in-evaluation",
        "In evaluation y is by the batch here. Normalise by the running statistics.",
        _batch_in_evaluation,
    ),
    _mutant(
        "moved-in-evaluation",
        "The running statistics move in evaluation here. There they stay as they are.",
        _moved_in_evaluation,
    ),
    _mutant(
        "momentum-reversed",
        "The momentum is the share of the old statistics here. It is the share of the new.",
        lambda c: replace(c, momentum=1.0 - c.momentum).right(),
    ),
    _mutant(
        "batch-statistics-returned",
        "This returns the batch's own statistics. The running ones move part of the way to them.",
        _statistics(lambda c, _: (c.x.mean(axis=0), c.x.var(axis=0, ddof=1))),
    ),
    _mutant(
        "biased-running-variance",
        "The running variance moves towards the biased variance here. It moves towards the "
        "unbiased one.",
        _statistics(lambda c, r: (r[1], running(c.running_var, c.x.var(axis=0), c.momentum))),
    ),
    _mutant(
        "statistics-not-moved",
        "The running statistics stay as they are in training. They move towards the batch's.",
        _statistics(lambda c, _: (c.running_mean, c.running_var)),
    ),
)
