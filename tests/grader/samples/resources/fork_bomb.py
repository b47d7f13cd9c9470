# expect: error
# in: make test
# Processes without end.
import os

while True:
    os.fork()
