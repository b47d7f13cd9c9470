"""Values that convolutions and poolings give, as torch.nn.functional has them.

A layer takes a batch, x (batch, channels, height, width). A stride, padding or dilation is a number
for both axes, or a pair (rows, columns); padding is on both sides of its axis.
"""

from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from problems.core import Array
from problems.engine.shapes import conv_length, pool_length

Pair: TypeAlias = int | tuple[int, int]


def pair(value: Pair) -> tuple[int, int]:
    """Return (rows, columns) of a setting that may be one number for both."""
    return (value, value) if isinstance(value, int) else value


def windows(image: Array, kernel: tuple[int, int], stride: int = 1, padding: int = 0) -> Array:
    """Return the windows of an image padded by zeros.

    image (channels, height, width) to (rows, columns, channels, *kernel), where rows and columns
    count the positions of the window.
    """
    padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
    rows = conv_length(padded.shape[1], kernel[0], stride)
    columns = conv_length(padded.shape[2], kernel[1], stride)
    return np.array(
        [
            [
                padded[:, i : i + kernel[0], j : j + kernel[1]]
                for j in range(0, columns * stride, stride)
            ]
            for i in range(0, rows * stride, stride)
        ]
    )


def conv2d(
    image: Array, kernel: Array, bias: float = 0.0, stride: int = 1, padding: int = 0
) -> Array:
    """Return the cross-correlation that deep learning calls a convolution (torch.conv2d).

    image (channels, height, width) and one filter (channels, kh, kw) to (rows, columns).
    """
    return conv2d_layer(image[None], kernel[None], np.array([bias]), stride, padding)[0, 0]


def max_pool(image: Array, kernel: int, stride: int) -> Array:
    """Return the largest number of each window; image (height, width) to (rows, columns)."""
    return max_pool2d_layer(image[None, None], kernel, stride)[0, 0]


def average_pool(
    image: Array, kernel: int, stride: int, padding: int = 0, *, count_padding: bool = True
) -> Array:
    """Return the mean of each window; image (height, width) to (rows, columns).

    Padding zeros count in the divisor, as in torch.nn.AvgPool2d, or do not (TensorFlow).
    """
    images = image[None, None]
    return average_pool2d_layer(images, kernel, stride, padding, count_padding=count_padding)[0, 0]


def batch_windows(x: Array, kernel: Pair, stride: Pair, dilation: Pair = 1) -> Array:
    """Return the windows of a batch of images, as a view that must not be written to.

    x (batch, channels, height, width) to (batch, channels, rows, columns, *kernel).
    """
    (down, right), (rows, columns) = pair(stride), pair(dilation)
    reach = tuple(d * (k - 1) + 1 for k, d in zip(pair(kernel), (rows, columns), strict=True))
    every = sliding_window_view(x, reach, axis=(2, 3))
    return every[:, :, ::down, ::right, ::rows, ::columns]


def padded(x: Array, padding: Pair, fill: float = 0.0) -> Array:
    """Return x (batch, channels, height, width) with so many more numbers on all four sides."""
    rows, columns = pair(padding)
    sides = ((0, 0), (0, 0), (rows, rows), (columns, columns))
    return np.pad(x, sides, constant_values=fill)


def grouped_windows(x: Array, kernel: Pair, stride: Pair, dilation: Pair, groups: int) -> Array:
    """Return the windows of a padded batch by groups of neighbouring channels.

    x (batch, channels, height, width) to (batch, groups, channels / groups, rows, columns,
    *kernel).
    """
    seen = batch_windows(x, kernel, stride, dilation)
    return seen.reshape(len(x), groups, -1, *seen.shape[2:])


def conv2d_layer(
    x: Array,
    weight: Array,
    bias: Array,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Array:
    """Return torch.conv2d's output, shape (batch, out channels, rows, columns).

    x (batch, in channels, height, width); weight (out channels, in channels / groups, kernel
    height, kernel width); bias (out channels,). Zeros are padded on all four sides.
    """
    kernel = weight.shape[2], weight.shape[3]
    seen = grouped_windows(padded(x, padding), kernel, stride, dilation, groups)
    filters = weight.reshape(groups, -1, *weight.shape[1:])
    out = np.einsum("bgcrsij,gocij->bgors", seen, filters)
    return out.reshape(len(x), -1, *out.shape[3:]) + bias[:, None, None]


def conv1d_layer(
    x: Array,
    weight: Array,
    bias: Array,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Array:
    """Return torch.conv1d's output, shape (batch, out channels, positions).

    x (batch, in channels, length); weight (out channels, in channels / groups, kernel); bias (out
    channels,): the convolution of images that are one row high.
    """
    settings = (1, stride), (0, padding), (1, dilation), groups
    return conv2d_layer(x[:, :, None], weight[:, :, None], bias, *settings)[:, :, 0]


def max_pool2d_layer(
    x: Array, kernel: Pair, stride: Pair, padding: Pair = 0, *, ceil_mode: bool = False
) -> Array:
    """Return the largest number of each window, shape (batch, channels, rows, columns).

    x (batch, channels, height, width). Padding never is the largest; with `ceil_mode` a last window
    may reach over the end (`problems.engine.shapes.pool_length`).
    """
    seen = pool_windows(x, kernel, stride, padding, ceil_mode=ceil_mode, fill=-np.inf)
    return seen.max(axis=(4, 5))


def average_pool2d_layer(
    x: Array,
    kernel: Pair,
    stride: Pair,
    padding: Pair = 0,
    *,
    ceil_mode: bool = False,
    count_padding: bool = True,
) -> Array:
    """Return the mean of each window, shape (batch, channels, rows, columns).

    x (batch, channels, height, width). The zeros of the padding count in the divisor or do not;
    what `ceil_mode` reaches beyond them never counts, as in torch.nn.AvgPool2d.
    """
    seen = pool_windows(x, kernel, stride, padding, ceil_mode=ceil_mode, fill=0.0)
    divisors = pool_divisors(
        x, kernel, stride, padding, ceil_mode=ceil_mode, count_padding=count_padding
    )
    return seen.sum(axis=(4, 5)) / divisors


def pool_windows(
    x: Array, kernel: Pair, stride: Pair, padding: Pair, *, ceil_mode: bool, fill: float
) -> Array:
    """Return the windows of a pooling, shape (batch, channels, rows, columns, *kernel)."""
    sides = [(0, 0), (0, 0)]
    for n, k, s, p in _axes(x, kernel, stride, padding):
        outputs = pool_length(n, k, s, p, ceil_mode=ceil_mode)
        sides.append((p, max(p, (outputs - 1) * s + k - n - p)))
    return batch_windows(np.pad(x, sides, constant_values=fill), kernel, stride)


def pool_divisors(
    x: Array, kernel: Pair, stride: Pair, padding: Pair, *, ceil_mode: bool, count_padding: bool
) -> Array:
    """Return how many numbers each window of an average pooling counts, shape (rows, columns)."""
    counts = []
    for n, k, s, p in _axes(x, kernel, stride, padding):
        starts = np.arange(pool_length(n, k, s, p, ceil_mode=ceil_mode)) * s - p
        low, high = (-p, n + p) if count_padding else (0, n)
        counts.append(np.minimum(starts + k, high) - np.maximum(starts, low))
    return np.outer(*counts).astype(np.float64)


def _axes(x: Array, kernel: Pair, stride: Pair, padding: Pair) -> list[tuple[int, int, int, int]]:
    """Return (length, kernel, stride, padding) of the rows and of the columns."""
    return list(zip(x.shape[2:], pair(kernel), pair(stride), pair(padding), strict=True))
