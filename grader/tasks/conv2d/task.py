"""A two-dimensional convolution layer for a batch: cross-correlation, stride and zero padding."""

from __future__ import annotations

import numpy as np

from grader.core import AnyArray, Framework, InputKind, Mutant
from grader.drawing import numbers, plans, unequal
from problems.core import Array
from problems.engine.convolution import conv2d_layer

VERSION = 1
FUNCTION = "conv2d"
ARGUMENTS = {
    "x": "(batch, in_channels, height, width)",
    "weight": "(out_channels, in_channels, kernel_height, kernel_width)",
    "bias": "(out_channels,)",
    "stride": "() int",
    "padding": "() int",
}
RETURNS = {"y": "(batch, out_channels, rows, columns)"}
FRAMEWORKS: tuple[Framework, ...] = ("numpy",)
PLANS = plans(large=False)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray | int]:
    """Draw a layer with a stride that leaves something over, and padding.

    `batch of one` has neither. `square` has square images and filters and as many channels out as
    in, so that no transposed filter fails by its shape, and leaves nothing over.
    """
    batch, channels, out = unequal(rng, 3, 1, 4)
    kernel, windows = unequal(rng, 2, 2, 4), rng.permutation([3, 4])
    stride, padding = (int(n) for n in rng.integers((2, 1), (4, 3)))
    rest = stride - 1
    if kind == "batch of one":
        batch, channels, stride, padding, rest = 1, 3, 1, 0, 0
    if kind == "square":
        out = channels = max(2, channels)
        kernel, windows, rest = [kernel[0]] * 2, windows[[0, 0]], 0
    height, width = (windows - 1) * stride + kernel - 2 * padding + rest
    return {
        "x": numbers(kind, rng, batch, channels, height, width),
        "weight": numbers(kind, rng, out, channels, *kernel),
        "bias": numbers(kind, rng, out),
        "stride": stride,
        "padding": padding,
    }


reference = conv2d_layer


def _padded(x: Array, before: int, after: int, mode: str = "constant") -> Array:
    return np.pad(x, ((0, 0), (0, 0), (before, after), (before, after)), mode=mode)  # type: ignore[call-overload]


def _padded_with_ones(x: Array, weight: Array, bias: Array, stride: int, padding: int) -> Array:
    sides = (padding, padding)
    padded = np.pad(x, ((0, 0), (0, 0), sides, sides), constant_values=1.0)
    return conv2d_layer(padded, weight, bias, stride, 0)


def _partial_windows(x: Array, weight: Array, bias: Array, stride: int, padding: int) -> Array:
    """Let windows hang over the end, as if zeros followed without end, where they still begin."""
    lengths = [n + 2 * padding for n in x.shape[2:]]
    more = [-(n - k) % stride for n, k in zip(lengths, weight.shape[2:], strict=True)]
    padded = np.pad(_padded(x, padding, padding), ((0, 0), (0, 0), (0, more[0]), (0, more[1])))
    return conv2d_layer(padded, weight, bias, stride, 0)


def _channels_swapped(x: Array, weight: Array, bias: Array, stride: int, padding: int) -> Array:
    if weight.shape[0] != weight.shape[1]:
        raise ValueError
    return conv2d_layer(x, weight.swapaxes(0, 1), bias, stride, padding)


MUTANTS = (
    Mutant(
        "flipped",
        "The filters are flipped here, as in mathematics. Deep learning lays them on as they are.",
        lambda x, w, b, s, p: conv2d_layer(x, w[:, :, ::-1, ::-1], b, s, p),
    ),
    Mutant(
        "filter-transposed",
        "Rows and columns of the filters are swapped.",
        lambda x, w, b, s, p: conv2d_layer(x, w.swapaxes(2, 3), b, s, p),
    ),
    Mutant(
        "channels-swapped",
        "Input and output channels of the weight are swapped: its first axis counts the filters.",
        _channels_swapped,
    ),
    Mutant(
        "no-bias",
        "The bias is missing: each filter has one number that is added to all of its output.",
        lambda x, w, b, s, p: conv2d_layer(x, w, np.zeros_like(b), s, p),
    ),
    Mutant(
        "bias-for-each-channel",
        "The bias is added once for each input channel. Add it once.",
        lambda x, w, b, s, p: conv2d_layer(x, w, b * x.shape[1], s, p),
    ),
    Mutant(
        "first-channel",
        "Only the first input channel comes in. Add up the products of all of them.",
        lambda x, w, b, s, p: conv2d_layer(x[:, :1], w[:, :1], b, s, p),
    ),
    Mutant(
        "mean-over-channels",
        "This is the mean over the input channels. Add them up.",
        lambda x, w, b, s, p: conv2d_layer(x / x.shape[1], w, b, s, p),
    ),
    Mutant(
        "stride-ignored",
        "The filters move by one here. They move by the stride.",
        lambda x, w, b, _, p: conv2d_layer(x, w, b, 1, p),
    ),
    Mutant(
        "padding-ignored",
        "The images are not padded here.",
        lambda x, w, b, s, _: conv2d_layer(x, w, b, s, 0),
    ),
    Mutant(
        "padding-before-alone",
        "The zeros stand at the top and on the left alone. Pad all four sides.",
        lambda x, w, b, s, p: conv2d_layer(_padded(x, p, 0), w, b, s, 0),
    ),
    Mutant(
        "padding-after-alone",
        "The zeros stand at the bottom and on the right alone. Pad all four sides.",
        lambda x, w, b, s, p: conv2d_layer(_padded(x, 0, p), w, b, s, 0),
    ),
    Mutant(
        "padding-with-edges",
        "The images are padded with their own edges. Pad with zeros.",
        lambda x, w, b, s, p: conv2d_layer(_padded(x, p, p, "edge"), w, b, s, 0),
    ),
    Mutant(
        "padding-with-ones",
        "The images are padded with ones. Pad with zeros.",
        _padded_with_ones,
    ),
    Mutant(
        "partial-windows",
        "Windows that hang over the end count here. Only whole ones do.",
        _partial_windows,
    ),
    Mutant(
        "relu",
        "This has a ReLU at its end. The layer is linear: negative numbers stay.",
        lambda x, w, b, s, p: np.maximum(conv2d_layer(x, w, b, s, p), 0.0),
    ),
)
