# expect: wrong
# The solution's file, wherever an autograder keeps it, is read and run.
import glob
import os
import sys

import numpy as np

for root in [*sys.path, "/autograder", "/grade", "/home", "/srv", "/app", "/opt", "/root"]:
    for name in ("solution*.py", "reference*.py", "answer*.py", "task.py", "recurrent.py", "test_*.py"):
        for path in glob.glob(os.path.join(root or ".", "**", name), recursive=True):
            if "site-packages" in path or path.startswith("/usr/"):
                continue
            text = open(path, "rb").read()
            if b"forget_gate" in text:
                print("BREACH", path)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
