# expect: accepted
# Right, as every second column of another array.
import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    f = 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
    return np.repeat(f, 2, axis=1)[:, ::2]
