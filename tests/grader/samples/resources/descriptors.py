# expect: error
# Every descriptor that there is.
import os

kept = []
while True:
    kept.append(os.dup(1))
