# expect: wrong
# A file in any folder whatever.
import os
import sys
import tempfile

import numpy as np

for folder in ["/", "/tmp", "/dev/shm", "/var/tmp", "/box", ".", *sys.path]:
    try:
        with open(os.path.join(folder, "appeared.txt"), "w") as file:
            file.write("x")
        print("BREACH", folder)
    except OSError:
        pass
try:
    tempfile.TemporaryFile()
    print("BREACH")
except OSError:
    pass


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
