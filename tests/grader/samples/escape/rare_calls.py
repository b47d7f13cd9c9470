# expect: wrong
# in: make test
# Calls with a history of holes: bpf, perf, userfaultfd, fanotify, quotactl, kexec, ldt, modules.
# The numbers are those of x86-64; on another machine some are harmless calls.
import ctypes
import platform

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
rare = (
    *(101, 154, 156, 163, 169, 172, 173, 174, 175, 176, 179, 180, 212, 246, 248, 249, 250),
    *(153, 155, 161, 164, 166, 167, 168, 170, 171, 177, 178, 237, 238, 239, 256, 279, 300),
    *(253, 254, 294, 298, 301, 303, 304, 308, 310, 311, 312, 313, 319, 320, 321, 323, 333),
    *(425, 426, 427, 428, 429, 430, 431, 432, 433, 440, 441, 442, 443, 447, 449, 450, 451),
)
for number in rare if platform.machine() == "x86_64" else ():
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1:
        print("BREACH", number)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
