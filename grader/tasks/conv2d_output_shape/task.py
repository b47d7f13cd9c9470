"""The output shape of a two-dimensional convolution, as torch.nn.Conv2d has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from grader.core import Framework, InputKind, Mutant
from grader.drawing import planned, unequal
from problems.engine.shapes import conv_length

VERSION = 1
FUNCTION = "conv2d_output_shape"
ARGUMENTS = dict.fromkeys(
    (
        *("channels", "height", "width", "filters"),
        *("kernel", "stride", "padding", "dilation"),
    ),
    "() int",
)
RETURNS = dict.fromkeys(("channels", "rows", "columns"), "() int")
FRAMEWORKS: tuple[Framework, ...] = ("numpy",)
PLANS = planned(
    ("ordinary", "ordinary", "edge"),
    ("ordinary", "ordinary", "ordinary", "square", "square", "edge", "distinct"),
)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, int]:
    """Draw a layer whose windows leave something over on both axes, but for `edge`.

    There one window fits, exactly. `square` has square images. `distinct` has the stride 1, which
    hides nothing behind rounding, and numbers that no two of the mistakes come to the same by.
    """
    stride, dilation, padding = (int(n) for n in rng.integers((2, 2, 1), (5, 4, 4)))
    kernel = int(rng.integers(padding + 2, 9))
    if kind == "distinct":
        stride, dilation, padding, kernel = 1, 3, 3, int(rng.choice([6, 8]))
    span = dilation * (kernel - 1) + 1 - 2 * padding
    rows, columns = rng.permutation(np.arange(3, 12))[:2]
    rest = int(rng.integers(1, stride)) if stride > 1 else 0
    height, width = (int(span + n * stride + rest) for n in (rows, columns))
    if kind == "edge":
        height = width = span
    if kind == "square":
        height = width
    channels, out = unequal(rng, 2, 1, 64)
    drawn = (channels, height, width, out, kernel, stride, padding, dilation)
    return dict(zip(ARGUMENTS, drawn, strict=True))


Shape: TypeAlias = tuple[float, float, float]
Length: TypeAlias = Callable[[int, int, int, int, int], float]


def _shape_by(length: Length) -> Callable[..., Shape]:
    """Return the task's function, with length(n, kernel, stride, padding, dilation) by axis."""
    return lambda _, height, width, out, *rest: (out, length(height, *rest), length(width, *rest))


reference = _shape_by(conv_length)


def _free(n: int, k: int, p: int, d: int) -> int:
    """Return by how many places the kernel can move."""
    return n + 2 * p - d * (k - 1) - 1


MUTANTS = (
    Mutant(
        "padding-once",
        "The padding is added once. It is on both sides: 2p.",
        _shape_by(lambda n, k, s, p, d: (_free(n, k, p, d) - p) // s + 1),
    ),
    Mutant(
        "no-plus-one",
        "The first window is not counted: + 1 is missing.",
        _shape_by(lambda n, k, s, p, d: _free(n, k, p, d) // s),
    ),
    Mutant(
        "rounded-up",
        "This rounds up. A window that does not fit as a whole does not count: round down.",
        _shape_by(lambda n, k, s, p, d: -(-_free(n, k, p, d) // s) + 1),
    ),
    Mutant(
        "not-rounded",
        "This does not round. Lengths are whole numbers: divide with //.",
        _shape_by(lambda n, k, s, p, d: _free(n, k, p, d) / s + 1),
    ),
    Mutant(
        "stride-ignored",
        "The stride is missing: the kernel moves by it.",
        _shape_by(lambda n, k, _, p, d: conv_length(n, k, 1, p, d)),
    ),
    Mutant(
        "padding-ignored",
        "The padding is missing.",
        _shape_by(lambda n, k, s, _, d: conv_length(n, k, s, 0, d)),
    ),
    Mutant(
        "dilation-ignored",
        "The dilation is missing: it spreads the kernel over d (k - 1) + 1 places.",
        _shape_by(lambda n, k, s, p, _: conv_length(n, k, s, p, 1)),
    ),
    Mutant(
        "dilated-too-far",
        "The kernel spans d k places here. Between k places lie k - 1 gaps: it is d (k - 1) + 1.",
        _shape_by(lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1),
    ),
    Mutant(
        "same-size",
        "Height and width are those of the image here. Without fitting padding they shrink.",
        _shape_by(lambda n, *_: n),
    ),
    Mutant(
        "divided-by-stride",
        "This is n / s rounded up, as with the padding “same”. Here the padding is given.",
        _shape_by(lambda n, _k, s, *_: -(-n // s)),
    ),
    Mutant(
        "input-channels",
        "The channels are the input's here. Each filter gives one channel.",
        lambda channels, *rest: (channels, *reference(channels, *rest)[1:]),
    ),
    Mutant(
        "channels-multiplied",
        "Input and output channels are multiplied here. Each filter sums over the input's.",
        lambda channels, *rest: (
            channels * reference(channels, *rest)[0],
            *reference(channels, *rest)[1:],
        ),
    ),
    Mutant(
        "rows-and-columns-swapped",
        "Rows and columns are swapped: return (channels, rows, columns).",
        lambda *a: (reference(*a)[0], reference(*a)[2], reference(*a)[1]),
    ),
    Mutant(
        "channels-last",
        "The channels come last here. Return (channels, rows, columns).",
        lambda *a: (*reference(*a)[1:], reference(*a)[0]),
    ),
)
