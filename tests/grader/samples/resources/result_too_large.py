# expect: invalid_output
# A result of 8 MB.
import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros((1000, 1000))
