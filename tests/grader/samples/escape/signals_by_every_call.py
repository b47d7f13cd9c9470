# expect: wrong
# kill, tkill, tgkill, rt_sigqueueinfo: to the group, to everybody, to the zygote.
# The numbers are those of x86-64; on another machine some are harmless calls.
import ctypes
import platform

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
for target in (0, -1, 1, 2, 3, -2) if platform.machine() == "x86_64" else ():
    for number in (62, 200):
        if libc.syscall(number, target, 9) != -1:
            print("BREACH", number, target)
    if libc.syscall(234, target, target, 9) != -1 or libc.syscall(129, target, 9, bytes(128)) != -1:
        print("BREACH", target)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
