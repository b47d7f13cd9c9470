# expect: crashed
# A second answer to the last case.
import os
import struct

import numpy as np


def frame(index, shape):
    array = bytes([1, len(shape)]) + struct.pack(f"<{len(shape)}I", *shape) + bytes(8 * int(np.prod(shape)))
    payload = struct.pack("<I", index) + bytes([0, 1]) + array
    return b"R" + struct.pack("<I", len(payload)) + payload


calls = 0


def forget_gate(x, h_prev, W_f, U_f, b_f):
    global calls
    calls += 1
    result = 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
    if calls == 10:
        payload = struct.pack("<I", 9) + bytes([0, 1, 1, 2]) + struct.pack("<2I", *result.shape) + result.tobytes()
        right = b"R" + struct.pack("<I", len(payload)) + payload
        os.write(3, right + right)
        os._exit(0)
    return result
