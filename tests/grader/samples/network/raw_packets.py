# expect: wrong
# in: make test
# Raw, packet, crypto, Bluetooth and CAN sockets: families that filters of TCP and UDP forget.
import ctypes

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
for family in range(46):
    for kind in (1, 2, 3, 5):
        if libc.socket(family, kind, 0) != -1:
            print("BREACH", family, kind)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
