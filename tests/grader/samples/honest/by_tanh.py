# expect: accepted
# Another formula, by einsum.
import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return 0.5 * (1 + np.tanh((np.einsum("ni,hi->nh", x, W_f) + h_prev @ U_f.T + b_f) / 2))
