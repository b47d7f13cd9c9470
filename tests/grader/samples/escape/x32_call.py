# expect: crashed|wrong
# exec by its number of the x32 calls, past a filter of 64-bit numbers.
# x86-64 call 1073741863; on another machine the number is another call, as surely refused.
import ctypes
import os

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(1073741863, 0) != -1:
    os.write(1, b"BREACH")


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
