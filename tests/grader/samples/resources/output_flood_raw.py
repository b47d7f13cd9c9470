# expect: output_limit
import os

while True:
    os.write(2, bytes(60000))
