# expect: invalid_output
# Eight bytes each, and no number.
import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros(h_prev.shape, "m8[ns]")
