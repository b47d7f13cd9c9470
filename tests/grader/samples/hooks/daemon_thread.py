# expect: error
# in: make test
# A thread that goes on when the call has returned, to write a better answer.
import os
import threading
import time

import numpy as np


def later():
    while True:
        time.sleep(0.001)
        os.write(3, b"R")


def forget_gate(x, h_prev, W_f, U_f, b_f):
    threading.Thread(target=later, daemon=True).start()
    return np.zeros_like(h_prev)
