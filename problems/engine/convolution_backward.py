"""Transposed convolutions, and gradients of convolutions and poolings.

What a convolution reads through windows, its gradient adds up where the windows lie; a transposed
convolution does so with copies of its kernel. Settings are those of `problems.engine.convolution`.
"""

import numpy as np

from problems.core import Array
from problems.engine.convolution import (
    Pair,
    grouped_windows,
    padded,
    pair,
    pool_divisors,
    pool_windows,
)
from problems.engine.shapes import conv_transpose_length


def fold(parts: Array, lengths: tuple[int, int], stride: Pair, dilation: Pair = 1) -> Array:
    """Return the sum of windows put down where they lie, as torch.nn.functional.fold.

    parts (batch, channels, rows, columns, kernel height, kernel width) to (batch, channels,
    *lengths).
    """
    (down, right), (by_row, by_column) = pair(stride), pair(dilation)
    batch, channels, rows, columns, height, width = parts.shape
    whole = np.zeros((batch, channels, *lengths))
    for i in range(height):
        for j in range(width):
            top, left = i * by_row, j * by_column
            whole[
                :,
                :,
                top : top + rows * down : down,
                left : left + columns * right : right,
            ] += parts[..., i, j]
    return whole


def cut(x: Array, padding: Pair, lengths: tuple[int, ...]) -> Array:
    """Return x (batch, channels, height, width) from behind its padding on, cut to the lengths."""
    (rows, columns), (height, width) = pair(padding), lengths
    return x[:, :, rows : rows + height, columns : columns + width]


def conv2d_layer_backward(
    dy: Array,
    x: Array,
    weight: Array,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> tuple[Array, Array, Array]:
    """Return the gradients (dx, dweight, dbias) of `conv2d_layer`, each of its argument's shape.

    dy (batch, out channels, rows, columns) is the gradient by the output.
    """
    whole = padded(x, padding)
    kernel = weight.shape[2], weight.shape[3]
    seen = grouped_windows(whole, kernel, stride, dilation, groups)
    filters = weight.reshape(groups, -1, *weight.shape[1:])
    by_group = dy.reshape(len(x), groups, -1, *dy.shape[2:])
    parts = np.einsum("bgors,gocij->bgcrsij", by_group, filters)
    parts = parts.reshape(*x.shape[:2], *dy.shape[2:], *kernel)
    dx = cut(fold(parts, whole.shape[2:], stride, dilation), padding, x.shape[2:])
    dweight = np.einsum("bgors,bgcrsij->gocij", by_group, seen)
    return dx, dweight.reshape(weight.shape), dy.sum(axis=(0, 2, 3))


def conv1d_layer_backward(
    dy: Array,
    x: Array,
    weight: Array,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> tuple[Array, Array, Array]:
    """Return the gradients (dx, dweight, dbias) of `conv1d_layer`, each of its argument's shape.

    dy (batch, out channels, positions) is the gradient by the output.
    """
    settings = (1, stride), (0, padding), (1, dilation), groups
    dx, dweight, dbias = conv2d_layer_backward(
        dy[:, :, None], x[:, :, None], weight[:, :, None], *settings
    )
    return dx[:, :, 0], dweight[:, :, 0], dbias


def conv_transpose2d_layer(
    x: Array,
    weight: Array,
    bias: Array,
    stride: Pair = 1,
    padding: Pair = 0,
    output_padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Array:
    """Return torch.nn.functional.conv_transpose2d's output, shape (batch, out channels, h, w).

    x (batch, in channels, rows, columns); weight (in channels, out channels / groups, kernel
    height, kernel width); bias (out channels,). `padding` is cut off, and `output_padding` rows and
    columns are added at the ends (`problems.engine.shapes.conv_transpose_length`).
    """
    settings = (x.shape[2:], weight.shape[2:], *map(pair, (stride, padding, output_padding)))
    lengths = [
        conv_transpose_length(n, k, s, p, more, d)
        for n, k, s, p, more, d in zip(*settings, pair(dilation), strict=True)
    ]
    height, width = (n + 2 * p for n, p in zip(lengths, pair(padding), strict=True))
    by_group = x.reshape(len(x), groups, -1, *x.shape[2:])
    kernels = weight.reshape(groups, -1, *weight.shape[1:])
    parts = np.einsum("bgcrs,gcoij->bgorsij", by_group, kernels)
    parts = parts.reshape(len(x), -1, *parts.shape[3:])
    whole = fold(parts, (height, width), stride, dilation)
    return cut(whole, padding, tuple(lengths)) + bias[:, None, None]


def conv_transpose2d_layer_backward(
    dy: Array,
    x: Array,
    weight: Array,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> tuple[Array, Array, Array]:
    """Return the gradients (dx, dweight, dbias) of `conv_transpose2d_layer`, each of its shape.

    dy, of the output's shape, is the gradient by the output; its shape tells the output padding.
    """
    kernel = weight.shape[2], weight.shape[3]
    seen = grouped_windows(padded(dy, padding), kernel, stride, dilation, groups)
    seen = seen[:, :, :, : x.shape[2], : x.shape[3]]
    by_group = x.reshape(len(x), groups, -1, *x.shape[2:])
    kernels = weight.reshape(groups, -1, *weight.shape[1:])
    dx = np.einsum("bgorsij,gcoij->bgcrs", seen, kernels).reshape(x.shape)
    dweight = np.einsum("bgcrs,bgorsij->gcoij", by_group, seen).reshape(weight.shape)
    return dx, dweight, dy.sum(axis=(0, 2, 3))


def max_pool2d_layer_backward(
    dy: Array, x: Array, kernel: Pair, stride: Pair, padding: Pair = 0, *, ceil_mode: bool = False
) -> Array:
    """Return the gradient of `max_pool2d_layer` by x, of x's shape; dy is that by the output.

    All of a window's goes to its largest number, the first of several.
    """
    seen = pool_windows(x, kernel, stride, padding, ceil_mode=ceil_mode, fill=-np.inf)
    flat = seen.reshape(*dy.shape, -1)
    largest = flat.argmax(axis=-1)[..., None] == np.arange(flat.shape[-1])
    parts = np.where(largest, dy[..., None], 0.0).reshape(seen.shape)
    return _unpooled(parts, x, stride, padding)


def average_pool2d_layer_backward(
    dy: Array,
    x: Array,
    kernel: Pair,
    stride: Pair,
    padding: Pair = 0,
    *,
    ceil_mode: bool = False,
    count_padding: bool = True,
) -> Array:
    """Return the gradient of `average_pool2d_layer` by x, of x's shape; dy is that by the output.

    Each window shares its own equally among the numbers that it counts.
    """
    divisors = pool_divisors(
        x, kernel, stride, padding, ceil_mode=ceil_mode, count_padding=count_padding
    )
    shares = (dy / divisors)[..., None, None]
    parts = np.broadcast_to(shares, (*dy.shape, *pair(kernel)))
    return _unpooled(parts, x, stride, padding)


def _unpooled(parts: Array, x: Array, stride: Pair, padding: Pair) -> Array:
    """Return the windows' sum, cut to x; they may end before the padding, or behind it."""
    settings = (x.shape[2:], parts.shape[2:4], parts.shape[4:], pair(stride), pair(padding))
    height, width = (
        max(n + 2 * p, (outputs - 1) * s + k) for n, outputs, k, s, p in zip(*settings, strict=True)
    )
    return cut(fold(parts, (height, width), stride), padding, x.shape[2:])
