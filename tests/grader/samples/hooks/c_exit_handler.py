# expect: wrong
# Handlers of C's own, which Python's os._exit would have to skip.
import ctypes

import numpy as np

libc = ctypes.CDLL(None)


@ctypes.CFUNCTYPE(None, ctypes.c_void_p)
def leave(_):
    libc.write(3, b"accepted", 8)


libc.__cxa_atexit(leave, None, None)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
