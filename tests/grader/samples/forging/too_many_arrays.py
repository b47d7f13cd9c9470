# expect: crashed
# A tuple of 255 arrays, each of eight axes and no entry.
import os
import struct

array = bytes([1, 8]) + bytes(32)
payload = struct.pack("<I", 0) + bytes([1, 255]) + array * 255
os.write(3, b"R" + struct.pack("<I", len(payload)) + payload)
os._exit(0)
