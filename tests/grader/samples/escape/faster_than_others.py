# expect: wrong
# More of the processor than one's share: priority, real time, another core, the clock itself.
import ctypes
import os

import numpy as np

for take in (
    lambda: os.nice(-20),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99)),
    lambda: os.sched_setaffinity(0, {0}),
    lambda: __import__("time").clock_settime(0, 0),
):
    try:
        take()
        print("BREACH")
    except OSError:
        pass
libc = ctypes.CDLL(None, use_errno=True)
for number in (251, 314, 203, 142, 144):
    if libc.syscall(number, 1, 0, 0, 0) != -1:
        print("BREACH", number)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
