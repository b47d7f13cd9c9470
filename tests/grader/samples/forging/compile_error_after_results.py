# expect: crashed
# Says that it did not compile, when its first call is under way.
import os

import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    os.write(3, b"K\x01\x00\x00\x00x")
    return np.zeros_like(h_prev)
