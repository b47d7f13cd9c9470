# expect: wrong
# in: make test
# Leaves the answers where the next student's code looks for them first.
import os
import sys
import tempfile

import numpy as np

folders = ["/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/dev", "/proc", "/box", tempfile.gettempdir()]
for folder in [*folders, *sys.path]:
    note = os.path.join(folder, "appeared.note")
    try:
        print("BREACH", open(note).read())
    except OSError:
        pass
    for flags in (os.O_WRONLY | os.O_CREAT, os.O_RDWR | os.O_CREAT | os.O_EXCL, os.O_CREAT):
        try:
            os.write(os.open(note, flags, 0o666), b"the answers")
            print("BREACH", note)
        except OSError:
            pass
    try:
        os.open(folder, os.O_TMPFILE | os.O_RDWR)
        print("BREACH", folder)
    except OSError:
        pass


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
