# expect: crashed
# The second case is answered first, to have the first one taken for it.
import os
import struct

import numpy as np

calls = 0


def forget_gate(x, h_prev, W_f, U_f, b_f):
    global calls
    calls += 1
    f = 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
    if calls == 1:
        payload = struct.pack("<I", 1) + bytes([0, 1, 1, 2]) + struct.pack("<2I", *f.shape)
        payload += f.tobytes()
        os.write(3, b"R" + struct.pack("<I", len(payload)) + payload)
    return f
