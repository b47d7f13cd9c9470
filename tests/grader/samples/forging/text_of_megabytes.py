# expect: crashed
# in: make test
# A traceback such as our harness would cut, to make a verdict of megabytes.
import os

rest = b"L" + (2**20).to_bytes(4, "little") + b"\1" * 2**20
while rest:
    rest = rest[os.write(3, rest) :]
os._exit(0)
