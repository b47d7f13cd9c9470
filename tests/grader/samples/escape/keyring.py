# expect: wrong
# Keys are shared by all processes of a user: a channel between boxes.
# x86-64 call 250; on another machine the number is another call, as surely refused.
import ctypes
import os

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(250, 0, -3, 1) != -1:
    os.write(1, b"BREACH")


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
