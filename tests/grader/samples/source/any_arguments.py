# expect: accepted
# Takes whatever comes.
import numpy as np


def forget_gate(*args, **kwargs):
    x, h_prev, W_f, U_f, b_f = args
    assert not kwargs
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
