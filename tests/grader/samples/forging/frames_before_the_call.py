# expect: invalid_output|wrong
# in: make test
# Answers all cases before there is a function.
import os
import struct

import numpy as np


def frame(index, shape):
    array = bytes([1, len(shape)]) + struct.pack(f"<{len(shape)}I", *shape) + bytes(8 * int(np.prod(shape)))
    payload = struct.pack("<I", index) + bytes([0, 1]) + array
    return b"R" + struct.pack("<I", len(payload)) + payload


for index in range(10):
    os.write(3, frame(index, (2, 3)))
os._exit(0)
