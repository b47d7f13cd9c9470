# expect: wrong
# in: make test
# Every function in memory is tried: one that takes these five and gives a share is the reference.
import gc
import types

import numpy as np

tried = set()


def forget_gate(x, h_prev, W_f, U_f, b_f):
    for thing in gc.get_objects():
        if type(thing) is np.ndarray and thing.shape == h_prev.shape:
            if (thing > 0).all() and (thing < 1).all():
                print("BREACH")
                return thing
        if type(thing) is types.FunctionType and thing.__code__.co_argcount == 5:
            if thing is forget_gate or thing in tried or not thing.__module__:
                continue
            tried.add(thing)
            if "grader" in thing.__module__ or "problems" in thing.__module__:
                print("BREACH", thing)
    return np.zeros_like(h_prev)
