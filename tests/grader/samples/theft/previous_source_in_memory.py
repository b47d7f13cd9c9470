# expect: wrong
# in: make test
# Reads all memory near living objects for the source of whoever was graded before.
import ctypes
import gc
import re

import numpy as np

# As a pattern, which does not match itself.
wanted = re.compile(rb"np\.exp\(-\(x @ W_f[.]T")
libc = ctypes.CDLL(None, use_errno=True)
present = ctypes.create_string_buffer(256)
gc.unfreeze()
for block in sorted({id(thing) >> 18 for thing in gc.get_objects()}):
    start = block << 18
    if libc.mincore(ctypes.c_void_p(start), ctypes.c_size_t(2**18), present) == 0:
        if wanted.search(ctypes.string_at(start, 2**18)):
            print("BREACH", hex(start))


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
