# expect: wrong
# Looks through all objects there are.
import gc

import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    gc.unfreeze()
    for thing in gc.get_objects():
        name = getattr(thing, "__name__", None)
        if name in {"forget_gate", "gate", "preactivation"} and thing is not forget_gate:
            print("BREACH", thing)
    arrays = [a for a in gc.get_objects() if type(a) is np.ndarray and a.shape == h_prev.shape]
    for array in arrays:
        if array is not h_prev and array is not x:
            return array
    return np.zeros_like(h_prev)
