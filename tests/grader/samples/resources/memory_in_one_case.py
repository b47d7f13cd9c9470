# expect: memory
# An array of 80 GB in a call.
import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.ones((10**5, 10**5))
