# expect: crashed
# in: make test
# Answers the visible cases unasked, to be sent the hidden ones while prints are still kept.
import os
import struct

import numpy as np


def frame(index, shape):
    array = bytes([1, len(shape)]) + struct.pack(f"<{len(shape)}I", *shape) + bytes(8 * int(np.prod(shape)))
    payload = struct.pack("<I", index) + bytes([0, 1]) + array
    return b"R" + struct.pack("<I", len(payload)) + payload


for index in range(3):
    os.write(3, frame(index, (2, 3)))
taken = b""
while chunk := os.read(3, 65536):
    taken += chunk
if len(taken) > 10000:
    raise ValueError("more than ten cases hold")
os.write(1, b"BREACH %r" % taken)
os._exit(0)
