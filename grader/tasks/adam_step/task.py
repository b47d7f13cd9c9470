"""One step of Adam with bias correction: (w, m, v) after step t."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from grader.core import AnyArray, InputKind, Mutant
from grader.drawing import numbers, planned, shares, unequal
from problems.core import Array
from problems.engine.optimisers import Adam

VERSION = 1
FUNCTION = "adam_step"
_SHAPE = "(rows, columns)"
ARGUMENTS = {
    **dict.fromkeys(("w", "g", "m", "v"), _SHAPE),
    "t": "() int",
    **dict.fromkeys(("lr", "beta1", "beta2", "eps"), "() float"),
}
RETURNS = {"w": _SHAPE, "m": _SHAPE, "v": _SHAPE}
PLANS = planned(
    ("ordinary", "edge", "ordinary"),
    ("ordinary", "ordinary", "ordinary", "edge", "edge", "distinct", "distinct"),
)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray | float]:
    """Draw a step; `edge` is the first one. eps is large enough to be seen in the result."""
    shape = unequal(rng, 2)
    first = kind == "edge"
    return {
        "w": numbers(kind, rng, *shape),
        "g": numbers(kind, rng, *shape),
        "m": np.zeros(shape) if first else numbers(kind, rng, *shape),
        "v": np.zeros(shape) if first else shares(kind, rng, *shape),
        "t": 1 if first else int(rng.integers(2, 8)),
        "lr": float(rng.choice([0.05, 0.1, 0.2])),
        "beta1": float(rng.choice([0.8, 0.9])),
        "beta2": float(rng.choice([0.95, 0.99, 0.999])),
        "eps": float(rng.choice([0.001, 0.002, 0.01])),
    }


Moments: TypeAlias = tuple[Array, Array, Array]
Move: TypeAlias = Callable[[Array, Array, float], Array]


def reference(w: Array, g: Array, m: Array, v: Array, t: int, *hyper: float) -> Moments:
    """Return (w, m, v) after step t; `hyper` is lr, beta1, beta2, eps."""
    return Adam(*hyper).step(w, m, v, g, t)  # type: ignore[return-value]


def _moving(direction: Callable[..., Array]) -> Callable[..., Moments]:
    """Return a step with the right moments that moves w by lr * direction(m, v, t, g, *rest)."""

    def step(w: Array, g: Array, m: Array, v: Array, t: int, *hyper: float) -> Moments:
        _, m, v = reference(w, g, m, v, t, *hyper)
        lr, beta1, beta2, eps = hyper
        with np.errstate(all="ignore"):
            m_hat = m / np.float64(1 - beta1**t)
            v_hat = v / np.float64(1 - beta2**t)
            return w - lr * direction(m=m, v=v, m_hat=m_hat, v_hat=v_hat, g=g, eps=eps), m, v

    return step


def _with_second_moment_of(change: Callable[[Array], Array]) -> Callable[..., Moments]:
    """Return a step whose second moment averages another function of the gradient."""

    def step(w: Array, g: Array, m: Array, v: Array, t: int, *hyper: float) -> Moments:
        lr, beta1, beta2, eps = hyper
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * change(g)
        with np.errstate(all="ignore"):
            root = np.sqrt(v / (1 - beta2**t))
        return w - lr * m / (1 - beta1**t) / (root + eps), m, v

    return step


def _late_steps(w: Array, g: Array, m: Array, v: Array, t: int, *hyper: float) -> Moments:
    with np.errstate(all="ignore"):
        lr, beta1, beta2, eps = hyper
        _, m, v = reference(w, g, m, v, t, *hyper)
        m_hat, v_hat = (x / np.float64(1 - b ** (t - 1)) for x, b in ((m, beta1), (v, beta2)))
        return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def _shares_swapped(w: Array, g: Array, m: Array, v: Array, t: int, *hyper: float) -> Moments:
    lr, beta1, beta2, eps = hyper
    m, v = (1 - beta1) * m + beta1 * g, (1 - beta2) * v + beta2 * g * g
    return w - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def _corrected_returned(w: Array, g: Array, m: Array, v: Array, t: int, *hyper: float) -> Moments:
    w, m, v = reference(w, g, m, v, t, *hyper)
    return w, m / (1 - hyper[1] ** t), v / (1 - hyper[2] ** t)


def _old_moments(w: Array, g: Array, m: Array, v: Array, t: int, *hyper: float) -> Moments:
    return reference(w, g, m, v, t, *hyper)[0], m, v


MUTANTS = (
    Mutant(
        "no-bias-correction",
        "This moves by the moments as they are. They start at 0 and are too small at first: divide "
        "each by 1 - beta^t.",
        _moving(lambda m, v, eps, **_: m / (np.sqrt(v) + eps)),
    ),
    Mutant(
        "first-moment-not-corrected",
        "Only the second moment is corrected here. The first is divided by 1 - beta1^t.",
        _moving(lambda m, v_hat, eps, **_: m / (np.sqrt(v_hat) + eps)),
    ),
    Mutant(
        "second-moment-not-corrected",
        "Only the first moment is corrected here. The second is divided by 1 - beta2^t.",
        _moving(lambda m_hat, v, eps, **_: m_hat / (np.sqrt(v) + eps)),
    ),
    Mutant(
        "steps-from-zero",
        "The exponent of the correction is t - 1 here. Steps count from 1: it is t.",
        _late_steps,
    ),
    Mutant(
        "gradient-not-squared",
        "The second moment averages the gradients here. It averages their squares.",
        _with_second_moment_of(lambda g: g),
    ),
    Mutant(
        "absolute-gradient",
        "The second moment averages absolute gradients here. It averages their squares.",
        _with_second_moment_of(np.abs),
    ),
    Mutant(
        "no-root",
        "This divides by the second moment. Divide by its square root.",
        _moving(lambda m_hat, v_hat, eps, **_: m_hat / (v_hat + eps)),
    ),
    Mutant(
        "eps-inside-the-root",
        "eps is added under the root here. It is added to the root.",
        _moving(lambda m_hat, v_hat, eps, **_: m_hat / np.sqrt(v_hat + eps)),
    ),
    Mutant(
        "no-eps",
        "This divides by the root alone: eps is missing.",
        _moving(lambda m_hat, v_hat, **_: m_hat / np.sqrt(v_hat)),
    ),
    Mutant(
        "gradient-for-moment",
        "This moves along the gradient of this step. Move along the first moment.",
        _moving(lambda g, v_hat, eps, **_: g / (np.sqrt(v_hat) + eps)),
    ),
    Mutant(
        "uphill",
        "This adds the step to the weights. Subtract it.",
        _moving(lambda m_hat, v_hat, eps, **_: -m_hat / (np.sqrt(v_hat) + eps)),
    ),
    Mutant(
        "betas-swapped",
        "beta1 and beta2 are swapped: beta1 belongs to the first moment.",
        lambda w, g, m, v, t, lr, b1, b2, eps: reference(w, g, m, v, t, lr, b2, b1, eps),
    ),
    Mutant(
        "shares-swapped",
        "The old moment has the share 1 - beta here. It has beta, and the new gradient 1 - beta.",
        _shares_swapped,
    ),
    Mutant(
        "corrected-moments-returned",
        "This returns the corrected moments. Return m and v as the next step needs them, without "
        "the correction.",
        _corrected_returned,
    ),
    Mutant(
        "old-moments-returned",
        "This returns the moments from before the step. Return the new ones.",
        _old_moments,
    ),
)
