# expect: crashed
# in: make test
# An array without entries, for one axis is 0, and with others longer than any array can be.
import os
import struct

payload = struct.pack("<I", 0) + bytes([0, 1, 1, 4]) + struct.pack("<4I", 0, *[2**32 - 1] * 3)
os.write(3, b"R" + struct.pack("<I", len(payload)) + payload)
os._exit(0)
