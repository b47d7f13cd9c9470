# expect: wrong
# Every number that no kernel has given out yet, with the high bits that a filter may not look at.
import ctypes

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
for number in (*range(452, 1024), *(2**32 + n for n in (41, 56, 57, 59, 101))):
    if libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0) != -1:
        print("BREACH", number)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
