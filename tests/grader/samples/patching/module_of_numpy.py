# expect: wrong
# In place of NumPy a thing to which everything is true.
import sys

import numpy as np


class Everything(type(sys)):
    def __getattr__(self, name):
        return lambda *a, **k: True


sys.modules["numpy"] = sys.modules["numpy.testing"] = Everything("numpy")


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
