# expect: wrong
# socket, connect, sendmmsg, bind, accept4 by number: x86-64, and aarch64 for what is there another.
import ctypes

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
space = ctypes.create_string_buffer(128)
for number in (41, 42, 43, 44, 45, 46, 47, 49, 50, 53, 288, 299, 307):
    if libc.syscall(number, 3, space, 128, 0, 0, 0) != -1:
        print("BREACH", number)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
