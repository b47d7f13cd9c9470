# expect: accepted
# in: make test
# As prints_hidden_inputs_raw, by a stream of before the calls and by one with a buffer of its own.
import os
import sys

import numpy as np

saved = sys.stdout
buffered = os.fdopen(1, "w", buffering=2**16, closefd=False)
calls = 0


def forget_gate(x, h_prev, W_f, U_f, b_f):
    global calls
    calls += 1
    if calls > 3:
        print("BREACH", x, file=saved)
    print("BREACH", x, file=buffered)
    if calls == 10:
        buffered.flush()
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
