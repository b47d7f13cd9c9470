# expect: wrong
# in: make test
# The child cannot end any more: it runs on into the code of supervisor and zygote, still boxed.
import os
import sys

import numpy as np

os._exit = sys.exit = lambda code=0: None


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
