# expect: accepted
# Keeps its inputs, and writes to them.
import numpy as np

kept = []


def forget_gate(x, h_prev, W_f, U_f, b_f):
    kept.append((x, W_f))
    x *= 1.0
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
