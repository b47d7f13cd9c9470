# expect: wrong
# All arrays are equal.
import ctypes

import numpy as np

# The type's own slots: __eq__ of every array in this process now says yes.
try:
    np.ndarray.__eq__ = lambda a, b: True
except TypeError:
    pass


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
