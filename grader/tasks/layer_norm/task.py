"""Layer normalisation over the last axis, with the biased variance and eps = 1e-5."""

from __future__ import annotations

import numpy as np

from grader.core import InputKind, Mutant
from grader.drawing import numbers, plans, sizes
from problems.core import Array
from problems.engine.normalisation import layer_norm, normalise, rms_norm

VERSION = 1
FUNCTION = "layer_norm"
FRAMEWORKS = ("numpy",)
ARGUMENTS = {"x": "(batch, features)", "gamma": "(features,)", "beta": "(features,)"}
RETURNS = {"y": "(batch, features)"}
PLANS = plans(large=False)
EPS = 1e-5


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw x, gamma and beta; the first row of x is so narrow that its variance is near eps."""
    batch, features = sizes(kind, rng, 2)
    x = numbers(kind, rng, batch, features)
    x[0] = np.round(x[0] / 100.0, 5)
    return {
        "x": x,
        "gamma": numbers(kind, rng, features),
        "beta": numbers(kind, rng, features),
    }


def reference(x: Array, gamma: Array, beta: Array) -> Array:
    """Return the layer norm of x, of its shape."""
    return layer_norm(x, gamma, beta, EPS)


def _moments(x: Array) -> tuple[Array, Array]:
    """Return each row's mean and biased variance, each of shape (batch, 1)."""
    return x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)


def _eps_outside(x: Array, gamma: Array, beta: Array) -> Array:
    mean, variance = _moments(x)
    return gamma * (x - mean) / (np.sqrt(variance) + EPS) + beta


def _by_variance(x: Array, gamma: Array, beta: Array) -> Array:
    mean, variance = _moments(x)
    return gamma * (x - mean) / (variance + EPS) + beta


def _not_centred(x: Array, gamma: Array, beta: Array) -> Array:
    return gamma * x / np.sqrt(_moments(x)[1] + EPS) + beta


def _not_scaled(x: Array, gamma: Array, beta: Array) -> Array:
    return gamma * (x - _moments(x)[0]) + beta


MUTANTS = (
    Mutant(
        "over-batch",
        "This normalises each feature over the batch, as batch normalisation does. "
        "Layer normalisation goes over the features of each row.",
        lambda x, gamma, beta: gamma * normalise(x, 0, EPS) + beta,
    ),
    Mutant(
        "over-everything",
        "This takes one mean and one variance of the whole array. Each row has its own.",
        lambda x, gamma, beta: gamma * normalise(x, (0, 1), EPS) + beta,
    ),
    Mutant(
        "unbiased-variance",
        "This divides the variance by the number of features less one. "
        "It should be divided by their number.",
        lambda x, gamma, beta: gamma * normalise(x, -1, EPS, ddof=1) + beta,
    ),
    Mutant(
        "no-eps",
        "This is the layer norm without eps, which is added to the variance.",
        lambda x, gamma, beta: layer_norm(x, gamma, beta, 0.0),
    ),
    Mutant(
        "eps-outside-root",
        "This adds eps to the standard deviation. It is added to the variance, under the root.",
        _eps_outside,
    ),
    Mutant(
        "by-variance",
        "This divides by the variance: the root is missing.",
        _by_variance,
    ),
    Mutant(
        "not-centred",
        "The mean is not subtracted here.",
        _not_centred,
    ),
    Mutant(
        "rms",
        "This divides by the root of the mean square, as RMS normalisation does. "
        "Subtract the mean first.",
        lambda x, gamma, beta: rms_norm(x, gamma, EPS) + beta,
    ),
    Mutant(
        "not-scaled",
        "This subtracts the mean, but does not divide by the standard deviation.",
        _not_scaled,
    ),
    Mutant(
        "no-gamma",
        "This is the layer norm without its scale gamma.",
        lambda x, _, beta: normalise(x, -1, EPS) + beta,
    ),
    Mutant(
        "no-beta",
        "This is the layer norm without its shift beta.",
        lambda x, gamma, _: gamma * normalise(x, -1, EPS),
    ),
    Mutant(
        "gamma-and-beta-swapped",
        "gamma and beta are swapped: gamma scales and beta shifts.",
        lambda x, gamma, beta: layer_norm(x, beta, gamma, EPS),
    ),
    Mutant(
        "beta-scaled",
        "This adds beta before multiplying by gamma. Multiply first, then add.",
        lambda x, gamma, beta: gamma * (normalise(x, -1, EPS) + beta),
    ),
)
