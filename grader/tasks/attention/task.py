"""Scaled dot-product attention of a batch, with a mask of the keys that each query sees."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from grader.core import AnyArray, Framework, InputKind, Mutant
from grader.drawing import numbers, plans, sizes
from problems.core import Array
from problems.engine.attention import masked_attention, masked_weights
from problems.engine.losses import softmax

VERSION = 1
FUNCTION = "attention"
ARGUMENTS = {
    "Q": "(batch, queries, d)",
    "K": "(batch, keys, d)",
    "V": "(batch, keys, d_v)",
    "mask": "(queries, keys) bool",
}
RETURNS = {"Y": "(batch, queries, d_v)"}
FRAMEWORKS: tuple[Framework, ...] = ("numpy",)
PLANS = plans()


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray]:
    """Draw sequences and a mask; one query sees all keys, one a single key, and others some.

    In `large` scores are whole numbers, which single precision carries too, and one above 700.
    """
    batch, queries, keys, d, d_v = sizes(kind, rng, 5)
    mask = rng.integers(2, size=(queries, keys)) == 1
    mask[np.arange(queries), rng.integers(keys, size=queries)] = True
    mask[0], mask[1] = True, np.arange(keys) == rng.integers(keys)
    Q, K = numbers(kind, rng, batch, queries, d), numbers(kind, rng, batch, keys, d)
    if kind == "large":
        d = 4
        Q, K = (np.rint(rng.uniform(-9, 9, (batch, n, d))) * 2 for n in (queries, keys))
        Q[:, 0], K[:, -1] = 20.0, 20.0
    return {"Q": Q, "K": K, "V": numbers(kind, rng, batch, keys, d_v), "mask": mask}


reference = masked_attention


def _scores(Q: Array, K: Array) -> Array:
    return Q @ np.swapaxes(K, 1, 2) / math.sqrt(Q.shape[2])


def _scaled_by(scale: Callable[[Array, Array], float]) -> Callable[..., Array]:
    """Return the attention of someone who multiplies the scores by something else."""

    def wrong(Q: Array, K: Array, V: Array, mask: AnyArray) -> Array:
        return masked_attention(Q * (math.sqrt(Q.shape[2]) * scale(Q, K)), K, V, mask)

    return wrong


def _zeros_for_hidden(Q: Array, K: Array, V: Array, mask: AnyArray) -> Array:
    return softmax(_scores(Q, K) * mask) @ V


def _masked_after(Q: Array, K: Array, V: Array, mask: AnyArray) -> Array:
    return softmax(_scores(Q, K)) * mask @ V


def _over_queries(Q: Array, K: Array, V: Array, mask: AnyArray) -> Array:
    scores = np.where(mask, _scores(Q, K), -1e9)
    return np.swapaxes(softmax(np.swapaxes(scores, 1, 2)), 1, 2) @ V


@np.errstate(all="ignore")
def _naive(Q: Array, K: Array, V: Array, mask: AnyArray) -> Array:
    e = np.exp(np.where(mask, _scores(Q, K), -np.inf))
    return e / e.sum(axis=2, keepdims=True) @ V


def _no_softmax(Q: Array, K: Array, V: Array, mask: AnyArray) -> Array:
    return np.where(mask, _scores(Q, K), 0.0) @ V


def _mask_inverted(Q: Array, K: Array, V: Array, mask: AnyArray) -> Array:
    # A query that sees all keys sees none here: a large negative score instead of -inf.
    return softmax(np.where(mask, -1e9, _scores(Q, K))) @ V


MUTANTS = (
    Mutant(
        "not-scaled",
        "The scores are not scaled here. Divide them by the root of d.",
        _scaled_by(lambda *_: 1.0),
    ),
    Mutant(
        "divided-by-d",
        "The scores are divided by d here. Divide them by its root.",
        _scaled_by(lambda Q, _: 1.0 / Q.shape[2]),
    ),
    Mutant(
        "multiplied-by-root",
        "The scores are multiplied by the root of d here. Divide them by it.",
        _scaled_by(lambda Q, _: math.sqrt(Q.shape[2])),
    ),
    Mutant(
        "scaled-by-keys",
        "The scores are divided by the root of the number of keys here. Divide them by that of d.",
        _scaled_by(lambda _, K: 1.0 / math.sqrt(K.shape[1])),
    ),
    Mutant(
        "no-mask",
        "The mask does not come in: every query sees every key here.",
        lambda Q, K, V, mask: masked_attention(Q, K, V, np.ones_like(mask)),
    ),
    Mutant(
        "mask-inverted",
        "This hides the keys that the mask shows: True means that the query sees the key.",
        _mask_inverted,
    ),
    Mutant(
        "mask-transposed",
        "Queries and keys are swapped in the mask here: its rows are queries.",
        lambda Q, K, V, mask: masked_attention(Q, K, V, mask.T),
    ),
    Mutant(
        "zero-for-hidden",
        "Hidden scores are set to 0 here, which the softmax makes 1 of. Set them to -infinity.",
        _zeros_for_hidden,
    ),
    Mutant(
        "masked-after-softmax",
        "The mask comes after the softmax here, so that the weights no longer sum to 1. Mask the "
        "scores.",
        _masked_after,
    ),
    Mutant(
        "softmax-over-queries",
        "The softmax goes over the queries here. It goes over the keys of each query.",
        _over_queries,
    ),
    Mutant(
        "no-softmax",
        "The scores weigh the values as they are: the softmax is missing.",
        _no_softmax,
    ),
    Mutant(
        "naive-softmax",
        "This takes e^z as it is, which overflows. Subtract each row's largest score first.",
        _naive,
    ),
    Mutant(
        "keys-for-values",
        "The weights average the keys here. They average the values.",
        lambda Q, K, _, mask: masked_attention(Q, K, K, mask),
    ),
    Mutant(
        "queries-and-keys-swapped",
        "Queries and keys are swapped.",
        lambda Q, K, V, mask: masked_attention(K, Q, V, mask),
    ),
    Mutant(
        "weights-transposed",
        "The weights are transposed before they meet the values.",
        lambda Q, K, V, mask: np.swapaxes(masked_weights(Q, K, mask), 1, 2) @ V,
    ),
)
