# expect: crashed
import os

os.write(3, b"accepted" * 100)
