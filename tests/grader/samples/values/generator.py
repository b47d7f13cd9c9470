# expect: invalid_output
# A generator that nobody runs.
import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    yield np.zeros_like(h_prev)
