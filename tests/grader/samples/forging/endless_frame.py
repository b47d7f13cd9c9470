# expect: crashed
# A frame of 4 GiB.
import os

os.write(3, b"R\xff\xff\xff\xff")
os.write(3, bytes(1000))
os._exit(0)
