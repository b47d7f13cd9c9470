"""The look-up of an embedding layer: one row of the table for each token."""

from __future__ import annotations

import math

import numpy as np

from grader.core import AnyArray, InputKind, Mutant
from grader.drawing import numbers, plans, sizes
from problems.core import Array

VERSION = 1
FUNCTION = "embedding_lookup"
ARGUMENTS = {"E": "(vocabulary, width)", "ids": "(batch, length) int64"}
RETURNS = {"vectors": "(batch, length, width)"}
PLANS = plans(large=False)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray]:
    """Draw a table and token numbers; the first and the last token are always looked up."""
    batch, length, width, vocabulary = sizes(kind, rng, 4)
    ids = rng.integers(vocabulary, size=(batch, length))
    ids[0, :2] = rng.permutation([0, vocabulary - 1])
    return {"E": numbers(kind, rng, vocabulary, width), "ids": ids}


def reference(E: Array, ids: AnyArray) -> Array:
    """Return E[ids], shape (batch, length, width)."""
    return E[ids]


def _normalised(E: Array, ids: AnyArray) -> Array:
    return (E / np.sqrt((E * E).sum(axis=1, keepdims=True)))[ids]


def _each_once(E: Array, ids: AnyArray) -> Array:
    unique = np.unique(ids)
    return E[np.resize(unique, ids.shape)]


MUTANTS = (
    Mutant(
        "columns",
        "This takes columns of the table. A token's vector is a row.",
        lambda E, ids: E[:, ids],
    ),
    Mutant(
        "table-transposed",
        "The table is transposed here. A token's vector is a row of it as it is given.",
        lambda E, ids: E.T[ids],
    ),
    Mutant(
        "ids-from-one",
        "The token numbers are taken to count from 1. They count from 0.",
        lambda E, ids: E[ids - 1],
    ),
    Mutant(
        "next-row",
        "This is the row behind each token's. Token k has row k, counted from 0.",
        lambda E, ids: E[(ids + 1) % len(E)],
    ),
    Mutant(
        "summed",
        "This adds the vectors of a text up. Every token keeps its own.",
        lambda E, ids: E[ids].sum(axis=1),
    ),
    Mutant(
        "averaged",
        "This is the mean vector of each text. Every token keeps its own.",
        lambda E, ids: E[ids].mean(axis=1),
    ),
    Mutant(
        "length-first",
        "The first two axes are swapped: the result has shape (batch, length, width).",
        lambda E, ids: E[ids.T],
    ),
    Mutant(
        "width-before-length",
        "The last two axes are swapped: the result has shape (batch, length, width).",
        lambda E, ids: E[ids].swapaxes(1, 2),
    ),
    Mutant(
        "flat",
        "The texts are put into one here. Keep the axes: (batch, length, width).",
        lambda E, ids: E[ids.reshape(-1)],
    ),
    Mutant(
        "one-hot",
        "These are the one-hot vectors. Each is still to be multiplied by the table.",
        lambda E, ids: np.eye(len(E))[ids],
    ),
    Mutant(
        "scaled",
        "The vectors are scaled by the root of the width, as in the Transformer. Take them as "
        "they are.",
        lambda E, ids: E[ids] * math.sqrt(E.shape[1]),
    ),
    Mutant(
        "normalised",
        "The vectors are scaled to the length 1. Take them as they are.",
        _normalised,
    ),
    Mutant(
        "each-token-once",
        "This looks up the different tokens in their order. Look up each place of the texts.",
        _each_once,
    ),
)
