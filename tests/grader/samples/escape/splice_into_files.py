# expect: wrong
# pipe, splice, tee, vmsplice, sendfile, copy_file_range: the roads of "dirty pipe".
import ctypes
import os

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
library = os.open(np.__file__, os.O_RDONLY)
ends = (ctypes.c_int * 2)()
if libc.pipe(ends) == 0 or libc.pipe2(ends, 0) == 0:
    print("BREACH")
for number in (275, 276, 278, 40, 326):
    if libc.syscall(number, library, 0, 1, 0, 1, 0) != -1:
        print("BREACH", number)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
