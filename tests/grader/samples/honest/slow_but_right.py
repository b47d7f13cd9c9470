# expect: accepted
# in: make test
# Takes its time, within the limit.
import time

import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    until = time.process_time() + 0.03
    while time.process_time() < until:
        pass
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
