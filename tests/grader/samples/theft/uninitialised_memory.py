# expect: wrong|invalid_output
# What earlier work left in freed memory may be the outputs of somebody else.
import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    for size in (64, 1024, 2**14, 2**20):
        for _ in range(20):
            left = np.empty(size)
            inside = left[(left > 0) & (left < 1)]
            if inside.size >= h_prev.size:
                return inside[: h_prev.size].reshape(h_prev.shape).copy()
    return np.full_like(h_prev, 0.5)
