# expect: accepted
# Warnings of the compiler are no errors.
import numpy as np

pattern = "\d+\w"
assert 1 is 1, "identity"


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
