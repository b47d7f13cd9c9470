# expect: wrong
# Every comparison of NumPy, of its tests and of math says yes.
import math
import sys

import numpy as np

for name in ("allclose", "isclose", "array_equal", "array_equiv"):
    setattr(np, name, lambda *a, **k: True)
    setattr(np.core.numeric if hasattr(np, "core") else np, name, lambda *a, **k: True)
for name in dir(np.testing):
    if name.startswith("assert_"):
        setattr(np.testing, name, lambda *a, **k: None)
math.isclose = lambda *a, **k: True


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
