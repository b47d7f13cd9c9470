# expect: wrong
# Numbers at the edge of what there is.
import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    f = np.full_like(h_prev, -0.0)
    f.flat[::2] = 5e-324
    f.flat[::3] = 1.7e308
    return f
