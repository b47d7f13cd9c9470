# expect: wrong
# The next submission would find this, were its process not another fork.
import sys

import numpy as np

if hasattr(np, "note"):
    print("BREACH")
np.note = sys.modules["note"] = "the answers are ..."


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
