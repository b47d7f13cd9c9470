# expect: wrong
# A program of its own in the kernel, or a map of one.
# x86-64 call 321; on another machine the number is another call, as surely refused.
import ctypes
import os

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(321, 0, bytes(64), 64) != -1:
    os.write(1, b"BREACH")


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
