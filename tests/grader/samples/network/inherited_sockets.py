# expect: wrong
# Looks for a socket that the zygote or the supervisor left open, to speak to the marker as they do.
import os
import stat

import numpy as np

for descriptor in range(1024):
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        continue
    if descriptor > 3 or (stat.S_ISSOCK(mode) and descriptor != 3):
        print("BREACH", descriptor)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
