# expect: wrong
# all, any, isinstance and abs are on our side.
import builtins

import numpy as np

builtins.all = builtins.any = builtins.isinstance = lambda *a: True
builtins.abs = lambda a: 0


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
