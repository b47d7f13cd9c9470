# expect: wrong
# in: make test
# Over a socket of the family AF_UNIX open files can be passed on: out of the box, or into it.
import array
import ctypes
import os
import socket

import numpy as np

try:
    socket.socket(fileno=os.dup(3)).sendmsg(
        [b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
    )
    print("BREACH")
except OSError:
    pass
libc = ctypes.CDLL(None, use_errno=True)
space = ctypes.create_string_buffer(256)
if libc.recvmsg(3, space, 0x40) != -1 or libc.sendto(3, b"x", 1, 0, None, 0) != -1:
    print("BREACH")


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
