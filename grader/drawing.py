"""Drawing the inputs of code tasks: sizes and numbers that leave no mistake unseen.

Numbers are rounded as they are drawn, so that what a student is shown is what was used.
"""

from __future__ import annotations

import hashlib

import numpy as np

from problems.core import Array

DECIMALS = 3


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


def saturating(rng: np.random.Generator, size: int) -> Array:
    """Return numbers of both signs between 800 and 900, where e^z is beyond float64."""
    signs = np.where(np.arange(size) % 2 == rng.integers(2), 1.0, -1.0)
    return np.round(signs * rng.uniform(800.0, 900.0, size), DECIMALS)


def unequal(rng: np.random.Generator, count: int, low: int = 2, high: int = 6) -> list[int]:
    """Return `count` sizes between low and high, all different, so that a wrong axis shows."""
    return rng.choice(np.arange(low, high + 1), size=count, replace=False).tolist()
