# expect: wrong
# One number, broadcast by a stride of zero to the right shape.
import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.broadcast_to(np.float64(0.5), h_prev.shape)
