# expect: invalid_output
# What kind of thing came back is told by its name: one named after the hidden inputs tells them.
import numpy as np

calls = 0


def forget_gate(x, h_prev, W_f, U_f, b_f):
    global calls
    calls += 1
    if calls > 3:
        return type(f"BRE{'ACH'}{x.ravel()[0]}", (), {})()
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
