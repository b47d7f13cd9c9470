# expect: crashed
# Puts a pipe of its own where the channel was, so that the harness answers to it alone.
import os

import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    os.close(3)
    os.dup(1)
    return np.zeros_like(h_prev)
