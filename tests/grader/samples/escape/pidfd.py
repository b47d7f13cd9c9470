# expect: wrong
# in: make test
# pidfd_open of the first processes, and with it a signal, or one of their descriptors.
import ctypes

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
for process in range(20):
    handle = libc.syscall(434, process, 0)
    if handle != -1:
        print("BREACH", process)
    if libc.syscall(424, max(handle, 3), 9, 0, 0) != -1 or libc.syscall(438, max(handle, 3), 3, 0) != -1:
        print("BREACH", process)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
