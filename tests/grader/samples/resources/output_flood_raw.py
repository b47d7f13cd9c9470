# expect: output_limit
# Writes to the output without end, past Python's streams.
import os

while True:
    os.write(2, bytes(60000))
