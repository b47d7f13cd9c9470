# expect: crashed
# Half an answer, and then a clean end.
import os
import struct

import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    payload = struct.pack("<I", 0) + bytes([0, 1, 1, 2]) + struct.pack("<2I", *h_prev.shape)
    os.write(3, b"R" + struct.pack("<I", len(payload) + h_prev.nbytes) + payload)
    os._exit(0)
