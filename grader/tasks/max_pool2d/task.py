"""Two-dimensional max pooling for a batch, whole windows alone."""

from __future__ import annotations

import numpy as np

from grader.core import AnyArray, Framework, InputKind, Mutant
from grader.drawing import numbers, plans, unequal
from problems.core import Array
from problems.engine.convolution import batch_windows, max_pool2d_layer

VERSION = 1
FUNCTION = "max_pool2d"
ARGUMENTS = {
    "x": "(batch, channels, height, width)",
    "kernel": "() int",
    "stride": "() int",
}
RETURNS = {"y": "(batch, channels, rows, columns)"}
FRAMEWORKS: tuple[Framework, ...] = ("numpy",)
PLANS = plans(large=False)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray | int]:
    """Draw images whose first window has negative numbers alone, and that leave something over.

    Kernel and stride differ, but for `batch of one`.
    """
    batch, channels = unequal(rng, 2, 2, 4)
    kernel, stride = unequal(rng, 2, 2, 4)
    if kind == "batch of one":
        batch, stride = 1, kernel
    rows, columns = unequal(rng, 2, 2, 4)
    height, width = ((n - 1) * stride + kernel + stride - 1 for n in (rows, columns))
    if kind == "square":
        height, channels = width, batch
    x = numbers(kind, rng, batch, channels, height, width)
    x[:, :, :kernel, :kernel] = -np.abs(x[:, :, :kernel, :kernel])
    return {"x": x, "kernel": kernel, "stride": stride}


reference = max_pool2d_layer


def _partial_windows(x: Array, kernel: int, stride: int) -> Array:
    """Let windows hang over the end where they still begin within, as ceil_mode does."""
    more = [-(n - kernel) % stride for n in x.shape[2:]]
    sides = ((0, 0), (0, 0), (0, more[0]), (0, more[1]))
    return max_pool2d_layer(np.pad(x, sides, constant_values=-np.inf), kernel, stride)


def _largest_size(x: Array, kernel: int, stride: int) -> Array:
    seen = batch_windows(x, (kernel, kernel), stride)
    return np.maximum(seen.max(axis=(4, 5)), -seen.min(axis=(4, 5)))


MUTANTS = (
    Mutant(
        "mean",
        "This is average pooling. Take the largest number of each window.",
        lambda x, k, s: batch_windows(x, (k, k), s).mean(axis=(4, 5)),
    ),
    Mutant(
        "minimum",
        "This takes the smallest number of each window. Take the largest.",
        lambda x, k, s: -max_pool2d_layer(-x, k, s),
    ),
    Mutant(
        "starts-at-zero",
        "The maximum starts at 0 here. A window of negative numbers has a negative maximum.",
        lambda x, k, s: np.maximum(max_pool2d_layer(x, k, s), 0.0),
    ),
    Mutant(
        "absolute-values",
        "This takes the largest absolute value. Signs count.",
        _largest_size,
    ),
    Mutant(
        "stride-is-kernel",
        "The windows move by the kernel's size. They move by the stride.",
        lambda x, k, _: max_pool2d_layer(x, k, k),
    ),
    Mutant(
        "stride-one",
        "The windows move by one. They move by the stride.",
        lambda x, k, _: max_pool2d_layer(x, k, 1),
    ),
    Mutant(
        "kernel-is-stride",
        "The windows are as large as the stride. They are as large as the kernel.",
        lambda x, _, s: max_pool2d_layer(x, s, s),
    ),
    Mutant(
        "kernel-and-stride-swapped",
        "Kernel and stride are swapped.",
        lambda x, k, s: max_pool2d_layer(x, s, k),
    ),
    Mutant(
        "over-channels",
        "The maximum goes over the channels too. Each channel is pooled by itself.",
        lambda x, k, s: max_pool2d_layer(x, k, s).max(axis=1, keepdims=True),
    ),
    Mutant(
        "whole-image",
        "This is one maximum for the whole image. Take one for each window.",
        lambda x, *_: x.max(axis=(2, 3), keepdims=True),
    ),
    Mutant(
        "partial-windows",
        "Windows that hang over the end count here. Only whole ones do.",
        _partial_windows,
    ),
    Mutant(
        "last-window-missing",
        "The last window of each axis is missing. The number of windows is "
        "floor((n - kernel) / stride) + 1.",
        lambda x, k, s: max_pool2d_layer(x, k, s)[:, :, :-1, :-1],
    ),
    Mutant(
        "rows-and-columns-swapped",
        "Rows and columns of the result are swapped.",
        lambda x, k, s: max_pool2d_layer(x, k, s).swapaxes(2, 3),
    ),
)
