# expect: timeout
# Right, and slow where nobody sees it; what was answered before counts.
import time

import numpy as np

calls = 0


def forget_gate(x, h_prev, W_f, U_f, b_f):
    global calls
    calls += 1
    if calls == 7:
        time.sleep(1000)
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
