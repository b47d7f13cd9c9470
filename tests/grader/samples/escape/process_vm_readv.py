# expect: wrong
# Reads the memory of process 1.
# x86-64 call 310; on another machine the number is another call, as surely refused.
import ctypes
import os

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(310, 1, bytes(16), 1, bytes(16), 1, 0) != -1:
    os.write(1, b"BREACH")


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
