# expect: error
# Pipes, each with memory of the kernel's.
import os

kept = []
while True:
    kept.append(os.pipe())
