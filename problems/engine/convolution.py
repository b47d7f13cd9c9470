"""Values that convolutions and poolings give, as torch.nn.functional has them."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from problems.core import Array
from problems.engine.shapes import conv_length


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
    seen = windows(image, kernel.shape[1:], stride, padding)  # type: ignore[arg-type]
    return np.einsum("rcxij,xij->rc", seen, kernel) + bias


def max_pool(image: Array, kernel: int, stride: int) -> Array:
    """Return the largest number of each window; image (height, width) to (rows, columns)."""
    return windows(image[None], (kernel, kernel), stride).max(axis=(2, 3, 4))


def average_pool(
    image: Array, kernel: int, stride: int, padding: int = 0, *, count_padding: bool = True
) -> Array:
    """Return the mean of each window; image (height, width) to (rows, columns).

    Padding zeros count in the divisor, as in torch.nn.AvgPool2d, or do not (TensorFlow).
    """
    size = (kernel, kernel)
    sums = windows(image[None], size, stride, padding).sum(axis=(2, 3, 4))
    counts = windows(np.ones_like(image)[None], size, stride, padding).sum(axis=(2, 3, 4))
    return sums / (kernel**2 if count_padding else counts)


def batch_windows(x: Array, kernel: tuple[int, int], stride: int) -> Array:
    """Return the windows of a batch of images, as a view that must not be written to.

    x (batch, channels, height, width) to (batch, channels, rows, columns, *kernel).
    """
    every = sliding_window_view(x, kernel, axis=(2, 3))
    return every[:, :, ::stride, ::stride]


def conv2d_layer(x: Array, weight: Array, bias: Array, stride: int, padding: int) -> Array:
    """Return torch.conv2d's output, shape (batch, out channels, rows, columns).

    x (batch, in channels, height, width); weight (out channels, in channels, kernel height, kernel
    width); bias (out channels,). Zeros are padded on all four sides.
    """
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    seen = batch_windows(padded, weight.shape[2:], stride)  # type: ignore[arg-type]
    return np.einsum("bcrsij,ocij->bors", seen, weight) + bias[:, None, None]


def max_pool2d_layer(x: Array, kernel: int, stride: int) -> Array:
    """Return the largest number of each whole window; x (batch, channels, height, width)."""
    return batch_windows(x, (kernel, kernel), stride).max(axis=(4, 5))
