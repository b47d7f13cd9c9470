# expect: crashed
# The collector calls us back between any two lines of the harness.
import gc
import os

import numpy as np


def collected(phase, information):
    os.write(3, b"R\4\0\0\0")


def forget_gate(x, h_prev, W_f, U_f, b_f):
    gc.callbacks.append(collected)
    gc.set_threshold(1, 1, 1)
    return np.zeros_like(h_prev)
