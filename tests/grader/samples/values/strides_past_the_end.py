# expect: wrong|invalid_output|crashed
# in: make test
# A view that reaches past its memory, into what lies behind it.
import numpy as np
from numpy.lib.stride_tricks import as_strided


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return as_strided(np.zeros(1), h_prev.shape, (2**12, 8))
