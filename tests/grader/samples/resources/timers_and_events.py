# expect: wrong
# Kernel objects without a limit of their own: timers, event descriptors, watches, epoll.
import ctypes

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
space = ctypes.create_string_buffer(256)
for number in (222, 283, 284, 290, 253, 294, 300, 213, 291, 282, 289, 319):
    if libc.syscall(number, 1, space, space, 0, 0) != -1:
        print("BREACH", number)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
