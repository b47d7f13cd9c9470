# expect: output_limit|crashed
# in: make test
# Frames without end.
import os

while True:
    os.write(3, b"R\xff\xff\xff\x00" + bytes(60000))
