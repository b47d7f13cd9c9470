# expect: timeout
# A loop in one case of several; what it printed before is kept.
import numpy as np

calls = 0


def forget_gate(x, h_prev, W_f, U_f, b_f):
    global calls
    calls += 1
    print("call", calls)
    while calls == 3:
        pass
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
