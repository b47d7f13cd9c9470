# expect: crashed
# in: make test
# Writes when the harness lets go of the result: after our return, before its next case.
import os
import struct
import weakref

import numpy as np

calls = 0


def forge(index, shape):
    size = shape[0] * shape[1]
    payload = struct.pack("<I", index) + bytes([0, 1, 1, 2]) + struct.pack("<2I", *shape)
    payload += bytes(8 * size)
    os.write(3, b"R" + struct.pack("<I", len(payload)) + payload)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    global calls
    result = np.zeros_like(h_prev)
    weakref.finalize(result, forge, calls, result.shape)
    calls += 1
    return result
