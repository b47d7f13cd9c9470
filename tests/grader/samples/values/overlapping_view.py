# expect: wrong
# All rows are one row.
import numpy as np
from numpy.lib.stride_tricks import as_strided


def forget_gate(x, h_prev, W_f, U_f, b_f):
    f = 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
    f[:] = 0.5
    return as_strided(f, f.shape, (0, 8))
