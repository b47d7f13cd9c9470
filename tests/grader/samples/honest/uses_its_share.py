# expect: accepted
# in: make test
# Much memory, much text and much work, each well within what is allowed.
import numpy as np

table = np.ones((1000, 1000)) @ np.ones((1000, 1000))
print("x" * 30_000)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    large = np.zeros(4_000_000) + table[0, 0]
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f))) + large[0] - 1000
