# expect: wrong
# in: make test
# The environment, memory and open files of whoever else runs, by number.
import os

import numpy as np

for process in ["self", "thread-self", *range(1, 400)]:
    for name in ("environ", "maps", "mem", "cmdline", "status", "cwd", "root", "exe", "fd/3"):
        path = f"/proc/{process}/{name}"
        try:
            if name in {"cwd", "root", "exe"}:
                print("BREACH", os.readlink(path))
            else:
                print("BREACH", len(open(path, "rb").read(10)))
        except OSError:
            pass


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
