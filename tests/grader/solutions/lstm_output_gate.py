import numpy as np


def output_gate(x, h_prev, W_o, U_o, b_o):
    z = x @ W_o.T + h_prev @ U_o.T + b_o
    return 1 / (1 + np.exp(-z))
