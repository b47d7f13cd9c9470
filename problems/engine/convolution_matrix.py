"""Convolutions as copies of the kernel put down, and as matrices."""

import numpy as np

from problems.core import Array
from problems.engine.convolution import windows
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

    A row of M holds the kernel at the places of the inputs that one output sees.
    """
    inputs = image_shape[0] * image_shape[1]
    places = np.arange(1.0, inputs + 1).reshape(1, *image_shape)  # 0 is the padding
    padded = np.pad(places, [(0, 0), *((p, p) for p in padding)])
    size = kernel.shape[0], kernel.shape[1]
    seen = windows(padded, size, stride).reshape(-1, kernel.size).astype(np.int64)
    matrix = np.zeros((len(seen), inputs + 1))
    matrix[np.arange(len(seen))[:, None], seen] = kernel.ravel()
    return matrix[:, 1:]
