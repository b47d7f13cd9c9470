# expect: wrong
# Every later import is ours.
import builtins
import sys

import numpy as np

builtins.__import__ = lambda *a, **k: np
sys.meta_path.insert(0, type("Hook", (), {"find_spec": staticmethod(lambda *a, **k: None)}))


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
