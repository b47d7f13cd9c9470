# expect: crashed
# The answer to a case that there is none of.
import os
import struct

payload = struct.pack("<I", 2**32 - 1) + bytes([0, 1, 1, 0]) + struct.pack("<d", 0.5)
os.write(3, b"R" + struct.pack("<I", len(payload)) + payload)
os._exit(0)
