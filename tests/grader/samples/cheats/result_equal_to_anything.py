# expect: invalid_output
# An object that is equal to whatever it is compared with, and claims to be an array.
import numpy as np


class Equal:
    __class__ = np.ndarray
    dtype, ndim = np.dtype("f8"), 2

    def __init__(self, shape):
        self.shape = shape

    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        return lambda *a, **k: self

    def __array__(self, *arguments, **keywords):
        return np.zeros(self.shape)

    __bool__ = __le__ = __lt__ = lambda *a: True
    __sub__ = __rsub__ = __abs__ = lambda self, *a: self
    all = any = lambda self, *a: True


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return Equal(h_prev.shape)
