# expect: wrong
# A filter of our own, with a supervisor to notify: it would answer for the first one.
import ctypes
import struct

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
allow = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000), 8)
program = ctypes.create_string_buffer(struct.pack("@HP", 1, ctypes.addressof(allow)), 16)
if libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0:
    print("BREACH")
for flags in (0, 1, 8):
    if libc.syscall(317, 1, flags, ctypes.byref(program)) != -1:
        print("BREACH", flags)
# Landlock, prctl's own switches, personality.
for number in (444, 446, 157, 135):
    if libc.syscall(number, 0, 0, 0, 0, 0) != -1:
        print("BREACH", number)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
