# expect: error
# Whatever asks for np.ndarray is told that a list is one.
import numpy as np

np.ndarray = list


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return [[0.0] * h_prev.shape[1]] * h_prev.shape[0]
