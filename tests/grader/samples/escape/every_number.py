# expect: wrong
# Every number that no kernel has given out yet, with the high bits that a filter may not look at.
# The numbers are those of x86-64; on another machine some are harmless calls.
import ctypes
import platform

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
high = [2**32 + n for n in (41, 56, 57, 59, 101)] if platform.machine() == "x86_64" else []
for number in (*range(472, 1024), *high):
    if libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0) != -1:
        print("BREACH", number)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
