"""Linear threshold units: what they compute, and what none of them can."""

from collections.abc import Sequence
from itertools import combinations_with_replacement, product

import numpy as np

from problems.core import Array

MAX_INPUTS = 4


def corners(inputs: int, low: float = 0.0) -> Array:
    """Return every input of `low` and 1 in counting order, shape (2**inputs, inputs)."""
    return np.array(list(product((low, 1.0), repeat=inputs)))


def conflict(targets: Sequence[int]) -> tuple[int, int, int, int] | None:
    """Return why no threshold unit gives the targets: four places in counting order, or None.

    The first two (they may be the same) have the target 1, the others 0, and both pairs have the
    same sum of inputs: a weighted sum that is positive on the first two is so on one of the
    others. Up to eight inputs, a function without such places is a threshold function (Winder).
    """
    inputs = corners((len(targets) - 1).bit_length())
    sums: dict[tuple[float, ...], tuple[int, int]] = {}
    on, off = ([k for k, t in enumerate(targets) if t == wanted] for wanted in (1, 0))
    for i, j in combinations_with_replacement(on, 2):
        sums.setdefault(tuple(inputs[i] + inputs[j]), (i, j))
    for k, l in combinations_with_replacement(off, 2):
        if found := sums.get(tuple(inputs[k] + inputs[l])):
            return (*found, k, l)
    return None


def perceptron(inputs: Array, targets: Sequence[int], rounds: int = 1000) -> tuple[Array, float]:
    """Return weights and bias that separate the targets with no sum at 0 (Rosenblatt's rule).

    inputs (rows, n). Raises ValueError where so many rounds do not find any.
    """
    weights, bias = np.zeros(inputs.shape[1]), 0.0
    signs = 2 * np.asarray(targets) - 1
    for _ in range(rounds):
        wrong = [k for k in range(len(signs)) if signs[k] * (inputs[k] @ weights + bias) <= 0]
        if not wrong:
            return weights, bias
        for k in wrong:
            if signs[k] * (inputs[k] @ weights + bias) <= 0:
                weights, bias = weights + signs[k] * inputs[k], bias + signs[k]
    raise ValueError("no weights were found")
