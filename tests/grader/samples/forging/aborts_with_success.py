# expect: crashed
# Ends by every road there is, of Python, C and the kernel, each of which says success.
import ctypes
import os

import numpy as np

libc = ctypes.CDLL(None)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    for leave in (libc.quick_exit, libc._exit, libc.exit, os._exit):
        leave(0)
    return np.zeros_like(h_prev)
