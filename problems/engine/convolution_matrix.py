"""Convolutions as copies of the kernel put down, and as matrices."""

import numpy as np

from problems.core import Array
from problems.engine.convolution import conv2d
from problems.engine.shapes import conv_transpose_length


def stamps(image: Array, kernel: Array, stride: int) -> list[tuple[tuple[slice, slice], Array]]:
    """Return where each number of the image puts down its multiple of the kernel, in turn.

    image (height, width), kernel (rows, columns).
    """
    rows, columns = kernel.shape
    return [
        (
            (
                slice(i * stride, i * stride + rows),
                slice(j * stride, j * stride + columns),
            ),
            image[i, j] * kernel,
        )
        for i in range(image.shape[0])
        for j in range(image.shape[1])
    ]


def conv_transpose2d(
    image: Array, kernel: Array, bias: float = 0.0, stride: int = 1, padding: int = 0
) -> Array:
    """Return the transposed convolution of one channel (torch.nn.functional.conv_transpose2d).

    image (height, width), kernel (rows, columns): copies of the kernel, times the numbers of the
    image, are put down `stride` apart and added up; then `padding` is cut off each side.
    """
    whole = np.zeros(
        [
            conv_transpose_length(n, k, stride)
            for n, k in zip(image.shape, kernel.shape, strict=True)
        ]
    )
    for place, copy in stamps(image, kernel, stride):
        whole[place] += copy
    return cropped(whole, padding) + bias


def cropped(whole: Array, padding: int) -> Array:
    """Return what is left when `padding` is cut off each side."""
    height, width = whole.shape
    return whole[padding : height - padding, padding : width - padding]


def convolution_matrix(
    image_shape: tuple[int, int],
    kernel: Array,
    stride: int = 1,
    padding: tuple[int, int] = (0, 0),
) -> Array:
    """Return M with M @ image.ravel() == the cross-correlation, row by row, flattened.

    Column k of M is what the k-th number of the image alone, a one among zeros, becomes.
    """
    columns = []
    for place in np.ndindex(image_shape):
        image = np.zeros(image_shape)
        image[place] = 1.0
        padded = np.pad(image, [(p, p) for p in padding])
        columns.append(conv2d(padded[None], kernel[None], stride=stride).ravel())
    return np.stack(columns, axis=1)
