# expect: timeout|wrong|crashed
# Returns at once, and leaves the harness objects that take forever to let go.
import numpy as np


class Slow:
    def __del__(self):
        while True:
            pass


def forget_gate(x, h_prev, W_f, U_f, b_f):
    slow = Slow()
    return np.zeros_like(h_prev)
