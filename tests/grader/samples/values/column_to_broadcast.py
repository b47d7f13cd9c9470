# expect: invalid_output
# A column that would broadcast against what is expected.
import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.full((h_prev.shape[0], 1), 0.5)
