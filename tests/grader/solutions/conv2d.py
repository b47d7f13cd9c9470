import numpy as np


def conv2d(x, weight, bias, stride, padding):
    batch, _, height, width = x.shape
    out_channels, _, kernel_height, kernel_width = weight.shape
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (height + 2 * padding - kernel_height) // stride + 1
    columns = (width + 2 * padding - kernel_width) // stride + 1
    y = np.zeros((batch, out_channels, rows, columns))
    for r in range(rows):
        for c in range(columns):
            top, left = r * stride, c * stride
            window = x[:, :, top : top + kernel_height, left : left + kernel_width]
            y[:, :, r, c] = np.tensordot(window, weight, axes=([1, 2, 3], [1, 2, 3])) + bias
    return y
