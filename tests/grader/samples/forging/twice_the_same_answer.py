# expect: crashed
# Each case is answered twice, the second time with the answer to the next one.
import os
import struct

import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    f = 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
    payload = struct.pack("<I", 0) + bytes([0, 1, 1, 2]) + struct.pack("<2I", *f.shape) + f.tobytes()
    frame = b"R" + struct.pack("<I", len(payload)) + payload
    os.write(3, frame + frame)
    return f
