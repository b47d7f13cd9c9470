"""The gradients of a linear layer y = x W^T + b, given the gradient by y."""

from __future__ import annotations

import numpy as np

from grader.core import InputKind, Mutant
from grader.drawing import numbers, plans, sizes
from problems.core import Array
from problems.engine.network import linear_backward

VERSION = 1
FUNCTION = "linear_backward"
FRAMEWORKS = ("numpy",)
ARGUMENTS = {"dy": "(batch, out)", "x": "(batch, in)", "W": "(out, in)"}
RETURNS = {"dx": "(batch, in)", "dW": "(out, in)", "db": "(out,)"}
PLANS = plans(large=False)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw the gradient by the output, the input and the weights."""
    batch, size, out = sizes(kind, rng, 3)
    return {
        "dy": numbers(kind, rng, batch, out),
        "x": numbers(kind, rng, batch, size),
        "W": numbers(kind, rng, out, size),
    }


reference = linear_backward

MUTANTS = (
    Mutant(
        "mean-over-batch",
        "This divides dW and db by the size of the batch. They are sums: a mean is already in dy.",
        lambda dy, x, W: (dy @ W, dy.T @ x / len(x), dy.mean(axis=0)),
    ),
    Mutant(
        "mean-in-dW",
        "This divides dW by the size of the batch. It is a sum, as db is.",
        lambda dy, x, W: (dy @ W, dy.T @ x / len(x), dy.sum(axis=0)),
    ),
    Mutant(
        "mean-in-db",
        "This takes the mean of dy over the batch for db. It is the sum.",
        lambda dy, x, W: (dy @ W, dy.T @ x, dy.mean(axis=0)),
    ),
    Mutant(
        "dW-transposed",
        "This is the transpose of dW. It has the shape of W, (out, in).",
        lambda dy, x, W: (dy @ W, x.T @ dy, dy.sum(axis=0)),
    ),
    Mutant(
        "W-transposed",
        "This multiplies dy by the transpose of W. Forward takes x W^T, so backward takes dy W.",
        lambda dy, x, W: (dy @ W.T, dy.T @ x, dy.sum(axis=0)),
    ),
    Mutant(
        "forward",
        "The first result is the forward product x W^T. It should be the gradient by x, dy W.",
        lambda dy, x, W: (x @ W.T, dy.T @ x, dy.sum(axis=0)),
    ),
    Mutant(
        "db-not-summed",
        "This returns dy for db. The bias is added to every row, so its gradient sums over them.",
        lambda dy, x, W: (dy @ W, dy.T @ x, dy.copy()),
    ),
    Mutant(
        "db-over-outputs",
        "This sums dy over the outputs for db. The sum is over the batch.",
        lambda dy, x, W: (dy @ W, dy.T @ x, dy.sum(axis=1)),
    ),
    Mutant(
        "db-keeps-the-axis",
        "This keeps the batch's axis in db. Its shape is that of the bias, (out,).",
        lambda dy, x, W: (dy @ W, dy.T @ x, dy.sum(axis=0, keepdims=True)),
    ),
    Mutant(
        "db-of-ones",
        "This takes 1 for each bias, the derivative of y alone. The chain rule brings in dy.",
        lambda dy, x, W: (dy @ W, dy.T @ x, np.ones(len(W))),
    ),
    Mutant(
        "dW-without-dy",
        "This sums x alone for dW, as if dy were 1. The chain rule brings in dy.",
        lambda dy, x, W: (dy @ W, np.ones_like(dy).T @ x, dy.sum(axis=0)),
    ),
    Mutant(
        "dx-without-dy",
        "This sums W alone for dx, as if dy were 1. The chain rule brings in dy.",
        lambda dy, x, W: (np.ones_like(dy) @ W, dy.T @ x, dy.sum(axis=0)),
    ),
    Mutant(
        "sign",
        "All three have the wrong sign. These are the gradients, not the steps of descent.",
        lambda dy, x, W: (-dy @ W, -dy.T @ x, -dy.sum(axis=0)),
    ),
    Mutant(
        "order",
        "This returns (dW, dx, db). The order asked for is (dx, dW, db).",
        lambda dy, x, W: (dy.T @ x, dy @ W, dy.sum(axis=0)),
    ),
)
