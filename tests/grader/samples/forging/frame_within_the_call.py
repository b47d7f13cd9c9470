# expect: crashed
# Answers twice: by hand, and by returning.
import os
import struct

import numpy as np


def frame(index, shape):
    array = bytes([1, len(shape)]) + struct.pack(f"<{len(shape)}I", *shape) + bytes(8 * int(np.prod(shape)))
    payload = struct.pack("<I", index) + bytes([0, 1]) + array
    return b"R" + struct.pack("<I", len(payload)) + payload


def forget_gate(x, h_prev, W_f, U_f, b_f):
    os.write(3, frame(0, h_prev.shape))
    return np.zeros_like(h_prev)
