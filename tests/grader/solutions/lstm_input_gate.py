import numpy as np


def input_gate(x, h_prev, W_i, U_i, b_i):
    z = x @ W_i.T + h_prev @ U_i.T + b_i
    return 1 / (1 + np.exp(-z))
