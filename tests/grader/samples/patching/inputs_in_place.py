# expect: wrong
# Changes the inputs, for the reference to get them too.
import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    for argument in (x, h_prev, W_f, U_f, b_f):
        argument[...] = 0.0
    return np.zeros_like(h_prev)
