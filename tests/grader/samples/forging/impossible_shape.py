# expect: crashed
# Eight axes of 4 G each.
import os
import struct

payload = struct.pack("<I", 0) + bytes([0, 1, 1, 8]) + b"\xff" * 32
os.write(3, b"R" + struct.pack("<I", len(payload)) + payload)
