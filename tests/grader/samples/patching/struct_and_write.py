# expect: wrong|crashed
# Between the harness and the channel: every frame becomes a result of zeros.
import os
import struct

import numpy as np

write, shape = os.write, (1, 1)


def forge(descriptor, data):
    if descriptor != 3:
        return write(descriptor, data)
    (index,) = struct.unpack_from("<I", bytes(data), 5)
    payload = struct.pack("<I", index) + bytes([0, 1, 1, 2]) + struct.pack("<2I", *shape)
    payload += bytes(8 * shape[0] * shape[1])
    write(3, b"R" + struct.pack("<I", len(payload)) + payload)
    return len(data)


os.write = forge


def forget_gate(x, h_prev, W_f, U_f, b_f):
    global shape
    shape = h_prev.shape
    raise ValueError("never seen")
