# expect: invalid_output|wrong
# An array of bool whose bytes are 2 and 255: true to one comparison, and equal to none.
import os
import struct

payload = bytes([0, 1, 4, 2]) + struct.pack("<2I", 2, 3) + bytes([2, 255, 128, 7, 3, 1])
for index in range(10):
    frame = struct.pack("<I", index) + payload
    os.write(3, b"R" + struct.pack("<I", len(frame)) + frame)
os._exit(0)
