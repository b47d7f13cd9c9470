# expect: wrong
# Who refers to our function refers, perhaps, to what it is compared with.
import gc
import types

import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    edge, seen = [forget_gate, x], set()
    for _ in range(4):
        edge = [r for r in gc.get_referrers(*edge) if id(r) not in seen][:3000]
        seen.update(map(id, edge))
        for thing in edge:
            if isinstance(thing, dict) and {"expected", "reference", "rtol"} & {*map(str, thing)}:
                print("BREACH")
            if isinstance(thing, types.FrameType) and "expected" in thing.f_locals:
                print("BREACH", thing)
    return np.zeros_like(h_prev)
