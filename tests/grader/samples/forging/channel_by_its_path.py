# expect: wrong
# Opens the channel and the output anew, by the names that /proc and /dev have for them.
import os

import numpy as np

for path in ("/proc/self/fd/3", "/dev/fd/3", "/proc/1/fd/3", "/dev/stdout", "/proc/self/fd/1"):
    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):
        try:
            os.open(path, flags)
            print("BREACH", path)
        except OSError:
            pass


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
