# expect: accepted
# Loops over single numbers, type hints, a helper that calls itself.
import math

import numpy as np


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else 1 - sigmoid(-z)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    f = np.empty_like(h_prev)
    for n in range(f.shape[0]):
        for j in range(f.shape[1]):
            z = b_f[j]
            for k in range(x.shape[1]):
                z += x[n, k] * W_f[j, k]
            for k in range(f.shape[1]):
                z += h_prev[n, k] * U_f[j, k]
            f[n, j] = sigmoid(z)
    return f
