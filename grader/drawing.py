"""Drawing the inputs of code tasks: sizes and numbers that leave no mistake unseen.

Numbers are rounded as they are drawn, so that what a student is shown is what was used.
"""

from __future__ import annotations

import hashlib

import numpy as np

from grader.core import InputKind, Plan
from problems.core import Array
from problems.engine.activations import sigmoid

DECIMALS = 3


def plans(*, large: bool = True) -> tuple[Plan, ...]:
    """Return ten plans, three visible; without `large` for a task in which nothing overflows."""
    return (
        Plan("ordinary", visible=True),
        Plan("batch of one", visible=True),
        Plan("square", visible=True),
        Plan("ordinary"),
        Plan("ordinary"),
        Plan("batch of one"),
        Plan("square"),
        Plan("distinct"),
        Plan("distinct"),
        Plan("large" if large else "ordinary"),
    )


def planned(visible: tuple[InputKind, ...], hidden: tuple[InputKind, ...]) -> tuple[Plan, ...]:
    """Return plans of these kinds, for a task that `plans` does not fit."""
    shown = tuple(Plan(kind, visible=True) for kind in visible)
    return shown + tuple(Plan(kind) for kind in hidden)


def stream(*names: object) -> np.random.Generator:
    """Return the random stream with these names: the same ones always give the same stream."""
    digest = hashlib.sha256("\0".join(map(str, names)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest))


def normal(rng: np.random.Generator, *shape: int, scale: float = 1.0) -> Array:
    """Return normal numbers of this standard deviation, none of them within 0.05 of zero."""
    drawn = rng.normal(0.0, scale, shape)
    return np.round(drawn + np.copysign(0.05, drawn), DECIMALS)


def distinct(rng: np.random.Generator, *shape: int) -> Array:
    """Return numbers spread over [-1.5, 1.5] in random order, no two the same."""
    count = int(np.prod(shape))
    spread = np.linspace(-1.5, 1.5, count + 1, dtype=np.float64)[1:]
    rng.shuffle(spread)
    return np.round(spread.reshape(shape), DECIMALS + 1)


def numbers(kind: InputKind, rng: np.random.Generator, *shape: int) -> Array:
    """Return numbers for a case of this kind: all different for `distinct`, else normal."""
    return distinct(rng, *shape) if kind == "distinct" else normal(rng, *shape)


def shares(kind: InputKind, rng: np.random.Generator, *shape: int) -> Array:
    """Return numbers strictly between 0 and 1, as a gate gives them."""
    return np.round(sigmoid(2.0 * numbers(kind, rng, *shape)), DECIMALS + 1)


def saturating(rng: np.random.Generator, size: int) -> Array:
    """Return numbers of both signs between 800 and 900, where e^z is beyond float64."""
    signs = np.where(np.arange(size) % 2 == rng.integers(2), 1.0, -1.0)
    return np.round(signs * rng.uniform(800.0, 900.0, size), DECIMALS)


def logits(kind: InputKind, rng: np.random.Generator, batch: int, classes: int) -> Array:
    """Return logits of shape (batch, classes).

    For `large`, rows lie near 800 and near -800 by turns, where one maximum for the whole batch
    does not help, and one logit of each row another 800 below, where e^z is 0 but its log is not
    -infinity.
    """
    z = numbers(kind, rng, batch, classes)
    if kind != "large":
        return z
    shifts = np.where(np.arange(batch) % 2 == rng.integers(2), 800.0, -800.0)
    # Multiples of 1/64, which single precision carries exactly next to 800.
    z = np.round(64.0 * z) / 64.0 + shifts[:, None]
    z[np.arange(batch), rng.integers(classes, size=batch)] -= 800.0
    return z


def unequal(rng: np.random.Generator, count: int, low: int = 2, high: int = 6) -> list[int]:
    """Return `count` sizes between low and high, all different, so that a wrong axis shows."""
    return rng.choice(np.arange(low, high + 1), size=count, replace=False).tolist()


def sizes(kind: InputKind, rng: np.random.Generator, count: int) -> list[int]:
    """Return the batch's size and others: all different, but for `square`, where all are the same.

    For `batch of one` the first is 1.
    """
    batch, *others = unequal(rng, count)
    if kind == "square":
        return [others[-1]] * count
    return [1 if kind == "batch of one" else batch, *others]
