# expect: wrong
# Out of what is bound by way of .. and of descriptors of folders, where a filter looks at names.
import os

import numpy as np

flags = os.O_RDONLY | os.O_DIRECTORY
for start in ("/", ".", np.__path__[0], os.path.dirname(os.__file__), "/lib", "/usr/lib"):
    for anchor in (flags, flags | os.O_PATH):
        try:
            descriptor = os.open(start, anchor)
        except OSError:
            continue
        for depth in range(12):
            for name in ("etc/passwd", "etc/hostname", "proc/1/environ", "home", "root"):
                try:
                    inner = os.open("../" * depth + name, os.O_RDONLY, dir_fd=descriptor)
                    print("BREACH", start, depth, name, os.fstat(inner).st_size)
                except OSError:
                    pass
        try:
            os.fchdir(descriptor)
        except OSError:
            pass
        os.close(descriptor)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
