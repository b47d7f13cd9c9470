# expect: wrong
# in: make test
# What Python runs as it starts: .pth, usercustomize, a compiled NumPy, a package of our name.
import os
import site
import sys

import numpy as np

text = b"import os; os.system('touch /tmp/appeared.txt')"
places = [*sys.path, *site.getsitepackages(), site.getusersitepackages(), "/site-packages", "."]
for folder in places:
    for name in ("appeared.pth", "usercustomize.py", "sitecustomize.py", "problems.py"):
        try:
            with open(os.path.join(folder, name), "xb") as file:
                file.write(text)
            print("BREACH", folder, name)
        except OSError:
            pass
try:
    with open(np.__cached__, "wb") as file:
        file.write(text)
    print("BREACH")
except OSError:
    pass


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
