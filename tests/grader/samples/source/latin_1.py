# expect: accepted
# -*- coding: latin-1 -*-
# Another encoding, which it declares.
import numpy as np

name = "café"


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
