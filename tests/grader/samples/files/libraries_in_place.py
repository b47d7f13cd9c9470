# expect: wrong
# in: make test
# Changes libraries that every student shares: truncated, renamed, linked, mapped, dated anew.
import mmap
import os

import numpy as np

path, folder = np.__file__, os.path.dirname(np.__file__)
for change in (
    lambda: os.truncate(path, 0),
    lambda: os.rename(path, path + ".old"),
    lambda: os.replace(folder, folder + ".old"),
    lambda: os.link(path, folder + "/appeared.py"),
    lambda: os.symlink(path, folder + "/appeared.py"),
    lambda: os.mkdir(folder + "/appeared"),
    lambda: os.mkfifo(folder + "/appeared"),
    lambda: os.mknod(folder + "/appeared"),
    lambda: os.utime(path, (0, 0)),
    lambda: os.chown(path, 1000, 1000),
    lambda: os.chmod(path, 0o777),
    lambda: os.setxattr(path, "user.note", b"x"),
    lambda: os.rmdir(folder),
    lambda: mmap.mmap(os.open(path, os.O_RDONLY), 0, mmap.MAP_SHARED, mmap.PROT_WRITE),
):
    try:
        change()
        print("BREACH")
    except (OSError, ValueError):
        pass


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
