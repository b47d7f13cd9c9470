import numpy as np


def max_pool2d(x, kernel, stride):
    batch, channels, height, width = x.shape
    rows = (height - kernel) // stride + 1
    columns = (width - kernel) // stride + 1
    y = np.empty((batch, channels, rows, columns))
    for r in range(rows):
        for c in range(columns):
            top, left = r * stride, c * stride
            y[:, :, r, c] = x[:, :, top : top + kernel, left : left + kernel].max(axis=(2, 3))
    return y
