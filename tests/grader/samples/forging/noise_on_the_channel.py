# expect: crashed
# Bytes that are no frame.
import os

os.write(3, b"accepted" * 100)
