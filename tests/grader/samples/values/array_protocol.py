# expect: invalid_output
# in: make test
# An object that turns into an array only where it is asked to, and into another each time.
import numpy as np


class Later:
    __array_priority__ = 1e9

    def __init__(self, shape):
        self.shape = shape

    def __array__(self, dtype=None, copy=None):
        raise SystemExit("BREACH")

    @property
    def __array_interface__(self):
        return {"shape": self.shape, "typestr": "<f8", "data": (0, True), "version": 3}


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return Later(h_prev.shape)
