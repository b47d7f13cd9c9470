# expect: wrong
# in: make test
# What is registered for a fork would run in the next submission's process, were the zygote ours.
import os

import numpy as np

os.register_at_fork(
    before=lambda: os._exit(0),
    after_in_child=lambda: os._exit(0),
    after_in_parent=lambda: os._exit(0),
)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
