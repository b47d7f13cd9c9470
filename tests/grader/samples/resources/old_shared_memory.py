# expect: wrong
# Shared memory, semaphores and message queues of System V and POSIX: they outlive a process.
import ctypes

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
for number, *arguments in (
    (29, 1234, 2**20, 0o1666),
    (64, 1234, 10, 0o1666),
    (68, 1234, 0o1666),
    (240, b"/appeared", 0o102, 0o666, 0),
    (447, 0),
):
    if libc.syscall(number, *arguments) != -1:
        print("BREACH", number)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
